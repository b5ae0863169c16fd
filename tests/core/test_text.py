"""Texts of strangers: nothing in them reaches a terminal as a command; what is harmless stays as it is."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pongarena.core.errors import CheckpointError
from pongarena.core.text import duration, local_time, moment, printable, time_range, unix_time


@given(st.text(), st.booleans())
def test_whatever_comes_out_can_be_printed(text, lines):
    shown = printable(text, lines=lines)
    assert all(letter.isprintable() for letter in shown if not (lines and letter == "\n"))
    shown.encode()  # no unpaired surrogates
    assert not any(unicodedata.category(letter) in ("Cc", "Cf") for letter in shown if letter != "\n")
    assert printable(shown, lines=lines) == shown


@given(st.text(), st.integers(1, 20))
def test_no_more_comes_out_than_was_asked_for(text, most):
    assert len(printable(text, most=most)) <= most


@pytest.mark.parametrize("text", ["deep-200", "Étude № 7 – «größer» ≥ 9", "深い学習", "Ώ and ñ́", "🏓 won!"])
def test_good_words_stay_as_they_are(text):
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2Jgone", "�[2Jgone"),
        ("\x1b]0;owned\x07", "�]0;owned�"),
        ("\x9b31mred", "�31mred"),
        ("a\nb\tc\rd\x85e\u2028f", "a b c d e f"),
        ("abc\u202egnp.exe", "abcgnp.exe"),
        ("ze\u200bro", "zero"),
        ("Z" + "\u0335" * 40, "Z\u0335\u0335\u0335"),
        ("\ud83d", "�"),
        ("a\xa0b", "a b"),
    ],
)
def test_what_a_terminal_would_obey_does_not_come_through(text, shown):
    assert printable(text) == shown


def test_lines_may_stay():
    assert printable("one\r\ntwo\n\x1b[Hthree", lines=True) == "one\ntwo\n�[Hthree"


def test_the_message_of_an_error_is_printable():
    assert str(CheckpointError("a file called \x1b[2J\nand more")) == "a file called �[2J\nand more"


DATES = [
    "2026-01-02T03:04:05Z",
    "2026-01-02T03:04:05.678+02:00",
    "2026-01-02 03:04",
    "1999-12-31",
    "1970-01-01T00:00:07+00:00",  # a board without a battery
    "0001-01-01T00:00:00",
    "9999-12-31T23:59:59-12:00",
]


@pytest.mark.parametrize("text", DATES)
def test_dates_are_taken_whatever_the_clock_said_and_can_be_shown(text):
    assert moment(text) == text
    assert unix_time(text) > -1e12
    assert local_time(text, "%d %b %Y")


def test_a_date_is_told_in_seconds_and_by_this_machines_clock():
    assert unix_time("1970-01-01T00:00:07+00:00") == unix_time("1970-01-01T02:00:07+02:00") == 7
    assert local_time("2026-06-15T12:00:00Z", "%d %b %Y").endswith(" Jun 2026")
    assert local_time("yesterday", "%Y") == "–"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-13-01",
        *(
            f"2026-01-02{between}03:04:05"
            for between in ("\n", "\x1b", "\x9b", "\u202e", "\ud800", "\x00", "x")
        ),
        "2026-01-02T03:04:05Z\n",
        "२०२६-०१-०२",
    ],
)
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError):
        moment(text)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (42.4, "42 s"), (59.6, "1 min"), (90, "2 min"), (3590, "1.0 h"), (86_400 * 12, "12 d")],
)
def test_a_duration_is_told_in_its_largest_unit(seconds, words):
    assert duration(seconds) == words


@given(st.floats(0, 1e8), st.floats(1, 100))
def test_an_estimate_is_never_nothing(low, factor):
    words = time_range(low, low * factor)
    assert not words.startswith(("0", "about 0")) and " 0" not in words and "–0" not in words
    assert words.endswith((" s", " min", " h", " days"))
