"""Our own commands as processes that outlive whoever starts them, with a file for what they say."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pongarena import paths
from pongarena.errors import LibraryError
from pongarena.text import printable

__all__ = ["last_words", "start_in_background"]


def start_in_background(
    words: Sequence[str],
    log: Path,
    *,
    what: str,
    home: Path | None = None,
    mode: int = 0o600,
    anew: bool = False,
) -> "subprocess.Popen[bytes]":
    """Start a command of pongarena's, in a session of its own.

    Args:
        words: What stands after ``pongarena``.
        log: Takes what it says.
        what: What it is, for the error.
        home: Its data directory; the usual one by default.
        mode: Of the log, where it is made.
        anew: Whether what the log held before is dropped.

    Raises:
        LibraryError: When the log cannot be opened, or the process cannot be started.
    """
    options: dict[str, Any] = (
        {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
        if os.name == "nt"
        else {"start_new_session": True}
    )
    if home is not None:
        options["env"] = {**os.environ, paths.HOME_VARIABLE: str(home)}
    try:
        handle = os.open(log, os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if anew else os.O_APPEND), mode)
        with os.fdopen(handle, "wb") as file:
            return subprocess.Popen(
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


def last_words(log: Path, characters: int = 600) -> str:
    """The end of a log, safe to print; empty when there is none."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - characters))
            return printable(file.read(characters).decode(errors="replace"), lines=True).strip()
    except OSError:
        return ""
