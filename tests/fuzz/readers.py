"""The readers of all files, each with whole files to spoil and what is done with what was read.

A reader takes the path of a spoiled file in a data directory of its own, see `conftest`. It uses what it
reads as the program would: shows the texts, counts with the numbers.
"""

import gzip
import importlib.util
import io
import os
import pickle
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pongarena.bench.box import read_plan
from pongarena.cli.show import age
from pongarena.core import paths
from pongarena.core.errors import PongArenaError
from pongarena.core.text import printable
from pongarena.envs.observation import SparseFrames
from pongarena.jobs.background import last_words
from pongarena.jobs.status import State, Status, read_status, write_status
from pongarena.lab.report import write_report
from pongarena.lab.store import lab_runs
from pongarena.lab.sweep_plan import find_sweep
from pongarena.lab.sweep_report import read_sweep_report
from pongarena.library import curve_cache
from pongarena.library.card import read_opponent_card
from pongarena.library.evaluations import read_evaluations
from pongarena.library.exchange import import_file
from pongarena.library.measured import Estimate, outlook, read_probe
from pongarena.library.metrics import Curve, MetricsTail
from pongarena.library.models import Library
from pongarena.library.notes import read_notes
from pongarena.library.preferences import MOST_SESSIONS, read_preferences
from pongarena.library.progress import measure, share_curve
from pongarena.library.reference import read_references
from pongarena.library.repairs import Backup, needed_repairs, perform
from pongarena.library.sessions.snapshot import read_snapshot
from pongarena.match.ladder import climb
from pongarena.match.log import read_log, read_recording
from pongarena.match.ratings import fit
from pongarena.match.save_states import read_state, states
from pongarena.match.standings import table
from pongarena.match.tournament import tournaments
from pongarena.match.tournament_results import Results
from pongarena.match.tournament_run import read_run
from pongarena.nn.checkpoint import read_card, read_checkpoint, read_resume
from pongarena.nn.importers import import_weights
from pongarena.school.answers import read_answers
from pongarena.training.registry import recipe, resume_trainer
from pongarena.window.settings import read_settings
from tests.fuzz.mutations import (
    Mutation,
    mutate_arrays,
    mutate_bundle,
    mutate_bytes,
    mutate_json,
    mutate_packed,
)
from tests.test_formats import FORMATS, MATCH

FRAMES = SparseFrames.from_dense(np.random.default_rng(0).choice([-1, 0, 1], (4, 6400), p=[0.01, 0.98, 0.01]))


def fit_to_be_shown(*texts: str) -> None:
    assert all(printable(text, lines=True) == text for text in texts)


def use_card(card) -> None:
    fit_to_be_shown(card.model, card.recipe, card.created, card.pongarena, *card.lineage)
    assert card.running_reward is None or np.isfinite(card.running_reward)
    assert all(0 <= count < 2**62 for count in (card.episode, card.steps, card.updates))


def use_checkpoint(path: Path) -> None:
    checkpoint = read_checkpoint(path)
    use_card(checkpoint.card)
    use_card(read_card(path))
    up = checkpoint.policy.forward(FRAMES).up
    assert ((up >= 0) & (up <= 1)).all()


def use_resume(path: Path) -> None:
    arrays, state = read_resume(path)
    recipe = Library(FORMATS / "models", FORMATS / "none").model("karpathy").recipe
    resume_trainer(recipe, arrays, state["trainer"] if isinstance(state.get("trainer"), dict) else {}).close()


def use_model(path: Path) -> None:
    library = Library(path.parent.parent, path.parent)
    (model,) = (each for each in library.models() if each.path == path.parent)
    fit_to_be_shown(model.name, model.created, *model.lineage, model.fault or "", str(model.cloned))
    if model.fault is None:
        age(model.created)


def use_status(path: Path) -> None:
    status = read_status(path)
    fit_to_be_shown(status.message, status.traceback)
    assert np.isfinite([status.updated, status.episode, status.running_reward or 0]).all()
    age(status.updated)


