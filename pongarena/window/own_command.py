"""Our own commands beside the window: a process that survives it, and a thread that waits for it."""

import subprocess
import sys
from collections.abc import Sequence
from threading import Thread

from pongarena.jobs.niceness import step_back

__all__ = ["Cloning", "run_own_command"]


def run_own_command(words: Sequence[str], what: str) -> tuple[bool, str]:
    """Run a command of pongarena's to its end, behind everything else that runs.

    Args:
        words: What stands after ``pongarena``.
        what: What it makes, for the words where it is ended.

    Returns:
        Whether it did it, and its first line; or the last one of its errors.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "pongarena", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,  # closing the terminal must not cut it short
    )
    step_back(10, process.pid)
    output, errors = (each.decode(errors="replace").strip() for each in process.communicate())
    if process.returncode == 0:
        return True, output.partition("\n")[0]
    _, error, reason = errors.rpartition("Error: ")
    lines = reason.split("\n") if error else errors.splitlines()[-1:]
    return False, " ".join(" ".join(lines).split()) or f"the process of {what} was ended"


class Cloning(Thread):
    """Makes a model that imitates the person of a match, and trains on.

    Attributes:
        match: The match's id.
        message: What came of it; empty before.
    """

    def __init__(self, match: str) -> None:
        super().__init__(name=f"clone {match}", daemon=True)
        self.match = match
        self.message = ""

    def run(self) -> None:
        """Starts the process, and keeps what it says."""
        try:
            done, said = run_own_command(["train", "--from-matches", self.match, "--background"], "the clone")
            self.message = f"{said}; it trains on, see pongarena" if done else f"no clone: {said}"
        except OSError as error:
            self.message = f"no clone: cannot start its process ({error.strerror or error}); free some memory"
