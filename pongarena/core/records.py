"""Records in files, decoded by their types: dataclasses whose annotations say what may stand in each entry.

::

    @dataclass(frozen=True)
    class Player:
        name: Word                       # printable, cut to a name's length
        matches: Count = 0               # a whole number from 0 on
        rating: Real | None = None       # a finite number
        met: tuple[Moment, ...] = ()     # ISO dates and times

    player = read_record(path, Player, limit=1 << 16, version=1)

Entries without a default must be there; those that the class does not know are left out. Types are exact:
JSON's true is no number, and "1" is none either. What one entry's type cannot say stands in the class's
``__post_init__``, which raises a `ValueError`. Texts come out printable, whatever stood in the file.
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
"""No count, time or process number is greater: beyond, it would not fit into an array."""

Count: TypeAlias = Annotated[int, Meta(ge=0, lt=MOST)]
"""How many of something."""

Whole: TypeAlias = Annotated[int, Meta(gt=-MOST, lt=MOST)]

Real: TypeAlias = Annotated[float, Meta(gt=-MOST, lt=MOST)]
"""A finite number; whole ones are taken, too."""

Record = TypeVar("Record")

_MISSING = re.compile(r"Object missing required field (.+)")


def one_of(words: Iterable[str]) -> Meta:
    """Of a text: the words that it may be."""
    return Meta(pattern=rf"\A(?:{'|'.join(map(re.escape, words))})\Z")


_LONGEST_LINE = 2000
_LONGEST_TEXT = 20_000


class _Clean(type):
    """The types of what is cleaned when it is read, and then is a plain ``str`` or ``dict``."""

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
    """Of objects with any keys: msgspec looks at the values only."""

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
    """Words by names that are not known beforehand."""
    Numbers = _Named("Numbers", (), {"values": Whole | Real})
    """Settings, for instance."""


class NewerRecordError(ValueError):
    """A whole record, which only a later pongarena can read.

    Attributes:
        version: Its format version.
    """

    def __init__(self, version: int, known: int) -> None:
        self.version = version
        super().__init__(
            f"expected format version {known} or older, got {version}; a newer pongarena wrote it: update "
            "with `pipx upgrade pongarena`"
        )


def read_record(path: Path, kind: type[Record], *, limit: int, version: int) -> Record:
    """A JSON file as a record.

    Args:
        path: The file.
        kind: A dataclass.
        limit: The most bytes that the file may have.
        version: The newest ``format_version`` that is understood.

    Raises:
        OSError: When it cannot be read.
        NewerRecordError: When a newer pongarena wrote it.
        ValueError: When it is anything else.
    """
    record = read_json(path, limit=limit)
    format_version(record, version)
    return decode(record, kind)


def parse_record(content: bytes, kind: type[Record], *, version: int) -> Record:
    """JSON as a record; see `read_record`."""
    record = parse_json(content)
    format_version(record, version)
    return decode(record, kind)


def format_version(record: object, known: int) -> int:
    """The version of a record's format, from 1 to the one that is known.

    Raises:
        NewerRecordError: When it is newer.
        ValueError: When the record is no object, or names no version.
    """
    if not isinstance(record, dict):
        raise ValueError("it is no JSON object")
    version = record.get("format_version")
    if type(version) is not int or version < 1:
        raise ValueError("it names no format version")
    if version > known:
        raise NewerRecordError(version, known)
    return version


def decode(value: object, kind: type[Record]) -> Record:
    """What JSON holds, as the type says.

    Args:
        value: Of JSON types; see `parse_json`.
        kind: A dataclass, or any other type that msgspec knows.

    Raises:
        ValueError: When something is missing, of another type, or out of its range.
    """
    try:
        return msgspec.convert(value, kind, dec_hook=_read_clean)
    except msgspec.ValidationError as error:
        raise ValueError(_in_words(str(error))) from None


def _in_words(fault: str) -> str:
    """A fault of msgspec's: "Expected `int`, got `str` - at `$.seed`" is "seed: expected int, got str"."""
    what, at, where = fault.replace("`", "").partition(" - at ")
    if found := _MISSING.match(what):
        what = f"{found[1]} is missing"
    what = f"{what[:1].lower()}{what[1:]}".replace("matching regex ", "like ")
    return f"{where.removeprefix('$').removeprefix('.')}: {what}" if at else what


def _read_clean(kind: type[Any], value: object) -> Any:  # noqa: ANN401 - what the type says
    if not isinstance(kind, _Clean):
        raise NotImplementedError(kind)
    if not isinstance(value, kind.plain):
        raise ValueError(f"Expected `{kind.plain.__name__}`, got `{type(value).__name__}`")
    return kind.read(value)
