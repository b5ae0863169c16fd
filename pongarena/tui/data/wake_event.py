"""An interruptible sleep for threads that watch files."""

import threading

__all__ = ["WakeEvent"]


class WakeEvent:
    """Wakes a sleeping thread; once it has ended, nothing sleeps any more."""

    def __init__(self) -> None:
        self._rung = threading.Event()
        self._ended = False

    @property
    def ended(self) -> bool:
        """Whether the thread should end."""
        return self._ended

    def ring(self) -> None:
        """Wake the thread; when it is awake, skip its next sleep."""
        self._rung.set()

    def end(self) -> None:
        """Wake the thread, and let it end."""
        self._ended = True
        self._rung.set()

    def sleep(self, seconds: float) -> None:
        """Sleep, at most until `ring`; not at all after `end`."""
        if not self._ended:
            self._rung.wait(seconds)
            self._rung.clear()
