"""Build folders under a hidden name until they are complete, and find what killed processes left behind."""

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
from pongarena.core.paths import HOME_VARIABLE

__all__ = [
    "hidden_folder",
    "remove_unfinished_files",
    "unfinished_files",
    "unfinished_folders",
    "visible_folders",
]

_FOLDER = re.compile(r"\.(?:new|deleted)-(?:.+-(?P<pid>\d+)-[a-z0-9_]+|.*)", re.ASCII)
"""Names of models that are being made or deleted; older versions left the process id out."""


@contextmanager
def hidden_folder(room: Path, name: str) -> Iterator[Path]:
    """Make a hidden folder in ``room`` for the caller to fill and rename; remove it when that fails.

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


def visible_folders(room: Path) -> list[Path]:
    """List the folders in ``room`` whose names are not hidden, unordered; none when it does not exist.

    Raises:
        LibraryError: When ``room`` exists and cannot be listed.
    """
    try:
        with os.scandir(room) as entries:
            return [room / each.name for each in entries if not each.name.startswith(".") and each.is_dir()]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise LibraryError(
            f"cannot list {room}: {error.strerror or error}; make the folder readable, or set "
            f"{HOME_VARIABLE} to another"
        ) from error


def unfinished_files(*folders: Path) -> list[Path]:
    """Find temporary files in these folders whose process is gone."""
    return [each for folder in folders for each in _children(folder) if _is_left(TEMPORARY, each)]


def remove_unfinished_files(*folders: Path) -> None:
    """Remove such files as far as possible; the caller holds the lock of these folders."""
    for path in unfinished_files(*folders):
        with suppress(OSError):
            path.unlink()


def unfinished_folders(root: Path) -> list[Path]:
    """Find folders that were being made or deleted when their process died."""
    return [each for each in _children(root) if _is_left(_FOLDER, each)]


def _children(folder: Path) -> list[Path]:
    try:
        return sorted(each for each in folder.iterdir() if each.name.startswith("."))
    except OSError:
        return []


def _is_left(pattern: re.Pattern[str], path: Path) -> bool:
    """Whether the name matches and its process is gone; a reused process id keeps it for now."""
    match = pattern.fullmatch(path.name)
    return match is not None and not (match["pid"] and psutil.pid_exists(int(match["pid"])))
