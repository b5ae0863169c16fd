"""What a run of the window measured."""

from dataclasses import dataclass, field

from pongarena.game.rules import FRAME_RATE_HZ

__all__ = ["FrameTimes"]


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
