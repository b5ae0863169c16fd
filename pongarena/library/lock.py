"""The locks: one of each model, held by whoever trains, renames or deletes it, and one of the sessions' line.

The system frees them when a process dies.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from pongarena.errors import LibraryError, SessionError, UnknownNameError

__all__ = ["line_lock", "model_lock"]

_PATIENCE_S = 3.0
"""A killed process looks dead a moment before the system has freed its locks."""

_LINE_PATIENCE_S = 20.0
"""Who counts sessions and starts one holds the line for a moment, longer in a large library."""


@contextlib.contextmanager
def model_lock(folder: Path) -> Iterator[BaseFileLock]:
    """Hold the lock of the model in ``folder``.

    Raises:
        UnknownNameError: When the folder is gone.
        SessionError: When another process holds the lock.
        LibraryError: When the lock's file cannot be written.
    """
    if not folder.is_dir():
        raise UnknownNameError(
            f"there is no model {folder.name!r} any more; it was renamed or deleted just now"
        )
    lock = FileLock(folder / "lock", timeout=_PATIENCE_S, mode=0o600)
    try:
        lock.acquire()
    except Timeout as error:
        raise SessionError(
            f"another process trains or changes {folder.name!r}; see pongarena sessions, or try again in a "
            "moment"
        ) from error
    except OSError as error:
        raise LibraryError(
            f"cannot lock {folder / 'lock'}: {error.strerror or error}; make the folder writable, then try "
            "again"
        ) from error
    try:
        yield lock
    finally:
        lock.release()


@contextlib.contextmanager
def line_lock(root: Path) -> Iterator[None]:
    """Hold the right to begin sessions in the library at ``root``: whoever counts them counts alone.

    Raises:
        SessionError: When others hold it for too long.
        LibraryError: When the lock's file cannot be written.
    """
    lock = FileLock(root / ".line.lock", timeout=_LINE_PATIENCE_S, mode=0o600)
    try:
        lock.acquire()
    except Timeout as error:
        raise SessionError(
            f"another program has been starting sessions in {root} for {_LINE_PATIENCE_S:.0f} s; try "
            "again in a moment"
        ) from error
    except OSError as error:
        raise LibraryError(
            f"cannot lock {root / '.line.lock'}: {error.strerror or error}; make the folder writable, then "
            "try again"
        ) from error
    try:
        yield
    finally:
        lock.release()