def use_metrics(path: Path) -> None:
    curve = Library(path.parent.parent, path.parent).model(path.parent.name).curve()
    assert np.isfinite(
        np.concatenate([curve.rewards, curve.running, curve.times, curve.episodes, curve.steps])
    ).all()
    share_curve(curve.points)
    measure(curve.points, None)


def use_log(path: Path) -> None:
    log = read_log()
    for result in log.results:
        fit_to_be_shown(result.left, result.right, result.id, result.time, result.pongarena)
        age(result.time)
    fit(log.results)


def use_recording(path: Path) -> None:
    recording = read_recording(path.stem)
    assert sum(1 for _ in (recording.input_log[frame] for frame in range(len(recording.input_log)))) == len(
        recording.input_log
    )


def use_state(path: Path) -> None:
    for listed in states():  # what is no file is not listed
        fit_to_be_shown(listed.name, listed.fault, *(listed.result.called if listed.result else ()))
    recording = read_state(path.stem)
    assert 0 < recording.result.frames == len(recording.input_log)


def use_settings(path: Path) -> None:
    found = read_settings()
    assert 0 <= found.volume <= 1
    fit_to_be_shown(*found.keys, *found.keys.values())


def use_opponent_card(path: Path) -> None:
    if (card := read_opponent_card(path.parent)) is not None:
        fit_to_be_shown(card.about, card.machine, card.time, *card.commands, *map(str, card.ratings))


def use_notes(path: Path) -> None:
    notes = read_notes(path.parent)
    fit_to_be_shown(notes.text, notes.fault, *notes.tags)


def use_answers(path: Path) -> None:
    found = read_answers(path.parent)
    fit_to_be_shown(found.fault, *found.answers)
    for each in found.answers.values():
        fit_to_be_shown(each.question, each.chosen, each.found, each.told, each.model)
        age(each.when)


def use_preferences(path: Path) -> None:
    found = read_preferences(path.parent)
    fit_to_be_shown(found.theme, found.default_recipe, found.fault)
    assert found.session_limit is None or 1 <= found.session_limit <= MOST_SESSIONS


def use_measured(path: Path) -> None:
    kind = recipe("turbo")
    if (probe := read_probe(path.parent, kind)) is not None:
        fit_to_be_shown(probe.made, *outlook(kind, Estimate(probe.steps_per_s, probe.memory_mb, "here")))


def use_snapshot(path: Path) -> None:
    snapshot = read_snapshot(path.parent)
    assert np.isfinite(snapshot.pictures).all() and np.isfinite(snapshot.outputs).all()
    assert (snapshot.numbers >= 0).all() and min(snapshot.episode, snapshot.steps) >= 0


def use_tournament(path: Path) -> None:
    (found,) = tournaments()
    fit_to_be_shown(*found.players, found.created, found.pongarena, found.fault)
    age(found.created)
    results = Results.of(found)
    fit_to_be_shown(*(each.left + each.right + each.id + each.time for each in results.results))
    if not found.fault:
        table(found, results.results)
    now = read_run(found)
    fit_to_be_shown(now.message, *now.missing, *now.missing.values())


def use_sweep(path: Path) -> None:
    plan = find_sweep("karpathy-1").plan
    fit_to_be_shown(plan.recipe, plan.length, plan.created, *(axis.name for axis in plan.axes))


def use_lab(path: Path) -> None:
    (run,) = lab_runs()
    fit_to_be_shown(run.created, run.fault or "", run.length.name, run.status().message)
    age(run.created)
    assert len(run.parts()) <= 2500
    if run.fault is None:
        write_report(run)
        fit_to_be_shown(run.report.read_text(encoding="utf-8"))


def use_ladder(path: Path) -> None:
    climb([], Library(bundled=path.parent))


def use_reference(path: Path) -> None:
    read_references.__wrapped__(path.stem, path.parent)


