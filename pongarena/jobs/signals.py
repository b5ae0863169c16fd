"""The signals that end a process, as a wish to end well."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Protocol

__all__ = ["AskToStop", "signals_as_wishes"]


class AskToStop(Protocol):
    """What ends a session at its next event."""

    def __call__(self, reason: str, *, by_signal: bool) -> None:
        """Give the reason."""


@contextmanager
def signals_as_wishes(ask_to_stop: AskToStop, *, detached: bool) -> Iterator[None]:
    """Turn the signals that end a process into a clean stop, and put the handlers back afterwards."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(number: int, _frame: FrameType | None) -> None:
        ask_to_stop(f"stopped by {signal.Signals(number).name}", by_signal=True)

    wanted: dict[int, Any] = {signal.SIGTERM: handle, signal.SIGINT: handle}
    if hasattr(signal, "SIGHUP"):
        wanted[signal.SIGHUP] = signal.SIG_IGN if detached else handle
    before = {number: signal.signal(number, handler) for number, handler in wanted.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
