"""The window's frames: sixty a second, and their times for measurements."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import pygame

from pongarena.game.rules import FRAME_RATE_HZ
from pongarena.match.pacing import Pacer

__all__ = ["FrameTimes", "run_frames"]

_FPS_FRAMES = 60
"""Frames over which their rate is measured."""

_SPIN_S = 0.001


@dataclass
class FrameTimes:
    """Frame times of a run of the window.

    Attributes:
        rate_hz: Target frames per second; above the game's own rate to measure the fastest rate.
        driver: SDL's video driver.
        start_s: Start of each frame, by `time.perf_counter`.
        work_s: Seconds of work per frame: poll, step, draw, show.
        deviation_s: Seconds between a frame's scheduled and its real start, positive = late.
    """

    rate_hz: float = FRAME_RATE_HZ
    driver: str = ""
    start_s: list[float] = field(default_factory=list)
    work_s: list[float] = field(default_factory=list)
    deviation_s: list[float] = field(default_factory=list)

    def begin(self, start_s: float, late_s: float) -> None:
        """Note that a frame begins.

        Args:
            start_s: When, by `time.perf_counter`.
            late_s: Seconds after its scheduled time.
        """
        self.start_s.append(start_s)
        self.deviation_s.append(late_s)

    def end(self, work_s: float) -> None:
        """Note that a frame is shown, after so many seconds of work."""
        self.work_s.append(work_s)


def run_frames(
    frame: Callable[[float], bool], recorder: FrameTimes | None = None, seconds: float | None = None
) -> None:
    """Run frames at their times until one of them is the last.

    Args:
        frame: Draws a frame, given the measured frames per second; returns whether to go on.
        recorder: Collects frame times.
        seconds: Stop after this time.
    """
    if recorder is not None:
        recorder.driver = pygame.display.get_driver()
    pacer = Pacer(FRAME_RATE_HZ if recorder is None else recorder.rate_hz, spin_s=_SPIN_S)
    starts: deque[float] = deque(maxlen=_FPS_FRAMES)
    end = None if seconds is None else time.perf_counter() + seconds
    fps, count, goes_on = float(FRAME_RATE_HZ), 0, True
    while goes_on and (end is None or time.perf_counter() < end):
        late = pacer.wait()
        start = time.perf_counter()
        starts.append(start)
        count += 1
        if len(starts) == _FPS_FRAMES and count % 30 == 0:
            fps = (_FPS_FRAMES - 1) / (starts[-1] - starts[0])
        if recorder is not None:
            recorder.begin(start, late)
        goes_on = frame(fps)
        if recorder is not None:
            recorder.end(time.perf_counter() - start)