def use_bundle(path: Path) -> None:
    library = Library(path.parent / "models", path.parent / "none")
    before = {each.name for each in path.parent.iterdir()} | {"models"}
    try:
        model = import_file(library, path)
    finally:
        assert {each.name for each in path.parent.iterdir()} <= before
        assert not library.root.exists() or not list(library.root.glob(".new-*"))
    use_model(model.path / "model.json")
    use_status(model.path / "status.json")
    use_metrics(model.path / "metrics.jsonl")
    use_checkpoint(model.checkpoint().path)
    library.delete(model.name)


def use_pickle(path: Path) -> None:
    assert import_weights(path).is_finite()


def use_kept_curve(path: Path) -> None:
    (path.parent / "metrics.jsonl").write_bytes(METRICS)
    tail = Library(path.parent.parent, path.parent).model(path.parent.name).curve_tail()
    tail.refresh()
    curve = tail.curve
    assert np.isfinite(np.concatenate([curve.rewards, curve.running, curve.times])).all()


def use_training_log(path: Path) -> None:
    fit_to_be_shown(last_words(path))


def use_lab_status(path: Path) -> None:
    (run,) = lab_runs()
    fit_to_be_shown(run.status().message, run.status().traceback)


def use_journal(path: Path) -> None:
    report = read_sweep_report(find_sweep("karpathy-1"))
    fit_to_be_shown(*(each.note for each in report.trials), *report.claims(), *report.bars())


def use_doctor(path: Path) -> None:
    """Finds and repairs; what it did not refuse to repair is then well."""
    library, backup, refused = Library(bundled=path.parent / "none"), Backup(), set()
    for repair in needed_repairs(library):
        fit_to_be_shown(repair.subject, repair.found, repair.remedy)
        try:
            perform(repair, backup)
        except PongArenaError as error:
            fit_to_be_shown(str(error))
            refused.add(repair.subject)
    assert {each.subject for each in needed_repairs(library)} <= refused
    shutil.rmtree(backup.folder, ignore_errors=True)


def use_evaluations(path: Path) -> None:
    for each in read_evaluations(path.parent):
        fit_to_be_shown(str(each), each.made)
        age(each.made)


def use_box(path: Path) -> None:
    plan = read_plan(path)
    fit_to_be_shown(plan.machine, *(each.made() for each in plan.sessions))
    fit_to_be_shown(*(text for each in plan.opponents for text in (each.name, each.source, each.about)))


def sample_arrays() -> bytes:
    file, rng = io.BytesIO(), np.random.default_rng(0)
    np.savez(file, W1=rng.standard_normal((1, 6400)).astype("f4"), W2=rng.standard_normal(1))
    return file.getvalue()


def sample_kept_curve() -> bytes:
    """As the library keeps it of the training in the fixtures."""
    with tempfile.TemporaryDirectory() as folder:
        metrics, kept = Path(folder) / "metrics.jsonl", Path(folder) / curve_cache.FILE
        metrics.write_bytes(METRICS)
        curve, tail = Curve(), MetricsTail(metrics)
        curve.add(tail.read_part())
        curve_cache.keep_curve(kept, metrics, curve, tail.place)
        return kept.read_bytes()


def sample_status() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        write_status(Path(folder) / "status.json", Status(State.CRASHED, message="one", traceback="two"))
        return (Path(folder) / "status.json").read_bytes()


def sample_pickle(protocol: int) -> bytes:
    rng = np.random.default_rng(0)
    return pickle.dumps(
        {"W1": rng.standard_normal((1, 6400)).astype("f4"), "W2": rng.standard_normal(1)}, protocol
    )


