"""Thousands of spoiled files for every reader: only our own errors come out, and what comes out can be used.

`PONGARENA_FUZZ_CASES` sets how many of each kind, `PONGARENA_FUZZ_SEED` which ones. Ten thousand of each:

    PONGARENA_FUZZ_CASES=10000 pytest -m slow -n auto tests/fuzz
"""

import contextlib
import os
import random
import time
import tracemalloc
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pongarena.core.errors import CheckpointError, InvalidNameError, PongArenaError
from pongarena.core.reading import parse_json
from pongarena.jobs.requests import pending_requests
from pongarena.library.names import check_name, fresh_name
from pongarena.match.result import MatchResult
from pongarena.nn.pickle_reader import read_pickle
from tests.fuzz.guard import watched
from tests.fuzz.mutations import mutate_bomb
from tests.fuzz.readers import KINDS, Kind, fit_to_be_shown
from tests.fuzz.traps import clear, set_trap

FEW, MANY = 30, 100
CASES = int(os.environ.get("PONGARENA_FUZZ_CASES", str(MANY)))
MOST_MEMORY = 48 << 20
"""Bytes that a reader may take for a file that is small."""

MOST_SECONDS = 10
"""Of the processor, for one file."""

TRAPS, BOMBS = 0.03, 0.02
"""How many of the files are none, and how many unpack to more than any of ours."""


class Taken(NamedTuple):
    """What became of a file: whether it was good, the processor's seconds and the bytes that reading took."""

    good: bool
    seconds: float
    memory: int


def spoil(path: Path, kind: Kind, outside: Path, rng: random.Random) -> None:
    """Puts a spoiled file there, or what is none."""
    clear(path)
    content = rng.choice(kind.contents)
    chance = rng.random()
    if chance < TRAPS and os.name == "posix":
        outside.write_bytes(content)
        set_trap(path, content, outside, rng)
    else:
        mutation = mutate_bomb if chance < TRAPS + BOMBS else rng.choice(kind.mutations)
        path.write_bytes(mutation(content, rng))


def check(kind: Kind, path: Path, outside: Path) -> Taken:
    """Lets the reader have the file, under watch."""
    before, began = outside.read_bytes(), time.process_time()
    tracemalloc.start()
    try:
        with watched(outside.parent / "home") as seen:
            kind.use(path)
        good = True
    except PongArenaError as error:
        fit_to_be_shown(str(error))
        good = False
    finally:
        memory = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    taken = Taken(good, time.process_time() - began, memory)
    assert not seen, seen
    assert outside.read_bytes() == before, "a file outside of the data directory was changed"
    assert taken.memory < MOST_MEMORY, f"it took {taken.memory:,} bytes"
    assert taken.seconds < MOST_SECONDS, f"it took {taken.seconds:.1f} s"
    return taken


def tally(found: list[Taken]) -> tuple[int, int, float, float]:
    """How many files there were, how many were good, the longest time in s, the most memory in MB."""
    good, seconds, memory = zip(*found, strict=True)
    return len(found), sum(good), max(seconds), max(memory) / 1e6


def fuzz(name: str, cases: int, seed: int, home: Path) -> tuple[int, int, float, float]:
    """Feeds spoiled files to a reader; see `tally`."""
    kind, outside = KINDS[name], home.parent / "outside"
    path = home / kind.name
    for content in kind.contents:
        path.write_bytes(content)
        kind.use(path)  # the whole one is read
    outside.write_bytes(b"")
    found = []
    for case in range(cases):
        spoil(path, kind, outside, random.Random(f"{name} {seed} {case}"))
        try:
            found.append(check(kind, path, outside))
        except BaseException as error:
            error.add_note(f"{name}: case {case} with PONGARENA_FUZZ_SEED={seed}{keep(path)}")
            raise
    clear(path)
    return tally(found)


def keep(path: Path) -> str:
    """Copies the file that caused an error, if it is one; returns where to."""
    if path.is_symlink() or not path.is_file() or path.stat().st_size > 1 << 27:
        return ""
    kept = Path(os.environ.get("TMPDIR", "/tmp")) / f"spoiled-{path.name}"
    kept.write_bytes(path.read_bytes())
    return f"; the file is kept as {kept}"


@pytest.mark.parametrize("kind", KINDS)
def test_a_spoiled_file_brings_our_own_errors_and_nothing_else(kind, place):
    fuzz(kind, FEW, int(os.environ.get("PONGARENA_FUZZ_SEED", "1")), place)


@pytest.mark.slow
@pytest.mark.timeout(600 + CASES // 2)
@pytest.mark.parametrize("kind", KINDS)
def test_thousands_of_spoiled_files_bring_our_own_errors_and_nothing_else(kind, place, record_property):
    seed = int(os.environ.get("PONGARENA_FUZZ_SEED") or random.SystemRandom().randrange(10**6))
    record_property("fuzz", [kind, seed, *fuzz(kind, CASES, seed, place)])


def test_who_runs_code_or_writes_elsewhere_is_seen(tmp_path):
    (tmp_path / "home").mkdir()
    with watched(tmp_path / "home") as seen:
        (tmp_path / "home" / "x").write_text("allowed")
        (tmp_path / "home" / "x").read_text()
        assert seen == []
        (tmp_path / "x").write_text("elsewhere")
        (tmp_path / "home" / ".." / "x").unlink()
        os.system("true")
    assert [each.partition(" ")[0] for each in seen] == ["open", "os.remove", "os.system"]


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
