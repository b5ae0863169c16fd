"""Untrusted texts made safe to show, checked dates, and durations in words.

A name, a note or a log line may come from anywhere, and a terminal obeys what is printed to it: escape
sequences move the cursor, change the window's title, send keystrokes. So every text read from a file, and
every error message, passes through `printable`.
"""

import re
import unicodedata
from datetime import UTC, datetime

__all__ = ["LONGEST_WORDS", "duration", "local_time", "moment", "printable", "time_range", "unix_time"]

LONGEST_WORDS = 200
"""In characters: names, versions and similar texts in files are cut to this length."""

_MOST_MARKS = 3
"""Accents on one letter; more would stack up into the lines above."""

_PILE = re.compile(rf"[\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u20d0-\u20ff]{{{_MOST_MARKS + 1}}}")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")
_SPACE = re.compile(r"[\t\n\v\f\r\x1c-\x1f]")

_MINUTE_S, _HOUR_S, _DAY_S = 60.0, 3600.0, 86400.0

_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?)?", re.ASCII
)
"""An ISO date and time; stricter than `fromisoformat`, which takes any separator between the two."""


def printable(text: str, *, lines: bool = False, most: int | None = None) -> str:
    r"""Remove everything that a terminal would obey or that a reader could not see.

    Control characters and unpaired surrogates become ``�``; marks without a shape (zero width, direction
    overrides) are left out; spaces of any kind become spaces.

    Args:
        text: Any text.
        lines: Whether to keep line breaks; otherwise they become spaces.
        most: Maximum length in characters.

    >>> printable("deep\x1b]0;owned\x07")
    'deep�]0;owned�'
    """
    if most is not None and len(text) > most:
        text = text[: max(0, most - 1)] + "…"
    if text.isascii() and text.isprintable():
        return text
    if lines:
        return "\n".join(_plain(line) for line in text.replace("\r\n", "\n").split("\n"))
    return _plain(text)


def moment(text: str) -> str:
    """Return the text if it is an ISO date and time; any year, because a clock may be wrong.

    Raises:
        ValueError: When it is not.
    """
    if not _MOMENT.fullmatch(text):
        raise ValueError(f"expected an ISO date and time, got {text!r:.60}")
    datetime.fromisoformat(text)
    return text


def unix_time(text: str) -> float:
    """Convert a `moment` to Unix time in seconds; without a time zone it is taken as UTC.

    Raises:
        ValueError: When it is not a date and time.
    """
    then = datetime.fromisoformat(moment(text))
    # plain arithmetic, so not limited by the system's calendar
    return (then if then.tzinfo else then.replace(tzinfo=UTC)).timestamp()


def local_time(text: str, pattern: str) -> str:
    """Format a `moment` in local time as ``strftime`` does; a dash if it is invalid."""
    try:
        return datetime.fromtimestamp(unix_time(text)).astimezone().strftime(pattern)
    except (ValueError, OverflowError, OSError):
        return "–"


def duration(seconds: float) -> str:
    """Format a duration in its largest unit: ``42 s``, ``7 min``, ``3.5 h``, ``12 d``."""
    if seconds < _MINUTE_S - 0.5:
        return f"{max(0, seconds):.0f} s"
    if seconds < _HOUR_S - _MINUTE_S / 2:
        return f"{seconds / _MINUTE_S:.0f} min"
    if seconds < _DAY_S:
        return f"{seconds / _HOUR_S:.1f} h"
    return f"{seconds / _DAY_S:.0f} d"


def time_range(low: float, high: float) -> str:
    """Format the range of an estimated duration, rounded coarsely.

    >>> time_range(11.6, 12.2), time_range(41, 88), time_range(100, 190), time_range(50, 200)
    ('about 12 s', '40–90 s', '1.5–3 min', '50 s to 3.5 min')
    >>> time_range(0.2, 4), time_range(5400, 40_000)
    ('less than 4 s', '1.5–11 h')
    """
    high = max(high, 1.0)
    size, unit = _unit(high)
    first, last = _roughly(low / size), _roughly(high / size)
    if first == last:
        return f"about {last} {unit}"
    if low < 1:
        return f"less than {last} {unit}"
    small, small_unit = _unit(low)
    if small_unit != unit and low < size:
        return f"{_roughly(low / small)} {small_unit} to {last} {unit}"
    return f"{first}–{last} {unit}"


def _unit(seconds: float) -> tuple[float, str]:
    """Choose the unit of a duration: up to 96 seconds or minutes, stay below the next unit."""
    if seconds < 1.6 * _MINUTE_S:
        return 1.0, "s"
    if seconds < 1.6 * _HOUR_S:
        return _MINUTE_S, "min"
    return (_HOUR_S, "h") if seconds < 2 * _DAY_S else (_DAY_S, "days")


def _roughly(value: float) -> str:
    """Round to halves below 4, to whole numbers below 20, to fives from 20 on."""
    if value < 4:
        return f"{round(2 * value) / 2:g}"
    return f"{round(value):d}" if value < 20 else f"{5 * round(value / 5):,d}"


def _plain(line: str) -> str:
    if line.isascii():
        return _SPACE.sub(" ", _CONTROL.sub("\ufffd", line))
    if line.isprintable() and not _PILE.search(line):
        return line
    kept, marks = [], 0
    for letter in line:
        category = unicodedata.category(letter)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if letter.isspace():
            kept.append(" ")
        elif category != "Cf" and marks <= _MOST_MARKS:
            kept.append(letter if letter.isprintable() else "\ufffd")
    return "".join(kept)
