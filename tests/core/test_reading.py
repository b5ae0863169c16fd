"""Reading what anybody may have written: only ordinary files, only so large, only finite numbers."""

import json
import math
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pongarena.core.reading import (
    DEEPEST,
    end_of_file,
    lines_of,
    open_ordinary,
    parse_json,
    read_json,
    read_ordinary,
)


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
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(OSError, match="not a regular file"):
            open_ordinary(path)


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(OSError):
        open_ordinary(tmp_path)


@pytest.mark.parametrize("nest", ["[", '{"a":', '[{"a":'])
def test_nests_are_as_deep_as_is_said_and_no_deeper(nest):
    ends = nest.replace('"a":', "")[::-1].translate(str.maketrans("[{", "]}"))
    levels = len(ends)
    fits, value = DEEPEST // levels, "0"
    parse_json(nest * fits + value + ends * fits)
    for times in (fits + 1, 1000, 100_000):
        with pytest.raises(ValueError, match="too deeply"):
            parse_json(nest * times + value + ends * times)


@settings(max_examples=60)
@given(st.text(alphabet='[]{}"\\9,: é', max_size=300), st.integers(1, 150))
def test_brackets_and_digits_in_texts_do_not_count(text, digits):
    value = {text: [text, "9" * digits, "[" * digits, '"' * digits + "\\"]}
    assert parse_json(json.dumps(value)) == value


@pytest.mark.parametrize("text", [r'"\ud800"', r'{"\udfff": 1}', '"\ud800"'])
def test_half_a_surrogate_is_refused(text):
    with pytest.raises(ValueError):
        parse_json(text)


def test_a_text_without_an_end_costs_no_time():
    with pytest.raises(ValueError):
        parse_json("[" * 70 + '"' + '\\"' * 500_000)  # would be tried from each of these marks


def read_lines(path, longest=10):
    with open_ordinary(path) as file:
        return list(lines_of(file, longest))


def test_lines_come_with_their_ends_and_of_long_ones_the_beginning(tmp_path):
    (tmp_path / "log").write_bytes(b"one\n\n" + b"x" * 40 + b"\n" + b"y" * 10 + b"\nend")
    assert read_lines(tmp_path / "log") == [b"one\n", b"\n", b"x" * 11, b"y" * 10 + b"\n", b"end"]


def test_a_hole_costs_no_time(tmp_path):
    path = tmp_path / "log"
    with path.open("wb") as file:
        file.write(b"one\n")
        file.seek(1 << 40)
        file.write(b"\ntwo\n")
        file.truncate(1 << 41)
    lines = read_lines(path)
    assert (lines[0], lines[2]) == (b"one\n", b"two\n")
    assert len(lines) == 4


def test_the_end_of_a_file_comes_in_whole_lines(tmp_path):
    (tmp_path / "log").write_bytes(b"one\ntwo\nthree\n")
    assert end_of_file(tmp_path / "log", 100) == b"one\ntwo\nthree\n"
    assert end_of_file(tmp_path / "log", 9) == b"three\n"
