"""The locks: one of each model, held by whoever trains, renames or deletes it, and one of the sessions' line.

The system frees them when a process dies.
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
"""A killed process looks dead a moment before the system has freed its locks."""

_LINE_PATIENCE_S = 20.0
"""Who counts sessions and starts one holds the line for a moment, longer in a large library."""


@contextlib.contextmanager
def model_lock(folder: Path, *, to_rename: bool = False) -> Iterator[None]:
    """Hold the lock of the model in ``folder``; see ``folder_lock``.

    Raises:
        UnknownNameError: When the folder is gone.
        SessionError: When another process holds the lock.
        LibraryError: When the lock's file cannot be written.
    """
    gone = f"there is no model {folder.name!r} any more; it was renamed or deleted just now"
    taken = (
        f"another process trains or changes {folder.name!r}; see pongarena sessions, or try again in a moment"
    )
    with folder_lock(folder, gone=gone, taken=taken, to_rename=to_rename):
        yield


@contextlib.contextmanager
def folder_lock(folder: Path, *, gone: str, taken: str, to_rename: bool = False) -> Iterator[None]:
    """Hold a folder's lock: nobody else works in it meanwhile.

    Args:
        folder: A model's, a tournament's or the like; links in it are refused.
        gone: What is said when it is not there.
        taken: What is said when another process holds the lock.
        to_rename: Whether the folder itself is to be moved. Windows does not rename one with an open file
            in it, so there the lock is let go at once.

    Raises:
        UnknownNameError: When the folder is gone.
        SessionError: When another process holds the lock.
        LibraryError: When the lock's file cannot be written, or there are links.
    """
    if not folder.is_dir():
        raise UnknownNameError(gone)
    refuse_links(folder)
    with held(folder / "lock", _PATIENCE_S, taken) as lock:
        if to_rename and WINDOWS:
            lock.release()
        yield


def refuse_links(folder: Path) -> None:
    """See that whatever is written or removed in a model's folder stays in it.

    A folder that somebody gave away may hold a link ``requests`` to the home directory, or a ``train.log``
    that is somebody's start-up file. The folder itself may be a link: its owner put it there.

    Raises:
        LibraryError: When there is a link among its files.
    """
    try:
        links = [entry.name for entry in os.scandir(folder) if entry.is_symlink()]
    except OSError as error:
        raise LibraryError(
            f"cannot list {folder}: {error.strerror or error}; make the folder readable, then try again"
        ) from error
    if links:
        raise LibraryError(
            f"expected nothing but files of its own in {folder}, got a link: {sorted(links)[0]} leads "
            "elsewhere, where nothing of a model belongs; remove it, then try again"
        )


@contextlib.contextmanager
def line_lock(root: Path) -> Iterator[None]:
    """Hold the right to begin sessions in the library at ``root``: whoever counts them counts alone.

    Raises:
        SessionError: When others hold it for too long.
        LibraryError: When the lock's file cannot be written.
    """
    taken = (
        f"another program has been starting sessions in {root} for {_LINE_PATIENCE_S:.0f} s; try again in a "
        "moment"
    )
    with held(root / ".line.lock", _LINE_PATIENCE_S, taken):
        yield


@contextlib.contextmanager
def held(path: Path, patience_s: float, taken: str) -> Iterator[BaseFileLock]:
    """Hold a lock.

    Args:
        path: Its file; a link is refused, for it would be emptied.
        patience_s: How long to wait for others.
        taken: What is said when they still hold it.

    Raises:
        SessionError: When they do.
        LibraryError: When its file cannot be written, or is a link.
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
