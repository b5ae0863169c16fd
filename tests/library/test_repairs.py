"""Repairs: what is found, what is done about it, and that nothing is thrown away."""

import json
import os
import stat
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pongarena.core import paths
from pongarena.core.errors import SessionError
from pongarena.jobs.lock import model_lock
from pongarena.jobs.status import State
from pongarena.lab.experiments import LENGTHS, experiment
from pongarena.lab.store import create_run
from pongarena.library.metrics import MetricsTail
from pongarena.library.models import Library
from pongarena.library.repairs import Backup, needed_repairs, perform
from pongarena.library.sessions.session import run_session
from pongarena.library.staging import unfinished_files, unfinished_folders
from pongarena.nn.checkpoint import read_resume
from pongarena.training.registry import recipe

QUICK = recipe("karpathy", hidden_units=8, batch_episodes=2, games=2, checkpoint_every=2, max_frames=200)
GONE = 1 << 30
"""No process has this number."""
ROW = b'{"kind":"start","episode":0}'


@pytest.fixture
def library(tmp_path):
    return Library(bundled=tmp_path / "none")


@pytest.fixture
def model(library):
    return library.create("deep", QUICK, 3)


def repair_all(library):
    backup = Backup()
    for each in needed_repairs(library):
        perform(each, backup)
    return backup.folder


def names(folder):
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if not each.is_dir())


def test_a_library_in_order_needs_nothing(library, model):
    run_session("deep", episodes=2, library=library)
    assert needed_repairs(library) == []
    assert not repair_all(library).exists()


def test_everything_is_put_right_at_once_and_the_originals_are_kept(library, model, home):
    run_session("deep", episodes=4, library=library)
    metrics = model.path / "metrics.jsonl"
    rows = MetricsTail(metrics).read_new()
    with metrics.open("ab") as file:
        file.write(b"\0" * 40 + b"\n" + b'{"format_version":1,"kind":"epi')
    (model.path / "status.json").write_text("{")
    (model.path / "resume.npz").write_bytes((model.path / "resume.npz").read_bytes()[:-100])
    (model.path / "curve.npz").write_bytes(b"PK")
    (model.path / "requests").rmdir()
    for name in (f".status.json.{GONE}-0123abcd.part", "checkpoints/.ep000004.npz.abc_1234.part"):
        (model.path / name).write_text("half")
    (library.root / f".new-deep-{GONE}-abc").mkdir()
    (library.root / ".deleted-old-123").mkdir()
    (home / "matches.jsonl").write_text("no match\n")
    said = [(each.subject, each.found) for each in needed_repairs(library)]
    assert len(said) == len(set(said)) == 10

    backup = repair_all(library)
    assert needed_repairs(library) == []
    assert names(backup) == sorted(
        [
            "matches.jsonl",
            f"models/deep/.status.json.{GONE}-0123abcd.part",
            "models/deep/checkpoints/.ep000004.npz.abc_1234.part",
            "models/deep/curve.npz",
            "models/deep/metrics.jsonl",
            "models/deep/resume.npz",
            "models/deep/status.json",
        ]
    )
    tail = MetricsTail(metrics)
    assert tail.read_new() == rows
    assert tail.damaged == 0
    assert (model.status().state, model.status().episode) == (State.STOPPED, 4)
    assert (home / "matches.jsonl").read_text() == ""

    # the weights of the last checkpoint train on, and their history stays
    ended = run_session("deep", episodes=2, library=library)
    assert ended.episode == 6
    assert (model.curve().games.sum(), model.curve().episodes[-1]) == (6, 6)
    assert model.checkpoints()[-2:] == [4, 6]
    assert read_resume(model.path / "resume.npz")[1]["session"]["episode"] == 6


def test_a_session_that_died_without_a_word_is_told_of_once(library, model):
    run_session("deep", episodes=2, library=library)
    path = model.path / "status.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"state": "running", "pid": GONE}))
    assert model.status().state is State.CRASHED
    (repair,) = needed_repairs(library)
    assert "process is gone" in repair.found
    repair_all(library)
    assert (model.status().state, model.status().episode) == (State.STOPPED, 2)
    assert needed_repairs(library) == []


@pytest.mark.parametrize("record", [json.dumps({"format_version": 1, "state": "running", "pid": GONE}), "{"])
def test_a_run_of_the_lab_that_died_without_a_word_is_told_of_once(home, library, record):
    run = create_run(experiment("tight-crop"), LENGTHS[0])
    (run.path / "status.json").write_text(record)
    (repair,) = needed_repairs(library)
    assert repair.subject == f"lab/{run.id}/status.json"
    repair_all(library)
    assert run.status().state is State.STOPPED
    assert needed_repairs(library) == []


