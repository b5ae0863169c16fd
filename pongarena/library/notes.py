"""The user's notes and tags for a model: ``notes.json`` in its folder."""

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pongarena.core.errors import InvalidSettingError, LibraryError
from pongarena.core.files import write_json_atomically
from pongarena.core.reading import reason
from pongarena.core.records import Word, read_record
from pongarena.core.system import rename
from pongarena.core.text import printable
from pongarena.library.models import Model

__all__ = [
    "FORMAT_VERSION",
    "MAX_TAGS",
    "MAX_TAG_LENGTH",
    "MAX_TEXT_LENGTH",
    "NOTES_FILE",
    "Notes",
    "parse_tags",
    "read_notes",
    "write_notes",
]

FORMAT_VERSION = 1
"""The version of ``notes.json``."""

NOTES_FILE = "notes.json"

MAX_TEXT_LENGTH = 20_000
"""Characters: some ten pages."""
MAX_TAGS = 12
MAX_TAG_LENGTH = 24

_LARGEST = 1 << 18
"""Bytes; a larger file is damage."""

_TAG = re.compile(r"\w[\w.+-]*")


@dataclass(frozen=True)
class Notes:
    """Notes and tags for a model.

    Attributes:
        text: Any lines.
        tags: Words in lower case to find models by, in the order typed.
        fault: Why the file could not be read; empty when it could, or does not exist.
    """

    text: str = ""
    tags: tuple[str, ...] = ()
    fault: str = ""


@dataclass(frozen=True)
class _Notes:
    text: str
    tags: tuple[Word, ...]


def parse_tags(line: str) -> tuple[str, ...]:
    """Split a typed line into tags: words separated by spaces or commas, each with or without a ``#``.

    Raises:
        InvalidSettingError: When a word is not a valid tag, or there are too many.
    """
    words = [word.lstrip("#").lower() for word in re.split(r"[\s,]+", line) if word.strip("#")]
    for word in words:
        if len(word) > MAX_TAG_LENGTH or not _TAG.fullmatch(word):
            raise InvalidSettingError(
                f"expected tags of at most {MAX_TAG_LENGTH} letters, digits, '.', '+', '-' and '_', got "
                f"{word[: MAX_TAG_LENGTH + 1]!r}; leave other characters out"
            )
    tags = tuple(dict.fromkeys(words))
    if len(tags) > MAX_TAGS:
        raise InvalidSettingError(f"expected at most {MAX_TAGS} tags, got {len(tags)}; leave some out")
    return tags


def read_notes(folder: Path) -> Notes:
    """Read the notes in a model's folder; never raises: ``fault`` describes a damaged file.

    Control sequences of the terminal and characters that cannot be shown are left out.
    """
    path = folder / NOTES_FILE
    try:
        record = read_record(path, _Notes, limit=_LARGEST, version=FORMAT_VERSION)
    except FileNotFoundError:
        return Notes()
    except (OSError, ValueError) as error:
        return Notes(
            fault=printable(f"{path} cannot be read ({reason(error)}); saving new notes puts it aside")
        )
    tags = [each.lower() for each in record.tags if len(each) <= MAX_TAG_LENGTH and _TAG.fullmatch(each)]
    return Notes(_shown(record.text)[:MAX_TEXT_LENGTH], tuple(tags[:MAX_TAGS]))


def write_notes(model: Model, text: str, tags: Iterable[str]) -> Notes:
    """Replace a model's notes, even while it trains.

    Returns:
        What was written.

    Raises:
        InvalidSettingError: When the text is too long, or a tag is not valid.
        LibraryError: When the model came with pongarena, is gone, or cannot be written.
    """
    if model.bundled:
        raise LibraryError(
            f"{model.name!r} came with pongarena and cannot be changed; fork it, and write notes there"
        )
    if not model.path.is_dir():
        raise LibraryError(f"there is no model {model.name!r} any more; it was renamed or deleted just now")
    if len(text) > MAX_TEXT_LENGTH:
        raise InvalidSettingError(
            f"expected at most {MAX_TEXT_LENGTH:,} characters of notes, got {len(text):,}; shorten them"
        )
    notes = Notes(_shown(text).strip(), parse_tags(" ".join(tags)))
    record = {"format_version": FORMAT_VERSION, "text": notes.text, "tags": list(notes.tags)}
    path = model.path / NOTES_FILE
    if read_notes(model.path).fault:  # perhaps a newer version wrote it
        with suppress(OSError):
            rename(path, path.with_name(f"{NOTES_FILE}.old"))
    write_json_atomically(path, record)
    return notes


def _shown(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\t", "    ").split("\n")
    return "\n".join("".join(letter for letter in line if letter.isprintable()) for line in lines)
