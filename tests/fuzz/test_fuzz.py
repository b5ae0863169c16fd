"""Thousands of spoiled files for every reader: only our own errors come out, and what comes out can be used.

`PONGARENA_FUZZ_CASES` sets how many of each kind, `PONGARENA_FUZZ_SEED` which ones. Ten thousand of each:

    PONGARENA_FUZZ_CASES=10000 pytest -m slow -n auto tests/fuzz
"""

import contextlib
import os
import pickle
import random
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pongarena.bench.box import read_plan
from pongarena.cli.show import age
from pongarena.core import paths
from pongarena.core.errors import CheckpointError, InvalidNameError, PongArenaError
from pongarena.core.reading import parse_json
from pongarena.core.text import printable
from pongarena.envs.observation import SparseFrames
from pongarena.jobs.requests import pending_requests
from pongarena.jobs.status import read_status
from pongarena.lab.report import write_report
from pongarena.lab.store import lab_runs
from pongarena.lab.sweep_plan import find_sweep
from pongarena.library.card import read_opponent_card
from pongarena.library.evaluations import read_evaluations
from pongarena.library.exchange import import_file
from pongarena.library.measured import Estimate, outlook, read_probe
from pongarena.library.models import Library
from pongarena.library.names import check_name, fresh_name
from pongarena.library.notes import read_notes
from pongarena.library.preferences import MOST_SESSIONS, read_preferences
from pongarena.library.progress import measure, share_curve
from pongarena.library.reference import read_references
from pongarena.library.sessions.snapshot import read_snapshot
from pongarena.match.ladder import climb
from pongarena.match.log import read_log, read_recording
from pongarena.match.ratings import fit
from pongarena.match.result import MatchResult
from pongarena.match.save_states import read_state, states
from pongarena.match.standings import table
from pongarena.match.tournament import tournaments
from pongarena.match.tournament_results import Results
from pongarena.match.tournament_run import read_run
from pongarena.nn.checkpoint import read_card, read_checkpoint, read_resume
from pongarena.nn.importers import import_weights
from pongarena.nn.pickle_reader import read_pickle
from pongarena.school.answers import read_answers
from pongarena.training.registry import recipe, resume_trainer
from pongarena.window.settings import read_settings
from tests.fuzz.mutations import Mutation, mutate_arrays, mutate_bundle, mutate_bytes, mutate_json
from tests.test_formats import FORMATS, MATCH

FEW, MANY = 60, 200
CASES = int(os.environ.get("PONGARENA_FUZZ_CASES", str(MANY)))
MOST_MEMORY = 48 << 20
"""Bytes that a reader may take for a file that is small."""

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
    (listed,) = states()
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


def use_evaluations(path: Path) -> None:
    for each in read_evaluations(path.parent):
        fit_to_be_shown(str(each), each.made)
        age(each.made)


