"""Run pongarena's own commands as background processes that outlive their starter and write to a log."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from pongarena.core import paths
from pongarena.core.errors import LibraryError
from pongarena.core.files import open_to_append
from pongarena.core.reading import open_ordinary
from pongarena.core.system import detached
from pongarena.core.text import printable

__all__ = ["START_PATIENCE_S", "last_words", "start_in_background", "wait_for_start"]

START_PATIENCE_S = 600.0
"""A process that compiles on a busy machine needs minutes."""

_POLL_S = 0.05


def start_in_background(
    words: Sequence[str],
    log: Path,
    *,
    what: str,
    home: Path | None = None,
    mode: int = 0o600,
    anew: bool = False,
) -> "subprocess.Popen[bytes]":
    """Start a pongarena command in a process session of its own, and reap it when it ends.

    Args:
        words: The arguments after ``pongarena``.
        log: File that takes its output.
        what: What it is, for the error message.
        home: Its data directory; the usual one by default.
        mode: Permissions of a new log.
        anew: Whether to empty the log first.

    Raises:
        LibraryError: When the log cannot be opened, or the process cannot be started.
    """
    options = detached()
    if home is not None:
        options["env"] = {**os.environ, paths.HOME_VARIABLE: str(home)}
    try:
        with os.fdopen(open_to_append(log, mode), "ab") as file:
            if anew:
                file.truncate(0)
            process = subprocess.Popen(
                [sys.executable, "-m", "pongarena", *words],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                **options,
            )
    except OSError as error:
        raise LibraryError(
            f"cannot start {what}: {error.strerror or error}; free some space or make {log.parent} writable"
        ) from error
    # without a waiting thread it would stay as a zombie while this process lives
    threading.Thread(target=process.wait, daemon=True, name=f"reap-{process.pid}").start()
    return process


def wait_for_start(
    process: "subprocess.Popen[bytes]",
    begun: Callable[[], bool],
    *,
    leave: Callable[[], bool] = lambda: False,
    patience_s: float = START_PATIENCE_S,
) -> int | None:
    """Wait until a process has begun its work, has ended, or the wait is over.

    A process that lives and has not begun by then is no error.

    Args:
        process: The process, just started.
        begun: Whether it has begun; may raise the error that it failed with.
        leave: Whether to stop waiting.
        patience_s: How long to wait at most.

    Returns:
        Its exit code when it ended before it had begun, else None.
    """
    deadline = time.monotonic() + patience_s
    while True:
        code = process.poll()  # before begun(), which then sees the last thing that it wrote
        if begun():
            return None
        if code is not None:
            return code
        if leave() or time.monotonic() > deadline:
            return None
        time.sleep(_POLL_S)


def last_words(log: Path, characters: int = 600) -> str:
    """Return the end of a log, safe to print; empty when there is no log."""
    try:
        with open_ordinary(log) as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - characters))
            return printable(file.read(characters).decode(errors="replace"), lines=True).strip()
    except OSError:
        return ""
