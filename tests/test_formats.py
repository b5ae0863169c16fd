"""Files of every kind and version that there ever was: read today, never changed by reading, and never by an
older program than the one that wrote them."""

import json
import os
import re
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from pongarena.cli import cli
from pongarena.core import paths
from pongarena.core.errors import BundleError, CheckpointError, LibraryError
from pongarena.game.types import Ball, Serve
from pongarena.jobs.status import State
from pongarena.lab.store import find_run
from pongarena.lab.sweep_plan import find_sweep
from pongarena.lab.sweep_report import read_sweep_report
from pongarena.library import measured, preferences
from pongarena.library.bundle import SUFFIX
from pongarena.library.card import read_opponent_card
from pongarena.library.exchange import import_file
from pongarena.library.models import Library
from pongarena.library.notes import Notes, read_notes, write_notes
from pongarena.library.sessions.session import run_session
from pongarena.library.sessions.snapshot import read_snapshot
from pongarena.library.trash import Trash
from pongarena.match.ladder import LADDER_FILE, climb
from pongarena.match.log import read_log, read_recording
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.match.save_states import Restoration, read_state
from pongarena.match.tournament import find
from pongarena.match.tournament_results import Results
from pongarena.match.tournament_run import read_run
from pongarena.nn.checkpoint import read_card, read_checkpoint, read_resume, write_resume
from pongarena.school import answers
from pongarena.training.events import Updated
from pongarena.training.registry import recipe, resume_trainer
from pongarena.window.settings import Settings, read_settings, write_settings
from tests.library.test_exchange import rebuild, swap

FORMATS = Path(__file__).parent / "fixtures" / "formats"
MODELS = sorted(path.name for path in (FORMATS / "models").iterdir())
MATCH = "20261121-105209-a48345"


@pytest.fixture
def old(home):
    """The library as earlier versions left it."""
    shutil.copytree(FORMATS / "models", home / "models")
    return Library(bundled=home / "none")


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", MODELS)
def test_a_model_of_every_version_is_whole(old, name):
    before = contents(old.root)
    model = old.model(name)
    assert model.recipe.hidden_units == 1
    assert model.status().state is State.FINISHED
    assert len(model.curve()) == model.status().episode == model.checkpoint().episode
    checkpoint = read_checkpoint(model.checkpoint().path)
    assert (checkpoint.card.recipe, checkpoint.card.seed) == (model.recipe.name, model.seed)
    assert contents(old.root) == before


@pytest.mark.parametrize("name", MODELS)
def test_a_session_of_every_version_goes_on_where_it_was(old, name):
    """The first turbo sessions called a count `learned_steps` that is `played` today."""
    model = old.model(name)
    arrays, state = read_resume(model.path / "resume.npz")
    trainer = resume_trainer(model.recipe, arrays, state["trainer"])
    try:
        assert (trainer.episode, trainer.steps) == (state["trainer"]["episode"], state["trainer"]["steps"])
        assert (trainer.policy.w1 == read_checkpoint(model.checkpoint().path).policy.w1).all()
        again, now = trainer.resume_state()
        assert all((again[key] == arrays[key]).all() for key in arrays)
        if "learner" in now:
            then = state["trainer"]["learner"]
            assert now["learner"]["played"] == then.get("played", then.get("learned_steps"))
    finally:
        trainer.close()


@pytest.mark.parametrize("name", MODELS)
def test_a_session_of_every_version_trains_on(old, name):
    """They have no games to go on with, and no ages of squares that decay late: both are kept since."""
    model = old.model(name)
    arrays, state = read_resume(model.path / "resume.npz")
    assert not {"square_age", "games_states"} & arrays.keys()
    trainer = resume_trainer(model.recipe, arrays, state["trainer"])
    try:
        before = trainer.updates
        for event in trainer.events():
            if isinstance(event, Updated) and event.update == before + 2:
                break
        assert np.isfinite(trainer.policy.w1).all()
        assert trainer.steps > state["trainer"]["steps"]
        again, now = trainer.resume_state()
        assert {
            "square_age" if now["recipe"] == "karpathy" else "games_states"
        } <= again.keys() - arrays.keys()
        resume_trainer(model.recipe, again, now).close()
    finally:
        trainer.close()


def test_the_first_turbo_session_is_of_the_old_kind():
    _, state = read_resume(FORMATS / "models" / "turbo-first" / "resume.npz")
    assert "played" not in state["trainer"]["learner"]


