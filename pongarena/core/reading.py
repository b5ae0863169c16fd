"""Reading untrusted files: no pipes, no unexpected sizes, no invalid numbers.

Every file is opened with `open_ordinary`; ``tests/core/test_openers.py`` lists the few exceptions.
"""

import errno
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

__all__ = [
    "DEEPEST",
    "end_of_file",
    "is_newer",
    "lines_of",
    "open_ordinary",
    "parse_json",
    "read_json",
    "read_ordinary",
    "reason",
    "skip_hole",
]

DEEPEST = 64
"""Levels of nested lists and objects; our own files have fewer than ten."""

_LONGEST_NUMBER = 100
"""In digits: the states of random generators have 39; the largest float has 309."""

_BOM = b"\xef\xbb\xbf"

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
"""A JSON string; an unterminated one matches to the end, so nothing is searched twice."""

_AS_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_AS_BRACKETS = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def open_ordinary(path: Path) -> BinaryIO:
    """Open a regular file for reading; refuse a pipe or a device, which might never end.

    Raises:
        OSError: When it cannot be opened, or is not a regular file.
    """
    _require_ordinary(path.stat(), path)  # opening a device may have side effects
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    file = os.fdopen(os.open(path, flags), "rb")
    try:
        _require_ordinary(os.fstat(file.fileno()), path)
    except OSError:
        file.close()
        raise
    return file


def _require_ordinary(found: os.stat_result, path: Path) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise OSError(0, "it is not a regular file", str(path))


def read_ordinary(path: Path, *, limit: int) -> bytes:
    """Read a whole file of at most ``limit`` bytes.

    Raises:
        OSError: When it cannot be read.
        ValueError: When it is too large.
    """
    with open_ordinary(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > limit:
            raise ValueError(f"expected at most {limit:,} bytes, got {size:,}")
        return file.read(size)


def end_of_file(path: Path, most: int) -> bytes:
    """Return the last ``most`` bytes of a file; from a longer file, whole lines only.

    Raises:
        OSError: When it cannot be read.
    """
    with open_ordinary(path) as file:
        start = max(0, file.seek(0, os.SEEK_END) - most)
        file.seek(start)
        content = file.read(most)
    return content.partition(b"\n")[2] if start else content


def lines_of(file: BinaryIO, longest: int) -> Iterator[bytes]:
    """Yield the lines of a log with their ends; of a line that is too long, the first ``longest`` + 1 bytes.

    Holes, which take no space but might take hours to read, are skipped.
    """
    while line := file.readline(longest + 1):
        yield line
        while len(line) > longest and not line.endswith(b"\n"):
            skip_hole(file)
            line = file.readline(longest + 1)


def skip_hole(file: BinaryIO) -> None:
    """Move past a hole at the current position, if there is one: zeros that take no space on the disk."""
    here = file.tell()
    try:
        there = _next_data(file.fileno(), here)
    except AttributeError:  # not supported by the system
        return
    except OSError as error:
        # a hole up to the end; or a file system without support
        there = file.seek(0, os.SEEK_END) if error.errno == errno.ENXIO else here
    file.seek(there)


def _next_data(handle: int, here: int) -> int:
    place = os.lseek(handle, 0, os.SEEK_CUR)  # the file's buffer relies on it
    try:
        return os.lseek(handle, here, os.SEEK_DATA)
    finally:
        os.lseek(handle, place, os.SEEK_SET)


def read_json(path: Path, *, limit: int) -> Any:  # noqa: ANN401 - JSON is anything
    """Read a JSON file of at most ``limit`` bytes, as strictly as `parse_json`.

    Raises:
        OSError: When it cannot be read.
        ValueError: When it is too large, or not JSON.
    """
    return parse_json(read_ordinary(path, limit=limit))


def parse_json(content: str | bytes) -> Any:  # noqa: ANN401 - JSON is anything
    """Parse untrusted JSON.

    Refused: NaN, infinity, very long numbers, unpaired surrogates, nesting deeper than `DEEPEST`.

    Raises:
        ValueError: When it is not such JSON.
    """
    raw = (content.encode() if isinstance(content, str) else content).removeprefix(_BOM)
    # the quick check on everything mostly suffices; brackets and digits within strings do not count
    if _is_deep(raw) and _is_deep(_STRING.sub(b"", raw)):
        raise ValueError("it is nested too deeply")
    if _has_endless_number(raw) and _has_endless_number(_STRING.sub(b'""', raw)):
        raise ValueError("a number has too many digits")
    try:
        return msgspec.json.decode(raw)
    except RecursionError:  # our own stack is nearly full
        raise ValueError("it is nested too deeply") from None


def is_newer(record: object, understood: int) -> bool:
    """Return whether a newer pongarena wrote the record: its format version exceeds ``understood``."""
    version = record.get("format_version") if isinstance(record, dict) else None
    return type(version) is int and version > understood


def reason(error: Exception) -> str:
    """Say in words why a file cannot be read, given the exception."""
    if isinstance(error, OSError) and error.strerror:
        return str(error.strerror)
    return str(error) or type(error).__name__


def _is_deep(raw: bytes) -> bool:
    brackets = raw.translate(_AS_BRACKETS, _NO_BRACKETS)
    for _ in range(DEEPEST):
        if not brackets:
            return False
        brackets = brackets.replace(b"[]", b"")
    return bool(brackets)


def _has_endless_number(raw: bytes) -> bool:
    return b"0" * (_LONGEST_NUMBER + 1) in raw.translate(_AS_ZEROS)
