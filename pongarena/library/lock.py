"""The one lock of a model, held by whoever trains, renames or deletes it.

The system frees it when a process dies.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from pongarena.errors import LibraryError, SessionError, UnknownNameError

__all__ = ["model_lock"]

_PATIENCE_S = 3.0
"""A killed process looks dead a moment before the system has freed its locks."""


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