@pytest.mark.parametrize("wrong", [-1, 1.5, "many", None, True, float("1e300")])
def test_a_count_that_is_none_is_refused(old, tmp_path, wrong):
    model = old.model("turbo")
    arrays, state = read_resume(model.path / "resume.npz")
    state["trainer"]["learner"]["played"] = wrong
    with pytest.raises(CheckpointError, match="expected the saved state of a turbo training"):
        resume_trainer(model.recipe, arrays, state["trainer"])


def test_compact_checkpoints_are_read():
    path = FORMATS / "checkpoint-compact-1.npz"
    full = read_checkpoint(FORMATS / "models" / "karpathy" / "checkpoints" / "ep000001.npz").policy
    np.testing.assert_allclose(read_checkpoint(path).policy.w1, full.w1, atol=np.abs(full.w1).max() / 250)
    assert read_card(path).model == "karpathy"


@pytest.mark.parametrize(("version", "names"), [(1, ("human", "ada@470")), (2, ("ai", "karpathy@1"))])
def test_match_logs_of_every_version_are_read(home, version, names):
    home.mkdir()
    shutil.copy(FORMATS / f"matches-{version}.jsonl", paths.matches_log())
    log = read_log()
    assert [(each.left, each.right) for each in log.results] == [names]
    assert (log.damaged, log.newer) == (0, 0)


@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_recordings_of_every_version_are_read(home, version):
    paths.matches_dir().mkdir(parents=True)
    shutil.copy(FORMATS / f"recording-{version}.npz", paths.matches_dir() / f"{MATCH}.npz")
    recording = read_recording(MATCH)
    assert (recording.result.id, recording.result.score) == (MATCH, (1, 0))
    assert len(recording.input_log) == recording.result.frames == 300
    assert [(each.frame, each.side, each.muted.tolist()) for each in recording.input_log.mutings] == [
        (101, 1, [True])
    ]
    assert recording.result.serve == ("held" if version < 3 else "released")
    assert str(recording.result.variant) == (
        "frame skip 2, sticky actions 0.25, small paddles: right" if version > 3 else ""
    )


def test_a_match_that_was_served_with_the_button_held_is_played_again_exactly(home):
    """Two outsiders, the ball FASTER: its serves flew at twice their vertical speed until the first hit."""
    paths.matches_dir().mkdir(parents=True)
    shutil.copy(FORMATS / "recording-2-faster.npz", paths.matches_dir() / f"{MATCH}.npz")
    recording = read_recording(MATCH)
    ends = {}
    for serve in Serve:
        again = Match(
            PlayerSpec.human(), PlayerSpec.human(), seed=3, ball=Ball.FASTER, points=2,
            serve=serve, input_log=recording.input_log,
        )  # fmt: skip
        while not again.over:
            again.step()
        ends[serve] = (again.frames, again.score, again.rallies)
        again.close()
    before = recording.result
    assert before.serve == Serve.HELD
    assert ends[Serve.HELD] == (before.frames, before.score, before.rallies)
    assert ends[Serve.RELEASED] != ends[Serve.HELD]


def test_a_saved_state_goes_on_where_it_was(home):
    paths.states_dir().mkdir(parents=True)
    shutil.copy(FORMATS / "state-3.npz", paths.states_dir() / "one.npz")
    before = contents(home)
    restoration = Restoration("one", read_state("one"), (PlayerSpec.human(), PlayerSpec.ai()))
    while not restoration.work(1.0):
        pass
    match = restoration.finish()
    assert (match.frames, match.score, restoration.match.result().rewound) == (400, (0, 2), True)
    assert read_state("one").result.people == ("Anna", "")
    match.close()
    assert contents(home) == before


def test_settings_are_read(home):
    home.mkdir()
    shutil.copy(FORMATS / "settings-1.json", paths.settings_file())
    assert read_settings() == Settings(0.5, True, {"up": "w"})


def test_cards_are_read(tmp_path):
    shutil.copy(FORMATS / "card-1.json", tmp_path / "card.json")
    card = read_opponent_card(tmp_path)
    assert card.about == "Fights for every point and wins two of five."
    assert [each.games for each in card.ratings] == [100] * len(card.ratings) != []


