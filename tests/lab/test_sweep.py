"""Sweeps: what may be varied, that nothing is lost, and what is claimed."""

import json
import os
import signal
import subprocess
import sys

import pytest

from pongarena.core.errors import InvalidSettingError, LibraryError, UnknownNameError
from pongarena.jobs.executor import ProcessExecutor
from pongarena.lab.piece import Budget, train_piece
from pongarena.lab.sweep import open_study, run_sweep
from pongarena.lab.sweep_plan import Axis, SweepPlan, create_sweep, find_sweep, parse_axis, sweeps
from pongarena.lab.sweep_report import SweepReport, TrialResult, read_sweep_report
from pongarena.training.registry import recipe
from tests.cli.running import run
from tests.test_formats import FORMATS
from tests.waiting import wait_until

TINY = {"hidden_units": 4, "max_frames": 1000}

JOURNAL = FORMATS / "sweeps" / "karpathy-1" / "journal.log"


def plan(**changes):
    return SweepPlan(
        **{
            "recipe": "karpathy",
            "axes": (Axis("learning_rate", 1e-4, 1e-2, True), Axis("batch_episodes", 1, 3)),
            "trials": 3,
            "settings": TINY,
            "decisions": 600,
        }
        | changes
    )


def test_what_is_varied_is_read():
    assert parse_axis("turbo", "learning_rate=1e-4:1e-2:log") == Axis("learning_rate", 1e-4, 1e-2, True)
    assert parse_axis("turbo", "hidden-units=8:32") == Axis("hidden_units", 8, 32)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("learning_rate", "expected SETTING=LOW:HIGH"),
        ("learning_rate=1", "expected SETTING=LOW:HIGH"),
        ("learning_rate=1e-2:1e-4", "the lower one first"),
        ("fade=0:1:log", "two values above 0 of fade"),
        ("learning_rate=a:b", "a number above 0 to 1"),
        ("hidden_units=1:1e9", "hidden_units|hidden units"),
        ("nonsense=1:2", "nonsense"),
    ],
)
def test_what_cannot_be_varied_is_refused(text, words):
    with pytest.raises(InvalidSettingError, match=words):
        parse_axis("turbo", text)


def test_a_sweep_has_a_folder_and_is_found_again(home):
    assert sweeps() == []
    made = create_sweep(plan())
    assert (made.id, find_sweep("karpathy-1").plan) == ("karpathy-1", made.plan)
    assert create_sweep(plan()).id == "karpathy-2"
    with pytest.raises(UnknownNameError, match="did you mean 'karpathy-1'"):
        find_sweep("karpathi-1")
    with pytest.raises(InvalidSettingError, match="expected learning_rate once"):
        create_sweep(plan(settings={"learning_rate": 0.1}))
    (made.path / "plan.json").write_text("{")
    with pytest.raises(LibraryError, match="'karpathy-1' is damaged"):
        find_sweep("karpathy-1")


def test_a_training_in_pieces_is_the_same_as_in_one():
    tiny = recipe("karpathy", batch_episodes=1, **TINY)
    first = train_piece(tiny, 1, None, Budget(300, 1e9))
    second = train_piece(tiny, 1, first.state, Budget(900, 1e9))
    whole = train_piece(tiny, 1, None, Budget(900, 1e9))
    assert [row[:4] for row in first.rows + second.rows] == [row[:4] for row in whole.rows]
    assert (second.state[0]["w1"] == whole.state[0]["w1"]).all()


def test_claims_say_no_more_than_the_scores_do():
    def trial(number, share, spread, **more):
        return TrialResult(
            number,
            {"learning_rate": 0.01},
            share,
            share - spread,
            share + spread,
            1000,
            9,
            True,
            False,
            **more,
        )

    def own(share):
        return TrialResult(
            0, {"learning_rate": 0.001}, share, share - 0.03, share + 0.03, 1000, 9, True, True
        )

    sweep = type("Made", (), {"plan": plan()})()
    overlap = " ".join(SweepReport(sweep, (trial(1, 0.52, 0.03), own(0.5)), {}).claims())
    assert "with one seed" in overlap and "the difference may be chance" in overlap and "luck" in overlap
    clear = " ".join(SweepReport(sweep, (trial(1, 0.7, 0.03), own(0.5)), {}).claims())
    assert "chance" not in clear
    assert "no other trial won more" in " ".join(SweepReport(sweep, (own(0.5),), {}).claims())
    assert SweepReport(sweep, (), {}).claims() == ["No trial is complete yet."]
    report = SweepReport(sweep, (trial(1, 0.7, 0.03),), {"learning_rate": 0.75, "batch_episodes": 0.25})
    assert [line.count("█") for line in report.bars()] == [22, 8]
    assert report.command.startswith("pongarena train NAME --recipe karpathy --set hidden_units=4")
    assert "--set learning_rate=0.01" in report.command


