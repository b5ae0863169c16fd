"""Frame times of the window, for measurements."""

from dataclasses import dataclass, field

from pongarena.game.rules import FRAME_RATE_HZ

__all__ = ["FrameTimes"]


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
