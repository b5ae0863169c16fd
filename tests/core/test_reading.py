"""Reading what anybody may have written: only ordinary files, only so large, only finite numbers."""

import json
import math
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pongarena.core.reading import open_ordinary, parse_json, read_json, read_ordinary


@pytest.mark.parametrize("value", [{"a": [1, -2.5, None, True, "x"]}, 2**127, [], 1e-300, "9" * 200])
def test_json_comes_back(value):
    assert parse_json(json.dumps(value)) == value
    assert parse_json(json.dumps(value).encode()) == value


def all_numbers(value):
    if isinstance(value, (int, float)):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [number for each in inner for number in all_numbers(each)]


NUMBERS = st.from_regex(r"-?(0|[1-9][0-9]{0,110})(\.[0-9]{1,6})?([eE][+-]?[0-9]{1,4})?", fullmatch=True)


@settings(max_examples=40)
@given(st.lists(NUMBERS, max_size=4), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32-le"]))
def test_every_number_that_comes_is_finite_and_no_count_is_endless(numbers, coding):
    text = "[" + ", ".join(numbers) + "]"
    try:
        found = parse_json(text.encode(coding))
    except ValueError:
        return
    assert len(found) == len(numbers)
    assert all(math.isfinite(each) and abs(each) < 10**309 for each in all_numbers(found))
    assert parse_json(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "1E+400",
        "[Infinity]",
        '{"a": -Infinity}',
        "1e999",
        "9" * 101,
        "-" + "9" * 5000,
        "[" * 100_000,
        "\xff",
    ],
)
def test_numbers_that_are_none_and_endless_nests_are_refused(text):
    with pytest.raises(ValueError):
        parse_json(text)


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(ValueError):
        parse_json(b'"\xff\xff\xff"')


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(1 << 40)  # takes no space
    with pytest.raises(ValueError, match="at most 1,000 bytes, got 1,099,511,627,776"):
        read_json(path, limit=1000)


def test_a_file_of_the_largest_size_is_read(tmp_path):
    (tmp_path / "file").write_bytes(b"x" * 10)
    assert read_ordinary(tmp_path / "file", limit=10) == b"x" * 10


@pytest.mark.skipif(os.name != "posix", reason="pipes and devices have names on POSIX")
def test_a_pipe_or_a_device_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", "/dev/zero"):
        with pytest.raises(OSError, match="no ordinary file"):
            open_ordinary(path)


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(OSError):
        open_ordinary(tmp_path)