def test_a_sweep_is_done_and_told(home, tmp_path):
    pytest.importorskip("optuna")
    pytest.importorskip("matplotlib")
    words = (
        "sweep", "karpathy", "--over", "learning_rate=1e-4:1e-2:log", "--over", "batch_episodes=1:3",
        "--trials", 4, "--steps", 600, "--prune", "none", "--set", "hidden_units=4",
        "--set", "max_frames=1000",
        "--png", tmp_path / "report.png",
    )  # fmt: skip
    result = run(*words)
    assert result.exit_code == 0, result.output
    assert "karpathy-1: 4 of 4 trials of 600 steps, seed 0" in result.stdout
    assert "on the compiled game" in result.stdout
    assert "pongarena train NAME --recipe karpathy --set" in result.stdout
    assert (tmp_path / "report.png").read_bytes().startswith(b"\x89PNG")
    told = json.loads(run("sweep", "karpathy-1", "--report", "--json").stdout)
    assert len(told["trials"]) == 4 and sum(each["own"] for each in told["trials"]) <= 1
    assert told["best"]["share"] == max(each["share"] for each in told["trials"])
    # the same seed tries and finds the same
    again = create_sweep(find_sweep("karpathy-1").plan)
    with ProcessExecutor(1) as executor:
        run_sweep(again, executor)
    assert read_sweep_report(again).trials == read_sweep_report(find_sweep("karpathy-1")).trials


@pytest.mark.skipif(os.name != "posix", reason="kills")
def test_a_sweep_that_is_killed_goes_on_with_the_same_trial(home, spawn):
    pytest.importorskip("optuna")
    made = create_sweep(plan(trials=2, decisions=10**9))
    process = spawn(
        [sys.executable, "-m", "pongarena", "sweep", made.id],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: made.journal.exists() and "batch_episodes" in made.journal.read_text())
    process.send_signal(signal.SIGKILL)
    process.wait()
    begun = open_study(made).trials[0].params
    with made.journal.open("ab") as journal:
        journal.write(b'{"op_code": 4, "torn')  # the power went, too
    (made.path / "plan.json").write_text((made.path / "plan.json").read_text().replace(f"{10**9}", "600"))
    with ProcessExecutor(1) as executor:
        run_sweep(find_sweep(made.id), executor)
    ended = read_sweep_report(find_sweep(made.id)).trials
    assert len(ended) == 2
    assert min(ended, key=lambda each: each.number).settings == pytest.approx(begun, rel=1e-5)


@pytest.mark.skipif(os.name != "posix", reason="links and pipes")
@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: path.write_text("null\n"), "a JSON object in line 1"),
        (lambda path: path.write_text('{"op_code": 99}\n'), "cannot use the journal"),
        (lambda path: path.write_text('{"op_code": 0, "worker_id": ' + "[" * 99 + "]" * 99 + "}\n"), "deep"),
        (lambda path: path.symlink_to("/dev/zero"), "link"),
        (os.mkfifo, "regular file"),
    ],
    ids=["text", "unknown", "deep", "device", "pipe"],
)
def test_a_journal_that_is_none_is_refused(home, spoil, words):
    pytest.importorskip("optuna")
    made = create_sweep(plan(trials=2, decisions=600))
    spoil(made.journal)
    for reading in (open_study, read_sweep_report):
        with pytest.raises(LibraryError, match=words):
            reading(made)


def test_a_journal_with_settings_that_are_not_of_the_plan_is_refused(home):
    pytest.importorskip("optuna")
    made = create_sweep(plan(trials=2, decisions=600))
    made.journal.write_bytes(JOURNAL.read_bytes().replace(b'"batch_episodes"', b'"\\u202egpj"'))
    with pytest.raises(LibraryError, match="expected the settings of the plan"):
        read_sweep_report(made)


def test_a_trial_that_lacks_a_setting_of_the_plan_is_refused(home):
    pytest.importorskip("optuna")
    made = create_sweep(plan(trials=2, decisions=600))
    lines = JOURNAL.read_bytes().splitlines(keepends=True)
    made.journal.write_bytes(b"".join(each for each in lines if b'"batch_episodes"' not in each))
    with pytest.raises(LibraryError, match="expected the settings of the plan"):
        read_sweep_report(made)


def test_an_existing_picture_is_drawn_over_when_forced(home, tmp_path):
    pytest.importorskip("optuna")
    pytest.importorskip("matplotlib")
    made = create_sweep(plan(trials=2, decisions=600))
    made.journal.write_bytes(JOURNAL.read_bytes())
    (tmp_path / "a.png").write_text("old")
    asked = "sweep", made.id, "--report", "--png", tmp_path / "a.png"
    refused = run(*asked)
    assert refused.exit_code == 2 and "--force" in refused.stderr
    assert run(*asked, "--force").exit_code == 0
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_bad_sweeps_are_refused_with_words(home, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    result = run("sweep", "turbo", "--over", "learning_rate=1e-4:1e-2")
    assert result.exit_code == 2
    assert "pipx inject pongarena optuna · uv tool install" in result.stderr
    monkeypatch.undo()
    pytest.importorskip("optuna")
    for words, said in (
        (("turbo",), "at least one setting to vary"),
        (("nobody",), "no recipe and no sweep 'nobody'"),
        (("turbo", "--over", "fade=0:1", "--minutes", 1, "--steps", 5), "got both"),
    ):
        result = run("sweep", *words)
        assert result.exit_code == 2 and said in result.stderr, result.output
    assert not (home / "sweeps").exists()