def use_box(path: Path) -> None:
    plan = read_plan(path)
    fit_to_be_shown(plan.machine, *(each.made() for each in plan.sessions))
    fit_to_be_shown(*(text for each in plan.opponents for text in (each.name, each.source, each.about)))


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
KINDS: dict[str, tuple[Callable[[Path], None], str, list[Path | bytes], list[Mutation]]] = {
    "checkpoint": (
        use_checkpoint,
        "ep000001.npz",
        [KARPATHY / "checkpoints" / "ep000001.npz", FORMATS / "checkpoint-compact-1.npz"],
        [mutate_bytes, mutate_arrays, mutate_arrays],
    ),
    "resume": (
        use_resume,
        "resume.npz",
        [KARPATHY / "resume.npz"],
        [mutate_bytes, mutate_arrays, mutate_arrays],
    ),
    "model": (
        use_model,
        "models/karpathy/model.json",
        [KARPATHY / "model.json", FORMATS / "model-cloned-1.json"],
        [mutate_bytes, mutate_json],
    ),
    "status": (use_status, "status.json", [KARPATHY / "status.json"], [mutate_bytes, mutate_json]),
    "metrics": (
        use_metrics,
        "models/karpathy/metrics.jsonl",
        [FORMATS / "models" / "turbo" / "metrics.jsonl"],
        [mutate_bytes, mutate_json],
    ),
    "match log": (
        use_log,
        "matches.jsonl",
        [FORMATS / "matches-1.jsonl", FORMATS / "matches-2.jsonl"],
        [mutate_bytes, mutate_json],
    ),
    "recording": (
        use_recording,
        f"matches/{MATCH}.npz",
        [FORMATS / "recording-1.npz", FORMATS / "recording-2.npz", FORMATS / "recording-4.npz"],
        [mutate_bytes, mutate_arrays, mutate_arrays],
    ),
    "saved state": (
        use_state,
        "states/one.npz",
        [FORMATS / "state-3.npz", FORMATS / "recording-4.npz"],
        [mutate_bytes, mutate_arrays, mutate_arrays],
    ),
    "settings": (use_settings, "settings.json", [FORMATS / "settings-1.json"], [mutate_bytes, mutate_json]),
    "card": (use_opponent_card, "card.json", [FORMATS / "card-1.json"], [mutate_bytes, mutate_json]),
    "evaluations": (use_evaluations, "evaluations.json", [EVALUATIONS], [mutate_bytes, mutate_json]),
    "box": (use_box, "box.json", [paths.assets_dir() / "box.json"], [mutate_bytes, mutate_json]),
    "notes": (use_notes, "notes.json", [FORMATS / "notes-1.json"], [mutate_bytes, mutate_json]),
    "preferences": (
        use_preferences,
        "preferences.json",
        [FORMATS / "preferences-1.json"],
        [mutate_bytes, mutate_json],
    ),
    "school": (use_answers, "school.json", [FORMATS / "school-1.json"], [mutate_bytes, mutate_json]),
    "measured": (use_measured, "measured.json", [MEASURED], [mutate_bytes, mutate_json]),
    "snapshot": (
        use_snapshot,
        "snapshot.npz",
        [FORMATS / "snapshot-1.npz"],
        [mutate_bytes, mutate_arrays, mutate_arrays],
    ),
    "tournament": (
        use_tournament,
        f"tournaments/{CUP.name}/tournament.json",
        [CUP / "tournament.json", FORMATS / "tournament-2.json"],
        [mutate_bytes, mutate_json],
    ),
    "tournament's run": (
        use_tournament,
        f"tournaments/{CUP.name}/run.json",
        [CUP / "run.json"],
        [mutate_bytes, mutate_json],
    ),
    "tournament's matches": (
        use_tournament,
        f"tournaments/{CUP.name}/matches.jsonl",
        [CUP / "matches.jsonl"],
        [mutate_bytes, mutate_json],
    ),
    "lab plan": (
        use_lab,
        "lab/tight-crop-1/plan.json",
        [LAB / "plan.json"],
        [mutate_bytes, mutate_json],
    ),
    "sweep": (
        use_sweep,
        "sweeps/karpathy-1/plan.json",
        [FORMATS / "sweeps" / "karpathy-1" / "plan.json"],
        [mutate_bytes, mutate_json],
    ),
    "lab curve": (
        use_lab,
        "lab/tight-crop-1/runs/1-1.jsonl",
        [LAB / "runs" / "1-1.jsonl"],
        [mutate_bytes, mutate_json],
    ),
    "ladder": (
        use_ladder,
        "given/ladder.json",
        [FORMATS / "ladder-0.json", FORMATS / "ladder-1.json"],
        [mutate_bytes, mutate_json],
    ),
    "reference": (
        use_reference,
        "reference.json",
        [REFERENCE],
        [mutate_bytes, mutate_json],
    ),
    "bundle": (
        use_bundle,
        "gift/gift.pongarena",
        [FORMATS / "bundle-1.pongarena"],
        [mutate_bytes, mutate_bundle, mutate_bundle],
    ),
    "pickle": (use_pickle, "save.p", [sample_pickle(protocol) for protocol in range(6)], [mutate_bytes]),
}


