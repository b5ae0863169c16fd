"""Records by their types: exact, bounded, printable; what is wrong is said in words."""

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pongarena.core.records import (
    Count,
    Line,
    Lines,
    Meta,
    Moment,
    NewerRecordError,
    Real,
    Whole,
    Word,
    Words,
    decode,
    one_of,
    parse_record,
    read_record,
)
from pongarena.core.text import printable


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Inner:
    count: Count
    name: Word = ""

    def __post_init__(self) -> None:
        if self.count == 13:
            raise ValueError("thirteen is none of ours")


@dataclass(frozen=True, slots=True)
class Everything:
    word: Word
    line: Line = ""
    lines: Lines = ""
    made: Moment = "2026-01-01"
    colour: Colour = Colour.RED
    side: Annotated[str, one_of(("left", "right"))] = "left"
    count: Count = 0
    whole: Whole = 0
    real: Real | None = None
    small: Annotated[float, Meta(ge=0, le=1)] = 0.5
    yes: bool = False
    pair: tuple[Count, Count] = (0, 0)
    inner: tuple[Inner, ...] = ()
    keys: Words = field(default_factory=dict)
    rest: dict[str, Any] = field(default_factory=dict)


WHOLE: dict[str, Any] = {
    "word": "deep",
    "line": "one line",
    "lines": "two\nlines",
    "made": "2026-01-02T03:04:05+00:00",
    "colour": "blue",
    "side": "right",
    "count": 3,
    "whole": -4,
    "real": 1.5,
    "small": 1,
    "yes": True,
    "pair": [1, 2],
    "inner": [{"count": 1, "name": "x"}, {"count": 2}],
    "keys": {"up": "w"},
    "rest": {"a": [1, None]},
    "unknown": "is left out",
}


def test_a_whole_record_comes_as_it_is():
    assert decode(WHOLE, Everything) == Everything(
        "deep", "one line", "two\nlines", "2026-01-02T03:04:05+00:00", Colour.BLUE, "right", 3, -4, 1.5, 1.0,
        True, (1, 2), (Inner(1, "x"), Inner(2)), {"up": "w"}, {"a": [1, None]},
    )  # fmt: skip


def test_what_is_missing_has_its_default():
    assert decode({"word": ""}, Everything) == Everything("")


def test_texts_are_plain_printable_and_cut():
    found = decode({"word": "a\x1b[2J" * 100, "lines": "a\r\n\x9bb", "keys": {"\x07": "\u202e!"}}, Everything)
    assert type(found.word) is str and len(found.word) == 200 and found.word.startswith("a�[2J")
    assert (found.lines, dict(found.keys)) == ("a\n�b", {"�": "!"})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"word": 5}, "word: expected str, got int"),
        ({"word": None}, "word: expected str, got NoneType"),
        ({"made": "2026-01-01\x1b03:04"}, "made: expected an ISO date"),
        ({"colour": "green"}, "colour: invalid enum value 'green'"),
        ({"side": "left\n"}, "side: expected str like"),
        ({"count": -1}, "count: expected int >= 0"),
        ({"count": 1 << 62}, "count: expected int <="),
        ({"count": True}, "count: expected int, got bool"),
        ({"count": "1"}, "count: expected int, got str"),
        ({"count": 1.5}, "count: expected int, got float"),
        ({"real": "nan"}, "real: expected float"),
        ({"real": 1e300}, "real: expected float <"),
        ({"real": 10**90}, "real: expected float <"),
        ({"small": 1.01}, "small: expected float <= 1"),
        ({"yes": 1}, "yes: expected bool, got int"),
        ({"pair": [1]}, "pair: expected array of length 2, got 1"),
        ({"inner": [{"count": 1}, {"name": "x"}]}, r"inner\[1\]: count is missing"),
        ({"inner": [{"count": 13}]}, "thirteen is none of ours"),
        ({"inner": "xxx"}, "inner: expected array, got str"),
        ({"keys": {"up": 1}}, "expected str, got int"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(change, words):
    with pytest.raises(ValueError, match=words):
        decode({**WHOLE, **change}, Everything)


@pytest.mark.parametrize("record", [[], None, "x", 5, {}, {"format_version": "1"}, {"format_version": True}])
def test_what_names_no_version_is_refused(record):
    with pytest.raises(ValueError, match=r"no format version|not a JSON object"):
        parse_record(json.dumps(record).encode(), Inner, version=1)


def test_newer_ones_are_told_apart(tmp_path):
    (tmp_path / "x.json").write_text(json.dumps({"format_version": 3}))
    with pytest.raises(NewerRecordError, match="a newer pongarena wrote it") as caught:
        read_record(tmp_path / "x.json", Inner, limit=100, version=2)
    assert caught.value.version == 3


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=200)
@given(st.sampled_from(sorted(WHOLE)), JSON)
def test_whatever_stands_in_an_entry_is_taken_clean_or_refused(name, value):
    try:
        found = decode({**WHOLE, name: value}, Everything)
    except ValueError:
        return
    assert 0 <= found.count < 1 << 62 and 0 <= found.small <= 1
    texts = [
        found.word,
        found.line,
        found.made,
        *found.keys,
        *found.keys.values(),
        *(each.name for each in found.inner),
    ]
    assert all(printable(text) == text and len(text) <= 2000 for text in texts)
    assert printable(found.lines, lines=True) == found.lines
