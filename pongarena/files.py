"""Writing files so that a reader, or a power cut, never sees half of one."""

import json
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from pongarena.errors import LibraryError


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
