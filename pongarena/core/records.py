"""Records in files, decoded by type: a dataclass's annotations define the valid values of each field.

::

    @dataclass(frozen=True)
    class Player:
        name: Word                       # printable, cut to a name's length
        matches: Count = 0               # a whole number from 0 on
        rating: Real | None = None       # a finite number
        met: tuple[Moment, ...] = ()     # ISO dates and times

    player = read_record(path, Player, limit=1 << 16, version=1)

Fields without a default are required; unknown fields are ignored. Types are strict: neither ``true`` nor
``"1"`` is a number. Checks that a type cannot express belong in ``__post_init__``, which raises a
`ValueError`. All texts are made printable.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, TypeVar

import msgspec
from msgspec import Meta

from pongarena.core.reading import parse_json, read_json
from pongarena.core.text import LONGEST_WORDS, moment, printable

__all__ = [
    "Count",
    "Line",
    "Lines",
    "Meta",
    "Moment",
    "NewerRecordError",
    "Numbers",
    "Real",
    "Whole",
    "Word",
    "Words",
    "decode",
    "format_version",
    "one_of",
    "parse_record",
    "read_record",
]

MOST = 1 << 62
"""Bound of all counts, times and process ids: larger ones would not fit into an array."""

Count: TypeAlias = Annotated[int, Meta(ge=0, lt=MOST)]
"""How many of something."""

Whole: TypeAlias = Annotated[int, Meta(gt=-MOST, lt=MOST)]

Real: TypeAlias = Annotated[float, Meta(gt=-MOST, lt=MOST)]
"""A finite number; integers are accepted, too."""

Record = TypeVar("Record")

_MISSING = re.compile(r"Object missing required field (.+)")


def one_of(words: Iterable[str]) -> Meta:
    """Restrict a text to the given words."""
    return Meta(pattern=rf"\A(?:{'|'.join(map(re.escape, words))})\Z")


_LONGEST_LINE = 2000
_LONGEST_TEXT = 20_000


class _Clean(type):
    """Types of values that are cleaned on reading and are then a plain ``str`` or ``dict``."""

    plain: type

    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, cls.plain)

    def read(cls, value: Any) -> Any:  # noqa: ANN401
        raise NotImplementedError


class _Text(_Clean):
    plain = str
    lines: bool
    most: int

    def read(cls, value: str) -> str:
        return printable(value, lines=cls.lines, most=cls.most)


class _Moment(_Clean):
    plain = str

    def read(cls, value: str) -> str:
        return moment(value)


class _Named(_Clean):
    """An object with arbitrary keys; msgspec checks only the values."""

    plain = dict
    values: Any

    def read(cls, value: dict[str, Any]) -> dict[str, Any]:
        found = decode(value, dict[str, cls.values])  # type: ignore[name-defined]
        return {printable(name, most=LONGEST_WORDS): each for name, each in found.items()}


if TYPE_CHECKING:
    Word: TypeAlias = str
    Line: TypeAlias = str
    Lines: TypeAlias = str
    Moment: TypeAlias = str
    Words: TypeAlias = dict[str, str]
    Numbers: TypeAlias = dict[str, int | float]
else:
    Word = _Text("Word", (), {"lines": False, "most": LONGEST_WORDS})
    """A name, a version or the like."""
    Line = _Text("Line", (), {"lines": False, "most": _LONGEST_LINE})
    """A sentence or a command."""
    Lines = _Text("Lines", (), {"lines": True, "most": _LONGEST_TEXT})
    """Text that may have several lines."""
    Moment = _Moment("Moment", (), {})
    """An ISO date and time."""
    Words = _Named("Words", (), {"values": Word})
    """Texts by arbitrary names."""
    Numbers = _Named("Numbers", (), {"values": Whole | Real})
    """Numbers by arbitrary names, such as settings."""


class NewerRecordError(ValueError):
    """An intact record that only a later pongarena can read."""

    def __init__(self, version: int, known: int) -> None:
        self.version = version
        super().__init__(
            f"expected format version {known} or older, got {version}; a newer pongarena wrote it: update "
            "with `pipx upgrade pongarena`"
        )


def read_record(path: Path, kind: type[Record], *, limit: int, version: int) -> Record:
    """Read a JSON file as a record.

    Args:
        path: The file.
        kind: A dataclass.
        limit: Maximum size of the file in bytes.
        version: The newest supported ``format_version``.

    Raises:
        OSError: When it cannot be read.
        NewerRecordError: When a newer pongarena wrote it.
        ValueError: When it is not such a record.
    """
    record = read_json(path, limit=limit)
    format_version(record, version)
    return decode(record, kind)


def parse_record(content: bytes, kind: type[Record], *, version: int) -> Record:
    """Parse JSON as a record; see `read_record`."""
    record = parse_json(content)
    format_version(record, version)
    return decode(record, kind)


def format_version(record: object, known: int) -> int:
    """Return the record's format version, from 1 to ``known``.

    Raises:
        NewerRecordError: When it is newer.
        ValueError: When the record is not an object, or has no format version.
    """
    if not isinstance(record, dict):
        raise ValueError("it is not a JSON object")
    version = record.get("format_version")
    if type(version) is not int or version < 1:
        raise ValueError("it has no format version")
    if version > known:
        raise NewerRecordError(version, known)
    return version


def decode(value: object, kind: type[Record]) -> Record:
    """Convert parsed JSON to the given type.

    Args:
        value: Parsed JSON; see `parse_json`.
        kind: A dataclass, or any other type that msgspec supports.

    Raises:
        ValueError: When a field is missing, of another type, or out of range.
    """
    try:
        return msgspec.convert(value, kind, dec_hook=_read_clean)
    except msgspec.ValidationError as error:
        raise ValueError(_in_words(str(error))) from None


def _in_words(fault: str) -> str:
    """Rephrase an error of msgspec: "Expected `int`, got `str` - at `$.seed`" → "seed: expected int, …"."""
    what, at, where = fault.replace("`", "").partition(" - at ")
    if found := _MISSING.match(what):
        what = f"{found[1]} is missing"
    what = f"{what[:1].lower()}{what[1:]}".replace("matching regex ", "like ")
    return f"{where.removeprefix('$').removeprefix('.')}: {what}" if at else what


def _read_clean(kind: type[Any], value: object) -> Any:  # noqa: ANN401 - depends on the kind
    if not isinstance(kind, _Clean):
        raise NotImplementedError(kind)
    if not isinstance(value, kind.plain):
        raise ValueError(f"Expected `{kind.plain.__name__}`, got `{type(value).__name__}`")
    return kind.read(value)