def test_files_of_a_newer_version_are_not_damage(library, model):
    run_session("deep", episodes=2, library=library)
    path = model.path / "status.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format_version": 99}))
    with (model.path / "metrics.jsonl").open("a") as file:
        file.write(json.dumps({"format_version": 99, "kind": "dream"}) + "\n")
    assert needed_repairs(library) == []


def test_nothing_is_done_to_a_model_that_somebody_works_on(library, model):
    stray = model.path / f".resume.npz.{GONE}-0123abcd.part"
    stray.write_text("half")
    (repair,) = needed_repairs(library)
    with model_lock(model.path), pytest.raises(SessionError, match="another process"):
        perform(repair, Backup())
    assert stray.exists()


def test_what_a_living_process_writes_is_not_left_over(tmp_path):
    (tmp_path / f".a.json.{os.getpid()}-0123abcd.part").write_text("")
    (tmp_path / f".new-a-{os.getpid()}-abcd").mkdir()
    (tmp_path / f".a.json.{GONE}-0123abcd.part").write_text("")
    (tmp_path / f".new-a-b-7-{GONE}-abcd").mkdir()
    (tmp_path / ".trash").mkdir()
    assert [each.name for each in unfinished_files(tmp_path)] == [f".a.json.{GONE}-0123abcd.part"]
    assert [each.name for each in unfinished_folders(tmp_path)] == [f".new-a-b-7-{GONE}-abcd"]


def test_something_in_the_place_of_the_lock_is_put_aside(library, model):
    (model.path / "lock").mkdir()
    repair_all(library)
    with model_lock(model.path):
        pass


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX permissions")
def test_others_may_read_the_data_when_the_user_wants_it_and_never_write(library, model, home):
    home.chmod(0o777)
    (repair,) = needed_repairs(library)
    assert "others may write" in repair.found
    repair_all(library)
    assert stat.S_IMODE(home.stat().st_mode) == 0o755
    assert needed_repairs(library) == []


@settings(max_examples=30)
@given(
    lines=st.lists(
        st.one_of(st.binary(max_size=30), st.just(ROW), st.just(b"x" * (2 << 20))),
        max_size=8,
    )
)
def test_cleaning_keeps_every_row_that_can_be_read_and_finds_nothing_twice(lines, tmp_path_factory):
    home = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PONGARENA_HOME", str(home))
        log = paths.matches_log()
        log.write_bytes(b"\n".join(lines))
        library = Library(bundled=home / "none")
        repair_all(library)
        assert needed_repairs(library) == []
        assert log.read_bytes().count(ROW) == sum(line == ROW for line in lines)


def test_the_command_asks_first_repairs_and_tells_where_the_originals_are(library, model, home):
    stray = model.path / f".resume.npz.{GONE}-0123abcd.part"
    stray.write_text("half")
    command = [sys.executable, "-m", "pongarena", "doctor", "--fix"]
    asked = subprocess.run(command, input="n\n", capture_output=True, text=True, check=False)
    assert "Repair this? The originals" in asked.stdout
    assert stray.exists()
    done = subprocess.run([*command, "--yes", "--json"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "1 of 1 repaired; the originals are in" in done.stderr
    assert not any(each["subject"] == "repair" for each in json.loads(done.stdout))
    assert not stray.exists()
    assert len(list((home / "backups").rglob("*.part"))) == 1


@pytest.mark.parametrize(
    "place", ["tournaments/20261121-120242-bf37b7", "lab/tight-crop-1", "lab/tight-crop-1/runs"]
)
def test_unfinished_files_of_tournaments_and_of_the_lab_are_found(home, place):
    stray = home / place / f".plan.json.{GONE}-0123abcd.part"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"{")
    (repair,) = needed_repairs(Library(bundled=home / "none"))
    backup = Backup()
    perform(repair, backup)
    assert not stray.exists()
    assert (backup.folder / place / stray.name).read_bytes() == b"{"


def test_logs_of_tournaments_and_of_the_lab_are_cleaned_while_nobody_writes_them(library, home):
    for folder, log in (
        (home / "tournaments" / "t", "matches.jsonl"),
        (home / "lab" / "l-1", "runs/1-1.jsonl"),
    ):
        (folder / log).parent.mkdir(parents=True)
        (folder / log).write_bytes(ROW + b'\n{"half":{"a":1}\n' + ROW + b"\n")
        for name in (f".new-x-{GONE}-abc", ".deleted-old"):
            (folder.parent / name).mkdir()
        with model_lock(folder):
            assert not [each for each in needed_repairs(library) if each.model == folder]
    assert len(needed_repairs(library)) == 6
    backup = repair_all(library)
    assert needed_repairs(library) == []
    for log in ("tournaments/t/matches.jsonl", "lab/l-1/runs/1-1.jsonl"):
        assert (home / log).read_bytes() == ROW + b"\n" + ROW + b"\n"
        assert b"half" in (backup / log).read_bytes()
    assert [each.name for room in ("tournaments", "lab") for each in (home / room).iterdir()] == ["t", "l-1"]
