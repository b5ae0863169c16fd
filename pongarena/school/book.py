"""Read the school's text, ``assets/how-it-works.md``: chapters of prose, exhibits and questions.

A line ``<!-- live: NAME -->`` marks the place of an exhibit, ``<!-- ask: NAME -->`` that of a question; other
Markdown readers do not show these comments.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from pongarena.core import paths
from pongarena.core.errors import LibraryError
from pongarena.core.reading import read_ordinary, reason

__all__ = ["Ask", "Chapter", "Live", "Prose", "read_book"]

_LARGEST = 1 << 20
"""Bytes; the text has some 60,000."""

_PLACE = re.compile(r"^<!-- (live|ask): ([a-z-]+) -->$", re.MULTILINE)


@dataclass(frozen=True)
class Prose:
    """Some Markdown."""

    text: str


@dataclass(frozen=True)
class Live:
    """A place for an exhibit."""

    name: str


@dataclass(frozen=True)
class Ask:
    """A place for a question."""

    name: str


Piece: TypeAlias = Prose | Live | Ask


@dataclass(frozen=True)
class Chapter:
    """A chapter.

    Attributes:
        title: Its heading.
        pieces: Prose, exhibits and questions, in order.
    """

    title: str
    pieces: tuple[Piece, ...]

    @property
    def questions(self) -> tuple[str, ...]:
        """The names of its questions."""
        return tuple(piece.name for piece in self.pieces if isinstance(piece, Ask))


def read_book(path: Path | None = None) -> tuple[Chapter, ...]:
    """Read all chapters; text before the first heading belongs to the first chapter.

    Raises:
        LibraryError: When the text is missing or cannot be read.
    """
    path = paths.assets_dir() / "how-it-works.md" if path is None else path
    try:
        text = read_ordinary(path, limit=_LARGEST).decode()
    except (OSError, ValueError) as error:
        raise LibraryError(f"cannot read {path} ({reason(error)}); install pongarena again") from error
    introduction, *chapters = re.split(r"^## ", text, flags=re.MULTILINE)
    introduction = re.sub(r"\A# .*\n", "", introduction).strip()
    read = []
    for number, chapter in enumerate(chapters):
        title, _, body = chapter.partition("\n")
        read.append(Chapter(title.strip(), _pieces(f"{introduction}\n\n{body}" if number == 0 else body)))
    if not read:
        raise LibraryError(f"{path} has no chapters; install pongarena again")
    return tuple(read)


def _pieces(body: str) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    done = 0
    for place in _PLACE.finditer(body):
        pieces.append(Prose(body[done : place.start()].strip()))
        pieces.append(Live(place[2]) if place[1] == "live" else Ask(place[2]))
        done = place.end()
    pieces.append(Prose(body[done:].strip()))
    return tuple(piece for piece in pieces if piece != Prose(""))
