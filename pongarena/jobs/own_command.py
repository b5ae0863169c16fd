"""A command of the user's that is told of news: started, never waited for, and never a reason to fail."""

import os
import shlex
import subprocess
import threading
from collections.abc import Mapping
from contextlib import suppress

from pongarena.core.errors import InvalidSettingError
from pongarena.core.system import WINDOWS, detached
from pongarena.core.text import printable

__all__ = ["LONGEST_COMMAND", "check_command", "run_command"]

LONGEST_COMMAND = 1000
"""Characters."""

_MOST_S = 60.0
"""A command that runs longer is killed while its starter is there."""


def check_command(command: str) -> str:
    """Return a command that can be run; an empty one is none.

    Raises:
        InvalidSettingError: When it is too long, cannot be shown, or a quotation is left open.
    """
    if len(command) > LONGEST_COMMAND or command != printable(command):
        raise InvalidSettingError(
            f"expected a command of at most {LONGEST_COMMAND:,} characters in one line, got {command!r:.60}"
        )
    try:
        _words(command)
    except ValueError as error:
        raise InvalidSettingError(
            f"expected a command with its arguments, got {command!r:.60} ({error}); close the quotation"
        ) from error
    return command


def run_command(command: str, words: str, facts: Mapping[str, str]) -> str:
    """Start a command with a sentence as its last argument; no shell reads either.

    Args:
        command: As the user typed it.
        words: The sentence.
        facts: More for its environment, ``PONGARENA_`` put before each name.

    Returns:
        Why it could not be started; empty when it could.
    """
    environment = {f"PONGARENA_{name}": printable(value) for name, value in facts.items()}
    try:
        process = subprocess.Popen(
            [*_words(command), printable(words)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | environment,
            **detached(),
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return printable(f"{command!r:.80} cannot be run: {reason or error}")
    threading.Thread(target=_end, args=(process,), daemon=True).start()
    return ""


def _words(command: str) -> list[str]:
    words = shlex.split(command, posix=not WINDOWS)
    if command.strip() and not words:
        raise ValueError("no command in it")
    return words


def _end(process: "subprocess.Popen[bytes]") -> None:
    """See that it ends, and leaves no dead process behind."""
    try:
        process.wait(_MOST_S)
    except subprocess.TimeoutExpired:
        with suppress(OSError):
            process.kill()
        process.wait()
