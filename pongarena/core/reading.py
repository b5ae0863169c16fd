"""Reading files that anybody may have written: no pipes, no sizes that surprise, no numbers that are none."""

import json
import math
import os
import stat
from pathlib import Path
from typing import Any, BinaryIO

__all__ = ["is_newer", "open_ordinary", "parse_json", "read_json", "read_ordinary", "reason"]

_LONGEST_NUMBER = 100
"""Digits: the states of random generators have 39, and what fits into a float has 309."""

_ALL_DIGITS_ALIKE = bytes.maketrans(b"123456789E", b"000000000e")
"""With it, and without the plus signs, two plain searches find huge numbers: thirty times as fast as a
pattern."""


def open_ordinary(path: Path) -> BinaryIO:
    """Opens a file for reading; a pipe or a device, which might never end, is refused.

    Raises:
        OSError: When it cannot be opened, or is none.
    """
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    file = os.fdopen(os.open(path, flags), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(0, "it is no ordinary file", str(path))
    return file


def read_ordinary(path: Path, *, limit: int) -> bytes:
    """Reads a whole file of at most ``limit`` bytes.

    Raises:
        OSError: When it cannot be read.
        ValueError: When it is too large.
    """
    with open_ordinary(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > limit:
            raise ValueError(f"expected at most {limit:,} bytes, got {size:,}")
        return file.read(size)


def read_json(path: Path, *, limit: int) -> Any:  # noqa: ANN401 - JSON is anything
    """Reads a JSON file of at most ``limit`` bytes, as strictly as `parse_json`.

    Raises:
        OSError: When it cannot be read.
        ValueError: When it is too large, or no JSON.
    """
    return parse_json(read_ordinary(path, limit=limit))


def parse_json(content: str | bytes) -> Any:  # noqa: ANN401 - JSON is anything
    """Reads JSON that anybody may have written: no NaN, no infinity, no number of a thousand digits.

    Raises:
        ValueError: When it is something else.
    """
    if isinstance(content, bytes):
        text, raw = content.decode("utf-8-sig", "surrogatepass"), content
    else:
        text, raw = content, content.encode(errors="surrogatepass")
    # a call of ours for every number would make long files twice as slow
    hooks: dict[str, Any] = {"parse_int": _whole, "parse_float": _finite} if _has_huge_number(raw) else {}
    try:
        return json.loads(text, parse_constant=_finite, **hooks)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def is_newer(record: object, understood: int) -> bool:
    """Whether a line was written by a newer pongarena: its format version is above the one understood."""
    version = record.get("format_version") if isinstance(record, dict) else None
    return type(version) is int and version > understood


def reason(error: Exception) -> str:
    """Why a file cannot be read, in words, from what reading it raised.

    >>> reason(KeyError("rounds"))
    "'rounds' is missing"
    """
    if isinstance(error, KeyError):
        return f"{error} is missing"
    if isinstance(error, OSError) and error.strerror:
        return str(error.strerror)
    return str(error) or type(error).__name__


def _has_huge_number(raw: bytes) -> bool:
    """Whether a number may be too long, or more than a float can hold; rarely true without one."""
    alike = raw.translate(_ALL_DIGITS_ALIKE, b"+")
    return b"0e000" in alike or b"0" * _LONGEST_NUMBER in alike


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text!r:.40} is no finite number")
    return number


def _whole(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise ValueError(f"a number of {len(text)} digits is no count")
    return int(text)
