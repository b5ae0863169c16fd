"""Run the user's own command with a piece of news: never wait for it, and never fail because of it."""

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
"""A command that runs longer is killed, if the process that started it still lives."""


def check_command(command: str) -> str:
    """Check the text of a command, and return it; the empty text means no command.

    Raises:
        InvalidSettingError: When it is too long, not printable, or has an unclosed quotation.
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
    """Start a command with the news as its last argument, without a shell.

    Args:
        command: The command as the user typed it.
        words: The news, a sentence.
        facts: Environment variables for it; each name gets the prefix ``PONGARENA_``.

    Returns:
        Why it could not be started; empty when it was.
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
    """Wait for the command, kill it when it takes too long, and reap it."""
    try:
        process.wait(_MOST_S)
    except subprocess.TimeoutExpired:
        with suppress(OSError):
            process.kill()
        process.wait()
