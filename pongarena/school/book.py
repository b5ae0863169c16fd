"""The text: ``assets/how-it-works.md``, cut into chapters, and these into words and places for exhibits.

A line ``<!-- live: NAME -->`` stands where the app puts an exhibit; other readers do not see it.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from pongarena.core import paths
from pongarena.core.errors import LibraryError
from pongarena.core.reading import read_ordinary, reason

__all__ = ["Chapter", "Live", "Prose", "read_book"]

_LARGEST = 1 << 20
"""Bytes of the text, which has some 60,000."""

_LIVE = re.compile(r"^<!-- live: ([a-z-]+) -->$", re.MULTILINE)


@dataclass(frozen=True)
class Prose:
    """Some Markdown."""

    text: str


@dataclass(frozen=True)
class Live:
    """A place for an exhibit."""

    name: str


Piece: TypeAlias = Prose | Live


@dataclass(frozen=True)
class Chapter:
    """A chapter.

    Attributes:
        title: Its heading.
        pieces: Words and exhibits, in their order.
    """

    title: str
    pieces: tuple[Piece, ...]


def read_book(path: Path | None = None) -> tuple[Chapter, ...]:
    """All chapters; what stands before the first heading belongs to the first one.

    Raises:
        LibraryError: When the text is not there or cannot be read.
    """
    path = paths.assets_dir() / "how-it-works.md" if path is None else path
    try:
        text = read_ordinary(path, limit=_LARGEST).decode()
    except (OSError, ValueError) as error:
        raise LibraryError(f"cannot read {path} ({reason(error)}); install pongarena anew") from error
    introduction, *chapters = re.split(r"^## ", text, flags=re.MULTILINE)
    introduction = re.sub(r"\A# .*\n", "", introduction).strip()
    read = []
    for number, chapter in enumerate(chapters):
        title, _, body = chapter.partition("\n")
        read.append(Chapter(title.strip(), _pieces(f"{introduction}\n\n{body}" if number == 0 else body)))
    if not read:
        raise LibraryError(f"{path} has no chapters; install pongarena anew")
    return tuple(read)


def _pieces(body: str) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    for number, part in enumerate(_LIVE.split(body)):
        if number % 2:
            pieces.append(Live(part))
        elif part.strip():
            pieces.append(Prose(part.strip()))
    return tuple(pieces)
