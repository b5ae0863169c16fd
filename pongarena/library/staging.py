"""Folders that are shown only when they are whole, and what a killed process leaves behind unfinished."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from pongarena.core.errors import LibraryError
from pongarena.core.files import TEMPORARY, make_folder

__all__ = [
    "hidden_folder",
    "remove_unfinished_files",
    "unfinished_files",
    "unfinished_folders",
    "visible_folders",
]

_FOLDER = re.compile(r"\.(?:new|deleted)-(?:.+-(?P<pid>\d+)-[a-z0-9_]+|.*)", re.ASCII)
"""Names of models that are being made or deleted; without a process in libraries of older versions."""


@contextmanager
def hidden_folder(room: Path, name: str) -> Iterator[Path]:
    """A new folder in a room, under a hidden name until it is filled and renamed; removed when that fails.

    Raises:
        OSError: When it cannot be made.
    """
    make_folder(room)
    folder = Path(tempfile.mkdtemp(prefix=f".new-{name}-{os.getpid()}-", dir=room))
    try:
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def visible_folders(room: Path, advice: str = "make the folder readable") -> list[Path]:
    """The folders in a room whose names are not hidden, in no order; none where there is no room.

    Raises:
        LibraryError: When the room exists and cannot be listed; with the advice.
    """
    try:
        with os.scandir(room) as entries:
            return [room / each.name for each in entries if not each.name.startswith(".") and each.is_dir()]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise LibraryError(f"cannot list {room}: {error.strerror or error}; {advice}") from error


def unfinished_files(*folders: Path) -> list[Path]:
    """Temporary files in these folders that nobody writes any more."""
    return [each for folder in folders for each in _children(folder) if _is_left(TEMPORARY, each)]


def remove_unfinished_files(*folders: Path) -> None:
    """Removes them, as far as that can be done; for who holds the lock."""
    for path in unfinished_files(*folders):
        with suppress(OSError):
            path.unlink()


def unfinished_folders(root: Path) -> list[Path]:
    """Models that were being made or deleted when the process died that did it."""
    return [each for each in _children(root) if _is_left(_FOLDER, each)]


def _children(folder: Path) -> list[Path]:
    try:
        return sorted(each for each in folder.iterdir() if each.name.startswith("."))
    except OSError:
        return []


def _is_left(pattern: re.Pattern[str], path: Path) -> bool:
    """Whether this is one, and its process is gone; a number that is in use again makes it stay for now."""
    match = pattern.fullmatch(path.name)
    return match is not None and not (match["pid"] and psutil.pid_exists(int(match["pid"])))