REFERENCE = (
    b'{"format_version": 1, "made": "x", "steps": [1, 2], "runs": [{"seed": 1, "shares": [0.1, null]}]}'
)
(CUP,) = (FORMATS / "tournaments").iterdir()
LAB = FORMATS / "lab" / "tight-crop-1"
MEASURED = (FORMATS / "measured-1.json").read_bytes().replace(b"cores=2", b"cores=%d" % os.cpu_count())
EVALUATIONS = (
    b'{"format_version": 1, "evaluations": [{"checkpoint": 1, "made": "2026-01-02T03:04:05+00:00", '
    b'"setting": "benchmark", "greedy": false, "games": 9, "mean": -1.5, '
    b'"standard_deviation": 2, "wins": 4, "seed": 7}]}'
)
KARPATHY = FORMATS / "models" / "karpathy"
METRICS = (FORMATS / "models" / "turbo" / "metrics.jsonl").read_bytes()


class Kind(NamedTuple):
    """A kind of file: what uses it, its name in the data directory, whole ones, and ways to spoil them."""

    use: Callable[[Path], None]
    name: str
    samples: Sequence[Path | bytes]
    mutations: Sequence[Mutation]

    @property
    def contents(self) -> list[bytes]:
        """The whole files."""
        return [each if isinstance(each, bytes) else each.read_bytes() for each in self.samples]


