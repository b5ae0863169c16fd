"""Start, pause, stop and fork training sessions. Returned texts are messages for the user."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from pongarena.core.errors import PongArenaError
from pongarena.jobs.status import State
from pongarena.library.models import Library, Model
from pongarena.library.sessions import client
from pongarena.library.sessions.queue import leave_line, session_limit, start_or_wait, start_waiting
from pongarena.training.registry import DEFAULT_RECIPE, recipe

if TYPE_CHECKING:
    from pongarena.library.sessions.client import Plan
    from pongarena.tui.data.library_watcher import LibrarySnapshot

__all__ = ["Sessions", "ask", "leave", "set_learning_rate"]

_ANSWERS = {
    "pause": "pauses at the next step",
    "resume": "goes on",
    "stop": "saves and stops",
    "checkpoint": "saves a checkpoint",
}

_START_PATIENCE_S = 2.0
"""How long to wait for a new session to train; its card shows what happens later."""


class Sessions:
    """The sessions of a library.

    Attributes:
        starting: The models whose session is being started.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self.starting: set[str] = set()

    def start(
        self, model: Model, plan: "Plan | None" = None, *, now: bool = False, cancelled: Callable[[], bool]
    ) -> str:
        """Start a model's session, or put it in the queue.

        Wait a moment until it trains, to report why a session cannot begin.

        Args:
            model: The model.
            plan: How long to train, and how much of the processor to take.
            now: Start it at once, whatever the limit of sessions.
            cancelled: Whether to stop waiting.

        Raises:
            PongArenaError: When it cannot begin.
        """
        self.starting.add(model.name)
        try:
            status = start_or_wait(
                self._library,
                model,
                plan,
                now=now,
                patience_s=_START_PATIENCE_S,
                # its card shows the message
                leave=lambda status: cancelled() or bool(status.message),
            )
        finally:
            if not cancelled():
                self.starting.discard(model.name)
        if status.state is State.QUEUED:
            limit = session_limit(self._library.root)
            busy = "another session trains" if limit == 1 else f"{limit} sessions train"
            return f"{model.name} waits in line: {busy} already, and it begins when one ends"
        if status.state is State.STARTING:
            return f"{model.name} is starting{f': {status.message}' if status.message else ''}"
        return f"{model.name} trains"

    def fork(self, model: Model, episode: int | None, name: str, *, cancelled: Callable[[], bool]) -> str:
        """Make a model from a checkpoint (the latest one for None), and train it.

        Raises:
            PongArenaError: When it cannot be made, or cannot begin.
        """
        return self.start(self._library.fork(model.checkpoint(episode), name), cancelled=cancelled)

    def imitate(self, matches: Sequence[str], name: str, *, cancelled: Callable[[], bool]) -> str:
        """Make a model that imitates the person in these matches (the latest ones for none), and train it.

        Raises:
            PongArenaError: When there is too little to imitate, or it cannot be made, or cannot begin.
        """
        from pongarena.match.demonstrations import clone_matches, find_matches  # noqa: PLC0415 (the compiler)

        model = clone_matches(self._library, name, recipe(DEFAULT_RECIPE), 0, find_matches(matches))
        return f"{name} {model.cloned}. {self.start(model, cancelled=cancelled)}"

    def advance_line(self, look: "LibrarySnapshot") -> None:
        """Start queued sessions while there is a free place: a killed session cannot do so as it ends."""
        waits = any(entry.status.waits for entry in look.entries)
        if waits and len(look.live) < session_limit(self._library.root):
            with suppress(PongArenaError):
                start_waiting(self._library)

    def farewell(self, look: "LibrarySnapshot") -> str:
        """Say which sessions keep running, are starting, or wait in the queue; empty when none does."""
        waiting = {entry.name for entry in look.entries if entry.status.waits}
        names = sorted(({entry.name for entry in look.live} | self.starting) - waiting)
        if not names and not waiting:
            return ""
        keep = "1 session keeps" if len(names) == 1 else f"{len(names)} sessions keep"
        parts = [f"{keep} running: {', '.join(names)}"] if names else []
        parts += [f"in line: {', '.join(sorted(waiting))}"] if waiting else []
        return f"{'; '.join(parts)}; `pongarena sessions` lists them"


def ask(model: Model, verb: str) -> str:
    """Ask a session to ``pause``, ``resume``, ``stop``, or save a ``checkpoint``.

    Raises:
        PongArenaError: When there is no session, or the request cannot be written.
    """
    client.request(model, verb)
    return f"{model.name} {_ANSWERS[verb]}"


def set_learning_rate(model: Model, rate: float) -> str:
    """Change the learning rate of a running session; 0 for the recipe's own."""
    client.request(model, "learning_rate", rate)
    words = f"the learning rate {rate:g}" if rate else "its recipe's own learning rate"
    return f"{model.name} goes on with {words}"


def leave(model: Model) -> str:
    """Take a model out of the queue."""
    leave_line(model)
    return f"{model.name} waits no longer; space starts it"
