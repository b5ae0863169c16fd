"""Files: written so that nobody ever sees half of one, and read so that none does harm."""

import json
import math
import os
import re
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from pongarena.errors import LibraryError

__all__ = [
    "open_ordinary",
    "parse_json",
    "read_json",
    "read_ordinary",
    "write_atomically",
    "write_json_atomically",
]

_LONGEST_NUMBER = 100
"""Digits: the states of random generators have 39, and what fits into a float has 309."""

_LONG_NUMBER = re.compile(rb"[0-9]{%d}" % _LONGEST_NUMBER)


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
    raw = content.encode(errors="surrogatepass") if isinstance(content, str) else content
    hook: dict[str, Any] = {"parse_int": _whole} if _LONG_NUMBER.search(raw) else {}
    try:
        return json.loads(content, parse_float=_finite, parse_constant=_finite, **hook)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def write_atomically(path: Path, content: bytes | Callable[[BinaryIO], None]) -> None:
    """Replace ``path`` in one step: a temporary file beside it, flushed to the disk, then renamed.

    Args:
        path: The file to create or replace; its folder must exist.
        content: The bytes, or a function that writes them into the open file.

    Raises:
        LibraryError: When the disk is full or the folder cannot be written; ``path`` is then unchanged.
    """
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            if callable(content):
                content(file)
            else:
                file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException as error:
        if temporary is not None:
            with suppress(OSError):
                Path(temporary).unlink(missing_ok=True)
        if isinstance(error, OSError):
            reason = error.strerror or str(error)
            raise LibraryError(
                f"cannot write {path}: {reason}; free some space or make the folder writable, then try again"
            ) from error
        raise


def write_json_atomically(path: Path, value: object) -> None:
    """Replace ``path`` by ``value`` as JSON; see ``write_atomically``."""
    write_atomically(path, json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False).encode() + b"\n")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text!r:.40} is no finite number")
    return number


def _whole(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise ValueError(f"a number of {len(text)} digits is no count")
    return int(text)
