"""Texts that others wrote: made fit to be shown, and dates that can be believed.

A name, a note or a log line may come from anywhere, and a terminal obeys what is printed to it: escape
sequences move the cursor, change the window's title, answer with keystrokes. So every reader of files passes
its texts through `printable`, and errors do so with their messages.
"""

import re
import unicodedata
from datetime import datetime

__all__ = ["LONGEST_WORDS", "moment", "printable"]

LONGEST_WORDS = 200
"""Characters of a name, a version or the like in a file; longer ones are cut."""

_MOST_MARKS = 3
"""Accents on one letter; a pile of more would reach into the lines above."""

_PILE = re.compile(rf"[\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u20d0-\u20ff]{{{_MOST_MARKS + 1}}}")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")
_SPACE = re.compile(r"[\t\n\v\f\r\x1c-\x1f]")

_YEARS = range(1971, 9999)
"""Those that every system's calendar can count in; the first and the last have hours outside of it."""


def printable(text: str, *, lines: bool = False, most: int | None = None) -> str:
    r"""The text without anything that a terminal would obey or that a reader could not see.

    Control characters and unpaired surrogates become ``�``; marks without a shape (zero width, direction
    overrides) are left out; spaces of any kind become spaces.

    Args:
        text: Anything.
        lines: Whether line ends stay; otherwise they become spaces.
        most: How many characters are kept.

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


def moment(text: object) -> str:
    """The text, if it is a date and time that can be counted with.

    Raises:
        ValueError: When it is none.
    """
    if not isinstance(text, str) or datetime.fromisoformat(text).year not in _YEARS:
        raise ValueError(f"expected an ISO date and time, got {text!r:.60}")
    return text


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
