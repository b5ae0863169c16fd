"""Run pongarena commands as processes, and wait for them in a thread."""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from typing import NamedTuple

from pongarena.core.system import detached

__all__ = ["Ended", "run_command"]

_LOOK_EVERY_S = 0.2
_LAST_LINES = 12


class Ended(NamedTuple):
    """How a process ended, and what it wrote."""

    code: int
    output: str
    errors: str

    @property
    def last_words(self) -> str:
        """The last lines of its error output."""
        return "\n".join(self.errors.strip().splitlines()[-_LAST_LINES:])


def run_command(words: Sequence[str], cancelled: Callable[[], bool], *, alone: bool = True) -> Ended | None:
    """Run a ``pongarena`` command, and wait until it has ended.

    Args:
        words: The arguments after ``pongarena``.
        cancelled: Whether to stop waiting.
        alone: Whether the process outlives this one, and goes on when the wait is cancelled; else it is
            killed then.

    Returns:
        How it ended; None when the wait was cancelled.

    Raises:
        OSError: When it cannot be started.
    """
    # unnamed files instead of pipes: neither process can block the other or break its pipe
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "pongarena", *words],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            **(detached() if alone else {}),
        )
        try:
            code = _wait(process, cancelled)
        finally:
            if not alone and process.poll() is None:
                process.kill()
                process.wait()
        if code is None:
            return None
        output.seek(0)
        errors.seek(0)
        return Ended(code, output.read().decode(errors="replace"), errors.read().decode(errors="replace"))


def _wait(process: "subprocess.Popen[bytes]", cancelled: Callable[[], bool]) -> int | None:
    while not cancelled():
        try:
            return process.wait(_LOOK_EVERY_S)
        except subprocess.TimeoutExpired:
            continue
    return None
