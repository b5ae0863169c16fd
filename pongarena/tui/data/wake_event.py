"""Lets a thread that follows files sleep between two looks, and end at once when its screen does."""

import threading

__all__ = ["WakeEvent"]


class WakeEvent:
    """Rung to wake a sleeping thread; once ended, nobody sleeps by it any more."""

    def __init__(self) -> None:
        self._rung = threading.Event()
        self._ended = False

    @property
    def ended(self) -> bool:
        """Whether the thread has nobody left to look for."""
        return self._ended

    def ring(self) -> None:
        """Wake who sleeps; who is awake will not sleep the next time."""
        self._rung.set()

    def end(self) -> None:
        """Ring for the last time."""
        self._ended = True
        self._rung.set()

    def sleep(self, seconds: float) -> None:
        """Sleep so long, or until the bell rings; not at all once it has ended."""
        if not self._ended:
            self._rung.wait(seconds)
            self._rung.clear()
