"""The signals that end a process, as a wish to end well."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

__all__ = ["signals_as_wishes"]


@contextmanager
def signals_as_wishes(ask_to_stop: Callable[[str], None], *, detached: bool) -> Iterator[None]:
    """Turn the signals that end a process into a clean stop, and put the handlers back afterwards."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(number: int, _frame: FrameType | None) -> None:
        ask_to_stop(f"stopped by {signal.Signals(number).name}")

    wanted: dict[int, Any] = {signal.SIGTERM: handle, signal.SIGINT: handle}
    if hasattr(signal, "SIGHUP"):
        wanted[signal.SIGHUP] = signal.SIG_IGN if detached else handle
    before = {number: signal.signal(number, handler) for number, handler in wanted.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
