"""File locks: one for each model, held while it is trained, renamed or deleted; one for the session queue.

The operating system releases them when a process dies.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from pongarena.core.errors import LibraryError, SessionError, UnknownNameError
from pongarena.core.files import require_own
from pongarena.core.system import WINDOWS

__all__ = ["folder_lock", "held", "line_lock", "model_lock", "refuse_links"]

_PATIENCE_S = 3.0
"""A killed process looks dead a moment before the system releases its locks."""

_LINE_PATIENCE_S = 20.0
"""Counting sessions and starting one holds the lock for a moment, longer in a large library."""


@contextlib.contextmanager
def model_lock(folder: Path, *, to_rename: bool = False) -> Iterator[None]:
    """Hold the lock of the model in ``folder``; see ``folder_lock``.

    Raises:
        UnknownNameError: When the folder is gone.
        SessionError: When another process holds the lock.
        LibraryError: When the lock file cannot be written.
    """
    gone = f"there is no model {folder.name!r} any more; it was renamed or deleted just now"
    taken = (
        f"another process trains or changes {folder.name!r}; see pongarena sessions, or try again in a moment"
    )
    with folder_lock(folder, gone=gone, taken=taken, to_rename=to_rename):
        yield


@contextlib.contextmanager
def folder_lock(folder: Path, *, gone: str, taken: str, to_rename: bool = False) -> Iterator[None]:
    """Hold the lock of a folder, so that no other process works in it.

    Args:
        folder: The folder of a model, a tournament or the like; it must hold no links.
        gone: Error message when the folder does not exist.
        taken: Error message when another process holds the lock.
        to_rename: Whether the caller moves the folder itself. Windows cannot rename a folder with an open
            file in it, so there the lock is released at once.

    Raises:
        UnknownNameError: When the folder is gone.
        SessionError: When another process holds the lock.
        LibraryError: When the lock file cannot be written, or the folder holds links.
    """
    if not folder.is_dir():
        raise UnknownNameError(gone)
    refuse_links(folder)
    with held(folder / "lock", _PATIENCE_S, taken) as lock:
        if to_rename and WINDOWS:
            lock.release()
        yield


def refuse_links(folder: Path) -> None:
    """Refuse a folder that holds links, so that nothing outside it is written or removed.

    A folder from somebody else may hold a link ``requests`` to the home directory, or a ``train.log`` that
    leads to a start-up file. The folder itself may be a link: its owner put it there.

    Raises:
        LibraryError: When one of its files is a link, or it cannot be listed.
    """
    try:
        links = [entry.name for entry in os.scandir(folder) if entry.is_symlink()]
    except OSError as error:
        raise LibraryError(
            f"cannot list {folder}: {error.strerror or error}; make the folder readable, then try again"
        ) from error
    if links:
        raise LibraryError(
            f"expected no links in {folder}, got a link: {sorted(links)[0]} leads out of the folder; "
            "remove it, then try again"
        )


@contextlib.contextmanager
def line_lock(root: Path) -> Iterator[None]:
    """Hold the lock of the session queue of a library, which one needs to count and start sessions.

    Raises:
        SessionError: When another process holds it for too long.
        LibraryError: When the lock file cannot be written.
    """
    taken = (
        f"another program has been starting sessions in {root} for {_LINE_PATIENCE_S:.0f} s; try again in a "
        "moment"
    )
    with held(root / ".line.lock", _LINE_PATIENCE_S, taken):
        yield


@contextlib.contextmanager
def held(path: Path, patience_s: float, taken: str) -> Iterator[BaseFileLock]:
    """Hold a file lock.

    Args:
        path: The lock file; a link is refused, because locking empties the file.
        patience_s: How long to wait for other processes.
        taken: Error message when another process still holds the lock.

    Raises:
        SessionError: When another process holds the lock for longer than that.
        LibraryError: When the lock file cannot be written, or is a link.
    """
    require_own(path)
    lock = FileLock(path, timeout=patience_s, mode=0o600)
    try:
        lock.acquire()
    except Timeout as error:
        raise SessionError(taken) from error
    except OSError as error:
        raise LibraryError(
            f"cannot lock {path}: {error.strerror or error}; make the folder writable, then try again"
        ) from error
    try:
        yield lock
    finally:
        lock.release()