@pytest.mark.parametrize("version", [0, 1])
def test_ladders_are_read(old, version):
    given = old.root.parent / "given"
    shutil.copytree(FORMATS / "models" / "karpathy", given / "champion")
    shutil.copy(FORMATS / f"ladder-{version}.json", given / LADDER_FILE)
    assert [rung.name for rung in climb([], Library(bundled=given)).rungs] == ["ai", "champion"]


def test_bundles_are_read(old):
    twin, model = import_file(old, FORMATS / f"bundle-1{SUFFIX}", "twin"), old.model("karpathy")
    assert replace(twin, name="", path=Path()) == replace(model, name="", path=Path())
    assert len(twin.curve()) == len(model.curve()) == 1


def test_a_model_from_a_bundle_trains_on_where_it_was(old):
    twin = import_file(old, FORMATS / f"bundle-1{SUFFIX}", "twin")
    status = run_session("twin", episodes=1, library=old)
    assert (status.state, status.episode) == (State.FINISHED, 2)
    assert twin.checkpoints()[-2:] == [1, 2]
    assert twin.curve().episodes.tolist() == [1, 2]


def test_preferences_are_read(home):
    home.mkdir()
    shutil.copy(FORMATS / "preferences-1.json", home / preferences.FILE)
    assert preferences.read_preferences(home) == preferences.Preferences(3, "phosphor", "karpathy")


def test_speeds_measured_on_the_emulator_are_kept_and_not_taken_for_the_compiled_games(home):
    place_measured(home)
    assert measured.read_probe(home, recipe("turbo")) is None  # it was measured on the emulator
    then = {"games": 64, "first_games": 64, "epochs": 4, "minibatches": 4}
    probe = measured.read_probe(home, recipe("turbo", emulator=1, **then))
    assert (probe.steps_per_s, probe.bare_steps_per_s, probe.memory_mb) == (1234.5, 5678.9, 41.1)


def place_measured(home):
    home.mkdir(exist_ok=True)
    text = (FORMATS / "measured-1.json").read_text()
    (home / measured.FILE).write_text(text.replace("cores=2", f"cores={os.cpu_count()}"))


def test_notes_are_read(tmp_path):
    shutil.copy(FORMATS / "notes-1.json", tmp_path / "notes.json")
    assert read_notes(tmp_path) == Notes("Swings low.\nLikes to wait.", ("keen", "fork"))


def test_snapshots_are_read(tmp_path):
    shutil.copy(FORMATS / "snapshot-1.npz", tmp_path / "snapshot.npz")
    snapshot = read_snapshot(tmp_path)
    assert (snapshot.episode, snapshot.steps, snapshot.pictures.shape) == (1, 100, (1, 20, 20))


def test_tournaments_are_read(home):
    shutil.copytree(FORMATS / "tournaments", home / "tournaments")
    before = contents(home)
    found = find()
    assert (found.players, found.points, found.seed) == (("ai", "karpathy@1", "turbo@2"), 1, 3)
    results = Results.of(found)
    assert results.complete and results.strange == 0
    assert [each.score for each in results.results] == [(1, 0), (0, 1), (1, 0), (0, 1), (0, 1), (0, 1)]
    assert (read_run(found).running, read_run(found).workers) == (False, 2)
    assert contents(home) == before


def test_a_tournament_in_a_variant_is_read(home):
    shutil.copytree(FORMATS / "tournaments", home / "tournaments")
    shutil.copy(FORMATS / "tournament-2.json", find().path / "tournament.json")
    assert str(find().variant) == "sticky actions 0.25, small paddles: left"


def test_a_clone_is_read(old):
    path = old.model("karpathy").path / "model.json"
    shutil.copy(FORMATS / "model-cloned-1.json", path)
    assert str(old.model("karpathy").cloned) == (
        "imitated human in 1 match: agrees in 96% of 1,100 held-out moments (always the commonest move: "
        "50%), of 9,000 in all"
    )


def test_sweeps_are_read(home):
    shutil.copytree(FORMATS / "sweeps", home / "sweeps")
    plan = find_sweep("karpathy-1").plan
    assert [axis.name for axis in plan.axes] == ["learning_rate", "batch_episodes"]
    assert (plan.trials, plan.decisions, plan.prune) == (4, 600, "none")
    pytest.importorskip("optuna")
    before = contents(home / "sweeps")
    report = read_sweep_report(find_sweep("karpathy-1"))
    assert len(report.trials) == 4 and report.best.complete
    assert contents(home / "sweeps") == before


