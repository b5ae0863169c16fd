"""What a killed process leaves behind: files and folders that it had not finished."""

import re
from contextlib import suppress
from pathlib import Path

import psutil

from pongarena.files import TEMPORARY

__all__ = ["remove_unfinished_files", "unfinished_files", "unfinished_folders"]

_FOLDER = re.compile(r"\.(?:new|deleted)-(?:.+-(?P<pid>\d+)-[a-z0-9_]+|.*)", re.ASCII)
"""Names of models that are being made or deleted; without a process in libraries of older versions."""


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
