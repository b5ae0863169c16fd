"""Sixty frames a second, on time: a schedule that sleeps, or sleeps most of the wait and spins the rest."""

import time

__all__ = ["Pacer"]

_GIVE_UP_FRAMES = 5
"""Further behind than this, the missed frames are dropped instead of being made up for."""


class Pacer:
    """Hands out the starts of frames."""

    def __init__(self, rate_hz: float, *, spin_s: float = 0.0) -> None:
        """Begins now.

        Args:
            rate_hz: Frames a second.
            spin_s: The end of each wait is spent awake, because sleeping may take longer than asked.
        """
        self._period_s = 1 / rate_hz
        self._spin_s = spin_s
        self.restart()

    def restart(self) -> None:
        """Begins anew after a stop."""
        self._due_s = time.perf_counter()

    def wait(self) -> float:
        """Waits for the next frame's time.

        Returns:
            How late it is, in seconds; 0 is in time.
        """
        self._due_s += self._period_s
        now = time.perf_counter()
        if now - self._due_s > _GIVE_UP_FRAMES * self._period_s:
            late = now - self._due_s
            self._due_s = now
            return late
        while (left := self._due_s - time.perf_counter()) > 0:
            if left > self._spin_s:
                time.sleep(left - self._spin_s)
        return -left