def test_runs_of_the_lab_are_read(home):
    shutil.copytree(FORMATS / "lab", home / "lab")
    run = find_run("tight-crop-1")
    assert (run.length.decisions, run.length.seeds) == (100_000, 2)
    assert [(arm.name, arm.recipe().crop) for arm in run.experiment.arms] == [
        ("whole field", 0), ("tight crop", 2),
    ]  # fmt: skip
    assert all(arm.recipe().name == "turbo" for arm in run.experiment.arms)
    assert run.parts()[0].points().won.tolist() == [3, 6]


@pytest.mark.parametrize("date", ["1970-01-01T00:00:07+00:00", "9999-12-31T23:59:59+00:00"])
def test_what_was_made_while_the_clock_was_wrong_is_whole(home, date):
    """A board without a battery begins in 1970."""
    for room in ("models", "tournaments", "lab"):
        shutil.copytree(FORMATS / room, home / room)
    shutil.copy(FORMATS / "matches-2.jsonl", paths.matches_log())
    for path in home.rglob("*.json*"):
        text = path.read_text()
        path.write_text(re.sub(r"20\d\d-\d\d-\d\dT[\d:]+\+00:00", date, text))
    models = Library(bundled=home / "none").models()
    assert {(each.fault, each.created) for each in models} == {(None, date)}
    assert (find().created, find_run("tight-crop-1").created) == (date, date)
    assert Results.of(find()).complete
    assert [each.time for each in read_log().results] == [date]
    for command in ("models list", "models show karpathy", "tournament list", "lab list", "ratings"):
        done = CliRunner().invoke(cli, command.split())
        assert done.exit_code == 0, done.output
    assert Trash(Library()).older_than(1e9) == []


# -- newer files are refused, in words, and stay as they are


def raise_version(path):
    path.write_text(path.read_text().replace('"format_version": 1', '"format_version": 9'))


def newer_model(old):
    raise_version(old.root / "turbo" / "model.json")
    old.model("turbo")


def newer_checkpoint(old):
    path = old.root / "turbo" / "checkpoints" / "ep000002.npz"
    path.write_bytes(path.read_bytes())
    rewrite(path, "card.npy", '"format_version": 1', '"format_version": 9')
    read_checkpoint(path)


def newer_resume(old):
    path = old.root / "turbo" / "resume.npz"
    rewrite(path, "state.npy", '"format_version": 1', '"format_version": 9')
    read_resume(path)


def newer_settings(old):
    shutil.copy(FORMATS / "settings-1.json", paths.settings_file())
    raise_version(paths.settings_file())
    read_settings()


def newer_recording(old):
    paths.matches_dir().mkdir(parents=True)
    path = paths.matches_dir() / f"{MATCH}.npz"
    with np.load(FORMATS / "recording-3.npz") as file:
        np.savez(path, **dict(file) | {"format_version": np.array(9)})
    read_recording(MATCH)


def newer_state(old):
    paths.states_dir().mkdir(parents=True)
    with np.load(FORMATS / "state-3.npz") as file:
        np.savez(paths.states_dir() / "one.npz", **dict(file) | {"format_version": np.array(9)})
    read_state("one")


def newer_bundle(old):
    path = old.root.parent / f"gift{SUFFIX}"
    shutil.copy(FORMATS / f"bundle-1{SUFFIX}", path)
    rebuild(path, swap("manifest.json", b'"format_version": 1', b'"format_version": 9'))
    import_file(old, path)


def newer_ladder(old):
    given = old.root.parent / "given"
    shutil.copytree(FORMATS / "models" / "karpathy", given / "champion")
    shutil.copy(FORMATS / "ladder-1.json", given / LADDER_FILE)
    raise_version(given / LADDER_FILE)
    climb([], Library(bundled=given))


def newer_snapshot(old):
    path = old.root / "karpathy" / "snapshot.npz"
    shutil.copy(FORMATS / "snapshot-1.npz", path)
    rewrite(path, "state.npy", '"format_version": 1', '"format_version": 9')
    read_snapshot(path.parent)


def newer_tournament(old):
    shutil.copytree(FORMATS / "tournaments", paths.tournaments_dir())
    raise_version(next(paths.tournaments_dir().glob("*/tournament.json")))
    find()


def newer_lab_run(old):
    shutil.copytree(FORMATS / "lab", paths.lab_dir())
    raise_version(paths.lab_dir() / "tight-crop-1" / "plan.json")
    find_run("tight-crop-1")


