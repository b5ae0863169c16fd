"""Run pongarena's own commands from the window, in a process that outlives it."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from threading import Thread

from pongarena.core.system import detached
from pongarena.jobs.niceness import step_back
from pongarena.match.driver import MatchDriver

__all__ = ["Clones", "Cloning", "run_own_command"]


def run_own_command(words: Sequence[str], what: str) -> tuple[bool, str]:
    """Run a command of pongarena to its end, with low priority.

    Args:
        words: The arguments after ``pongarena``.
        what: What it makes, for the message when it is killed.

    Returns:
        (True, its first line), or (False, its error message).
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "pongarena", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **detached(),
    )
    step_back(10, process.pid)
    output, errors = (each.decode(errors="replace").strip() for each in process.communicate())
    if process.returncode == 0:
        return True, output.partition("\n")[0]
    _, error, reason = errors.rpartition("Error: ")
    lines = reason.split("\n") if error else errors.splitlines()[-1:]
    return False, " ".join(" ".join(lines).split()) or f"the process of {what} was ended"


class Cloning(Thread):
    """Makes a model that imitates the person of a match, and starts to train it.

    Attributes:
        match: The match's id.
        message: The result in words; empty before it is known.
    """

    def __init__(self, match: str) -> None:
        super().__init__(name=f"clone {match}", daemon=True)
        self.match = match
        self.message = ""

    def run(self) -> None:
        """Run the process, and keep its message."""
        try:
            done, said = run_own_command(["train", "--from-matches", self.match, "--background"], "the clone")
            self.message = f"{said}; it goes on training, see pongarena" if done else f"no clone: {said}"
        except OSError as error:
            self.message = f"no clone: cannot start its process ({error.strerror or error}); free some memory"


class Clones:
    """Makes models that imitate the person of the driver's match."""

    def __init__(self, driver: MatchDriver, *, say: Callable[[str], None]) -> None:
        self._driver, self._say = driver, say
        self._cloning: Cloning | None = None

    def start(self) -> None:
        """Start to make a clone after a person's match; `work` reports the result."""
        match = self._driver.match
        if not self._driver.ended or match.replays or not self._driver.humans:
            self._say("play a match to its end, then train a clone of you")
        elif self._cloning is not None:
            self._say("a clone is already being made")
        else:
            self._driver.write_log()
            self._cloning = Cloning(match.id)
            self._cloning.start()
            self._say("reading the match: a clone of you will train …")

    def work(self) -> None:
        """Report the result once it is known."""
        if self._cloning is not None and not self._cloning.is_alive():
            self._say(self._cloning.message)
            self._cloning = None
