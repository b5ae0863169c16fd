"""Keep a fixed frame rate: sleep until each frame is due, or sleep most of the wait and spin the rest."""

import time

__all__ = ["Pacer"]

_GIVE_UP_FRAMES = 5
"""When further behind than this, drop the missed frames instead of catching up."""


class Pacer:
    """Waits for the start of each frame."""

    def __init__(self, rate_hz: float, *, spin_s: float = 0.0) -> None:
        """Start the schedule now.

        Args:
            rate_hz: Frames per second.
            spin_s: Time to spin at the end of each wait, because a sleep can take longer than requested.
        """
        self._period_s = 1 / rate_hz
        self._spin_s = spin_s
        self.restart()

    def restart(self) -> None:
        """Restart the schedule after a stop."""
        self._due_s = time.perf_counter()

    def wait(self) -> float:
        """Wait until the next frame is due.

        Returns:
            How late the frame is, in seconds; 0 when on time.
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