def rewrite(path, member, old, new):
    """Changes a text in an archive of arrays."""
    old, new = ("".join(f"{letter}\0\0\0" for letter in text).encode() for text in (old, new))
    with zipfile.ZipFile(path) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    assert old in parts[member]
    parts[member] = parts[member].replace(old, new)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


NEWER = [
    newer_model, newer_checkpoint, newer_resume, newer_settings, newer_recording, newer_state, newer_bundle,
    newer_ladder, newer_snapshot, newer_tournament, newer_lab_run,
]  # fmt: skip


@pytest.mark.parametrize("read", NEWER)
def test_a_file_of_a_newer_pongarena_is_refused_in_words(old, read):
    with pytest.raises((LibraryError, CheckpointError, BundleError), match=r"newer") as caught:
        read(old)
    assert "9" in str(caught.value)


def test_settings_of_a_newer_pongarena_are_kept_when_todays_are_written(old):
    shutil.copy(FORMATS / "settings-1.json", paths.settings_file())
    raise_version(paths.settings_file())
    before = paths.settings_file().read_bytes()
    write_settings(Settings(0.25, False, {}))
    assert read_settings() == Settings(0.25, False, {})
    assert paths.settings_file().with_name("settings.json.old").read_bytes() == before


def test_answers_of_the_school_are_read(home):
    home.mkdir()
    shutil.copy(FORMATS / "school-1.json", home / answers.FILE)
    (found,) = answers.read_answers(home).answers.items()
    assert found[0] == "gamma" and found[1].told.startswith("65 %") and not found[1].right


def test_preferences_of_a_newer_pongarena_are_told_of_and_kept(home):
    home.mkdir()
    path = home / preferences.FILE
    shutil.copy(FORMATS / "preferences-1.json", path)
    raise_version(path)
    before = path.read_bytes()
    assert "9" in preferences.read_preferences(home).fault
    assert preferences.update_preferences(home, theme="dark").theme == "dark"
    assert path.with_name("preferences.json.old").read_bytes() == before


def test_speeds_that_a_newer_pongarena_measured_are_kept(home):
    place_measured(home)
    path = home / measured.FILE
    raise_version(path)
    before = path.read_bytes()
    assert measured.read_probe(home, recipe("turbo")) is None
    measured.write_probe(home, recipe("turbo"), steps_per_s=1.0, bare_steps_per_s=2.0)
    assert measured.read_probe(home, recipe("turbo")).steps_per_s == 1.0
    assert path.with_name("measured.json.old").read_bytes() == before


def test_notes_of_a_newer_pongarena_are_told_of_and_kept(old):
    path = old.root / "karpathy" / "notes.json"
    shutil.copy(FORMATS / "notes-1.json", path)
    raise_version(path)
    before = path.read_bytes()
    assert "newer" in read_notes(path.parent).fault
    write_notes(old.model("karpathy"), "today's", [])
    assert read_notes(path.parent) == Notes("today's")
    assert path.with_name("notes.json.old").read_bytes() == before


def test_a_status_of_a_newer_pongarena_says_so(old):
    path = old.root / "turbo" / "status.json"
    raise_version(path)
    assert "a newer pongarena wrote it" in old.model("turbo").status().message


def test_lines_of_a_newer_pongarena_are_counted_and_the_others_read(home):
    home.mkdir()
    line = (FORMATS / "matches-2.jsonl").read_text()
    paths.matches_log().write_text(
        line + line.replace('"format_version": 2', '"format_version": 9') + "{}\n" + line
    )
    log = read_log()
    assert (len(log.results), log.damaged, log.newer) == (2, 2, 1)


def test_what_is_written_today_is_of_todays_version(home, tmp_path):
    """Who changes a format raises its number, adds a fixture, and a line to assets/formats.md."""
    home.mkdir()
    write_settings(Settings(0.5, True, {"up": "w"}))
    first = json.loads((FORMATS / "settings-1.json").read_text())
    later = {"toured": False, "buttons": {}, "palette": "", "phosphor": False}
    later |= {"asked": 0, "mouse": 1.0, "stick_is_speed": False}
    assert json.loads(paths.settings_file().read_text()) == {**first, **later}
    write_resume(tmp_path / "resume.npz", {}, {})
    with np.load(tmp_path / "resume.npz") as file:
        assert json.loads(file["state"].item())["format_version"] == 1
