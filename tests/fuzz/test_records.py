"""Every entry of every record spoiled: other types, depths, encodings, lengths and moments.

The readers are those of `test_fuzz`, and so is `PONGARENA_FUZZ_CASES`, which sets how many of each there are.
"""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.mutations import VALUES, mutate_json
from tests.fuzz.readers import KINDS
from tests.fuzz.test_fuzz import CASES, Taken, check, tally

FEW = 20
RECORDS = sorted(name for name, kind in KINDS.items() if mutate_json in kind.mutations)

NEST = "here comes a nest"
MOMENTS = st.builds(
    "2026-01-02{}03:04:05{}".format,
    st.characters(codec=None),
    st.sampled_from(["", "Z", "\x1b[2J"]),
)
TEXTS = st.text(st.characters(codec=None), max_size=40) | st.sampled_from(["nan", "x" * 100_000, "\n" * 5000])
NUMBERS = st.integers() | st.integers(-(10**120), 10**120) | st.floats()
TREES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
# a copy of each: a shared list, put into itself, would make a record without an end
ODD = st.sampled_from(VALUES).map(copy.deepcopy) | MOMENTS | TEXTS | NUMBERS | TREES
ENCODINGS = ("utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-32-be", "latin-1", "cp437")


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every holder in a record, with each of its keys."""
    found, ahead = [], [value]
    for holder in ahead:  # no recursion: some values are nested deeper than Python likes
        is_holder = isinstance(holder, dict | list)
        keys = holder if isinstance(holder, dict) else range(len(holder)) if is_holder else ()
        found += [(holder, key) for key in keys]
        ahead += [holder[key] for key in keys]
    return found


@st.composite
def spoiled(draw: st.DrawFn, content: bytes) -> bytes:
    """A record with other values in one to three places, in some encoding."""
    try:
        before, record = b"", json.loads(content)
    except ValueError:  # of many lines, the last one
        before, _, line = content.rstrip().rpartition(b"\n")
        record = json.loads(line)
    for _ in range(draw(st.integers(1, 3))):
        found = places(record)
        holder, key = found[draw(st.integers(0, len(found) - 1))]
        what = draw(st.integers(0, 9))
        if what == 0:
            del holder[key]
        elif what == 1 and isinstance(holder, dict):
            holder[draw(TEXTS)] = holder.pop(key)
        elif what == 2:
            holder[key] = NEST
        else:
            holder[key] = draw(ODD)
        if not places(record):
            break
    depth = draw(st.integers(1, 3000))
    nest = draw(st.sampled_from([("[", "]"), ('{"a":', "}"), ('[{"name":', "}]")]))
    text = json.dumps(record, ensure_ascii=draw(st.booleans()))
    text = text.replace(json.dumps(NEST), nest[0] * depth + "1" + nest[1] * depth)
    errors = draw(st.sampled_from(["surrogatepass", "replace"]))
    encoding = draw(st.sampled_from(ENCODINGS))
    if errors == "surrogatepass" and not encoding.startswith("utf"):
        errors = "replace"
    return before + b"\n" * bool(before) + text.encode(encoding, errors) + b"\n"


def spoil(name: str, cases: int, home: Path) -> list[Taken]:
    kind, outside, found = KINDS[name], home.parent / "outside", []
    outside.write_bytes(b"")

    @settings(
        max_examples=cases,
        database=None,
        derandomize=cases == FEW,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(kind.contents).flatmap(spoiled))
    def feed(content: bytes) -> None:
        (home / kind.name).write_bytes(content)
        found.append(check(kind, home / kind.name, outside))

    feed()
    return found


@pytest.mark.parametrize("kind", RECORDS)
def test_a_record_of_other_types_is_read_clean_or_refused(kind, place):
    spoil(kind, FEW, place)


@pytest.mark.slow
@pytest.mark.timeout(180 + CASES // 2)
@pytest.mark.parametrize("kind", RECORDS)
def test_thousands_of_records_of_other_types_are_read_clean_or_refused(kind, place, record_property):
    record_property("fuzz", [f"{kind}, types", "", *tally(spoil(kind, CASES, place))])
