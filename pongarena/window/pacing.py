"""Sixty frames a second, on time: a schedule that sleeps most of the wait and spins the rest."""

import time
from dataclasses import dataclass, field

from pongarena.game.rules import FRAME_RATE_HZ

__all__ = ["FrameTimes", "Pacer"]

_SPIN_S = 0.001
"""The end of each wait is spent awake, because sleeping may take longer than asked."""

_GIVE_UP_FRAMES = 5
"""Further behind than this, the missed frames are dropped instead of being made up for."""


@dataclass
class FrameTimes:
    """What a run of the window measured.

    Attributes:
        rate_hz: Frames a second that are asked for; more than the game's own rate for a run against time.
        driver: SDL's video driver.
        start_s: When each frame began, by `time.perf_counter`.
        work_s: Seconds of work a frame: poll, step, draw, show.
        deviation_s: Seconds between a frame's scheduled and its real start, positive = late.
    """

    rate_hz: float = FRAME_RATE_HZ
    driver: str = ""
    start_s: list[float] = field(default_factory=list)
    work_s: list[float] = field(default_factory=list)
    deviation_s: list[float] = field(default_factory=list)


class Pacer:
    """Hands out the starts of frames."""

    def __init__(self, rate_hz: float) -> None:
        self._period_s = 1 / rate_hz
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
            if left > _SPIN_S:
                time.sleep(left - _SPIN_S)
        return -left
