"""Turn the signals that end a process into requests to stop cleanly."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from pongarena.core.interrupts import asking

__all__ = ["AskToStop", "signals_as_wishes"]


class AskToStop(Protocol):
    """Asks a session to stop at its next event."""

    def __call__(self, reason: str, *, by_signal: bool) -> None:
        """Ask to stop, for this reason."""


@contextmanager
def signals_as_wishes(ask_to_stop: AskToStop, *, detached: bool) -> Iterator[None]:
    """Turn the signals that end a process into a clean stop; restore the handlers afterwards."""
    ignored = {signal.SIGHUP} if detached and hasattr(signal, "SIGHUP") else set()
    with asking(lambda number: ask_to_stop(f"stopped by {number.name}", by_signal=True), ignored=ignored):
        yield
