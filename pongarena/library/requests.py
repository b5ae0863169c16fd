"""Requests to a session: empty files in ``models/<name>/requests/``, named ``<time>-<pid>.<verb>``.

A file means the same on every system, waits for a session that is busy, and needs nobody to listen. Only the
known verbs are served; anything else in the folder is removed unread. A request's file goes when it has been
served.
"""

import os
import time
from contextlib import suppress
from enum import StrEnum
from pathlib import Path

from pongarena.errors import LibraryError

__all__ = ["Verb", "clear_requests", "pending_requests", "submit_request"]


class Verb(StrEnum):
    """What a session can be asked for."""

    PAUSE = "pause"
    RESUME = "resume"
    CHECKPOINT = "checkpoint"
    STOP = "stop"


def submit_request(folder: Path, verb: Verb) -> Path:
    """Leave a request in the model's ``folder``; return its file, which is gone once it has been served.

    Raises:
        LibraryError: When the folder cannot be written.
    """
    path = folder / "requests" / f"{time.time_ns():020d}-{os.getpid()}.{verb}"
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with suppress(FileExistsError):  # asked for twice within a tick of the clock
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise LibraryError(
            f"cannot write {path}: {error.strerror or error}; free some space or make the folder writable"
        ) from error
    return path


def pending_requests(folder: Path) -> list[tuple[Verb, Path]]:
    """The requests that wait, oldest first.

    Note: removes what is no request: unknown verbs, and whatever is no plain file.
    """
    try:
        with os.scandir(folder / "requests") as entries:
            plain = {entry.name: entry.is_file(follow_symlinks=False) for entry in entries}
    except OSError:
        return []
    found = []
    for name in sorted(plain):
        path, verb = folder / "requests" / name, name.rpartition(".")[2]
        if plain[name] and verb in set(Verb):
            found.append((Verb(verb), path))
            continue
        with suppress(OSError):
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    return found


def clear_requests(folder: Path) -> None:
    """Remove requests that nobody served; of a session that ended meanwhile."""
    for _, path in pending_requests(folder):
        with suppress(OSError):
            path.unlink()