def fuzz(kind: str, cases: int, seed: int, place: Path) -> int:
    """Feeds spoiled files to a reader.

    Returns:
        How many it took for good.
    """
    use, name, samples, mutations = KINDS[kind]
    path = place / name
    contents = [each if isinstance(each, bytes) else each.read_bytes() for each in samples]
    good = 0
    for content in contents:
        path.write_bytes(content)
        use(path)  # the whole one is read
    tracemalloc.start()
    try:
        for case in range(cases):
            rng = random.Random(f"{kind} {seed} {case}")
            path.write_bytes(rng.choice(mutations)(rng.choice(contents), rng))
            tracemalloc.reset_peak()
            try:
                use(path)
                good += 1
            except PongArenaError as error:
                fit_to_be_shown(str(error))
            except BaseException as error:
                kept = Path(os.environ.get("TMPDIR", "/tmp")) / f"spoiled-{path.name}"
                kept.write_bytes(path.read_bytes())
                error.add_note(
                    f"{kind}: case {case} with PONGARENA_FUZZ_SEED={seed}; the file is kept as {kept}"
                )
                raise
            taken = tracemalloc.get_traced_memory()[1]
            assert taken < MOST_MEMORY, f"{kind}: case {case} of seed {seed} took {taken:,} bytes"
    finally:
        tracemalloc.stop()
    return good


@pytest.mark.parametrize("kind", KINDS)
def test_a_spoiled_file_brings_our_own_errors_and_nothing_else(kind, place):
    fuzz(kind, FEW, int(os.environ.get("PONGARENA_FUZZ_SEED", "1")), place)


@pytest.mark.slow
@pytest.mark.timeout(600 + CASES // 2)
@pytest.mark.parametrize("kind", KINDS)
def test_thousands_of_spoiled_files_bring_our_own_errors_and_nothing_else(kind, place):
    seed = int(os.environ.get("PONGARENA_FUZZ_SEED") or random.SystemRandom().randrange(10**6))
    good = fuzz(kind, CASES, seed, place)
    print(f"{kind}: {CASES:,} spoiled files of seed {seed}, {good:,} of them still good, no foreign error")


# -- rules for all inputs

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.binary(max_size=300))
def test_bytes_are_json_or_a_value_error(content):
    with contextlib.suppress(ValueError):
        parse_json(content)


ORDERS = st.sampled_from([bytes([code]) for code in range(256)]) | st.binary(max_size=6)


@settings(max_examples=300)
@given(st.lists(ORDERS, max_size=60))
def test_no_row_of_orders_does_more_than_to_be_refused(orders):
    with contextlib.suppress(ValueError, CheckpointError):
        read_pickle(b"".join(orders))


@given(JSON)
def test_a_result_is_one_or_a_value_error(value):
    with contextlib.suppress(ValueError, KeyError, TypeError):
        MatchResult.from_json(value)


@given(st.text(max_size=60), st.sets(st.sampled_from(["a", "model", "con-2"])))
def test_a_fresh_name_is_always_a_name(wish, taken):
    name = fresh_name(wish, taken)
    assert check_name(name) == name
    assert name.lower() not in taken


@given(st.text(max_size=60))
def test_a_name_is_a_folder_in_the_library_or_refused(name):
    try:
        check_name(name)
    except InvalidNameError as error:
        fit_to_be_shown(str(error))
        return
    assert (Path("library") / name).parent == Path("library")
    assert name.isascii() and not name.startswith((".", "-")) and not name.endswith((".", " "))


def test_requests_of_any_name_are_removed_or_known(tmp_path):
    folder = tmp_path / "requests"
    folder.mkdir()
    rng = random.Random(0)
    for _ in range(200):
        letters = (rng.choice("ab.stop\x1b\n pause-é\u202e9%") for _ in range(rng.randrange(1, 30)))
        (folder / ("x" + "".join(letters))).touch()
    (folder / "1-1.stop").touch()
    assert [str(verb) for verb, *_ in pending_requests(tmp_path)].count("stop") >= 1
    assert len(list(folder.iterdir())) == len(pending_requests(tmp_path))