KINDS: dict[str, Kind] = {
    "checkpoint": Kind(
        use_checkpoint,
        "ep000001.npz",
        [KARPATHY / "checkpoints" / "ep000001.npz", FORMATS / "checkpoint-compact-1.npz"],
        [mutate_bytes, mutate_arrays, mutate_arrays],
    ),
    "resume": Kind(
        use_resume,
        "resume.npz",
        [KARPATHY / "resume.npz"],
        [mutate_bytes, mutate_arrays, mutate_arrays],
    ),
    "model": Kind(
        use_model,
        "models/karpathy/model.json",
        [KARPATHY / "model.json", FORMATS / "model-cloned-1.json"],
        [mutate_bytes, mutate_json],
    ),
    "status": Kind(use_status, "status.json", [KARPATHY / "status.json"], [mutate_bytes, mutate_json]),
    "metrics": Kind(
        use_metrics,
        "models/karpathy/metrics.jsonl",
        [FORMATS / "models" / "turbo" / "metrics.jsonl"],
        [mutate_bytes, mutate_json],
    ),
    "match log": Kind(
        use_log,
        "matches.jsonl",
        [FORMATS / "matches-1.jsonl", FORMATS / "matches-2.jsonl"],
        [mutate_bytes, mutate_json],
    ),
    "recording": Kind(
        use_recording,
        f"matches/{MATCH}.npz",
        [FORMATS / "recording-1.npz", FORMATS / "recording-2.npz", FORMATS / "recording-4.npz"],
        [mutate_bytes, mutate_arrays, mutate_arrays],
    ),
    "saved state": Kind(
        use_state,
        "states/one.npz",
        [FORMATS / "state-3.npz", FORMATS / "recording-4.npz"],
        [mutate_bytes, mutate_arrays, mutate_arrays],
    ),
    "settings": Kind(
        use_settings, "settings.json", [FORMATS / "settings-1.json"], [mutate_bytes, mutate_json]
    ),
    "card": Kind(use_opponent_card, "card.json", [FORMATS / "card-1.json"], [mutate_bytes, mutate_json]),
    "evaluations": Kind(use_evaluations, "evaluations.json", [EVALUATIONS], [mutate_bytes, mutate_json]),
    "box": Kind(use_box, "box.json", [paths.assets_dir() / "box.json"], [mutate_bytes, mutate_json]),
    "notes": Kind(use_notes, "notes.json", [FORMATS / "notes-1.json"], [mutate_bytes, mutate_json]),
    "preferences": Kind(
        use_preferences,
        "preferences.json",
        [FORMATS / "preferences-1.json"],
        [mutate_bytes, mutate_json],
    ),
    "school": Kind(use_answers, "school.json", [FORMATS / "school-1.json"], [mutate_bytes, mutate_json]),
    "measured": Kind(use_measured, "measured.json", [MEASURED], [mutate_bytes, mutate_json]),
    "snapshot": Kind(
        use_snapshot,
        "snapshot.npz",
        [FORMATS / "snapshot-1.npz"],
        [mutate_bytes, mutate_arrays, mutate_arrays],
    ),
    "tournament": Kind(
        use_tournament,
        f"tournaments/{CUP.name}/tournament.json",
        [CUP / "tournament.json", FORMATS / "tournament-2.json"],
        [mutate_bytes, mutate_json],
    ),
    "tournament's run": Kind(
        use_tournament,
        f"tournaments/{CUP.name}/run.json",
        [CUP / "run.json"],
        [mutate_bytes, mutate_json],
    ),
    "tournament's matches": Kind(
        use_tournament,
        f"tournaments/{CUP.name}/matches.jsonl",
        [CUP / "matches.jsonl"],
        [mutate_bytes, mutate_json],
    ),
    "lab plan": Kind(
        use_lab,
        "lab/tight-crop-1/plan.json",
        [LAB / "plan.json"],
        [mutate_bytes, mutate_json],
    ),
    "sweep": Kind(
        use_sweep,
        "sweeps/karpathy-1/plan.json",
        [FORMATS / "sweeps" / "karpathy-1" / "plan.json"],
        [mutate_bytes, mutate_json],
    ),
    "lab curve": Kind(
        use_lab,
        "lab/tight-crop-1/runs/1-1.jsonl",
        [LAB / "runs" / "1-1.jsonl"],
        [mutate_bytes, mutate_json],
    ),
    "ladder": Kind(
        use_ladder,
        "given/ladder.json",
        [FORMATS / "ladder-0.json", FORMATS / "ladder-1.json"],
        [mutate_bytes, mutate_json],
    ),
    "reference": Kind(
        use_reference,
        "reference.json",
        [REFERENCE],
        [mutate_bytes, mutate_json],
    ),
    "bundle": Kind(
        use_bundle,
        "gift/gift.pongarena",
        [FORMATS / "bundle-1.pongarena"],
        [mutate_bytes, mutate_bundle, mutate_bundle],
    ),
    "pickle": Kind(use_pickle, "save.p", [sample_pickle(protocol) for protocol in range(6)], [mutate_bytes]),
    "weights": Kind(
        use_pickle, "weights.npz", [sample_arrays()], [mutate_bytes, mutate_arrays, mutate_arrays]
    ),
    "packed pickle": Kind(
        use_pickle,
        "save.p.gz",
        [gzip.compress(sample_pickle(protocol), 1) for protocol in (0, 2, 4)],
        [mutate_bytes, mutate_packed, mutate_packed],
    ),
    "kept curve": Kind(
        use_kept_curve,
        f"models/karpathy/{curve_cache.FILE}",
        [sample_kept_curve()],
        [mutate_bytes, mutate_arrays, mutate_arrays],
    ),
    "training log": Kind(
        use_training_log, "train.log", [b"first line\n" * 40 + b"Traceback\n  the last\n"], [mutate_bytes]
    ),
    "lab status": Kind(
        use_lab_status, "lab/tight-crop-1/status.json", [sample_status()], [mutate_bytes, mutate_json]
    ),
    "doctor, metrics": Kind(
        use_doctor, "models/karpathy/metrics.jsonl", [METRICS], [mutate_bytes, mutate_json]
    ),
    "doctor, status": Kind(
        use_doctor, "models/karpathy/status.json", [KARPATHY / "status.json"], [mutate_bytes, mutate_json]
    ),
    "doctor, resume": Kind(
        use_doctor, "models/karpathy/resume.npz", [KARPATHY / "resume.npz"], [mutate_bytes, mutate_arrays]
    ),
    "doctor, match log": Kind(
        use_doctor, "matches.jsonl", [FORMATS / "matches-2.jsonl"], [mutate_bytes, mutate_json]
    ),
}
if importlib.util.find_spec("optuna"):
    KINDS["sweep journal"] = Kind(
        use_journal,
        "sweeps/karpathy-1/journal.log",
        [FORMATS / "sweeps" / "karpathy-1" / "journal.log"],
        [mutate_bytes, mutate_json],
    )
