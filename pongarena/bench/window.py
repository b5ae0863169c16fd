"""Benchmark of the match window: work per frame and punctuality, measured in the window itself."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np
import psutil

from pongarena.bench.untrained import untrained_pair
from pongarena.core.errors import DisplayError
from pongarena.game.cartridge import Cartridge
from pongarena.game.paddle import Move
from pongarena.game.rules import FRAME_RATE_HZ
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.window.app import play
from pongarena.window.input_timing import InputDelays, measure_inputs
from pongarena.window.pacing import FrameTimes
from pongarena.window.sound import Stream

__all__ = ["WindowFigures", "measure_window"]

Result = TypeVar("Result")

_MATCH_S = 15.0
"""Two untrained networks may finish a match within 25 s, so a new one starts before."""

_PUNCTUAL_S = 0.002

_OPENINGS = 3

_IMPORTS = "import time, pygame, numpy, ale_py; print(time.perf_counter())"

_OPENING = """
from pongarena.window.app import play
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.window.pacing import FrameTimes
times = FrameTimes()
match = Match(PlayerSpec.ai(), PlayerSpec.human(), sound=True)
play(match, title=True, log=False, recorder=times, seconds=1 / times.rate_hz)
print(times.start_s[0] + times.work_s[0])
"""
"""Opens the window, and prints the time when its first frame was shown."""

_DRIFT_FRAMES = 36_000
"""Ten minutes."""


@dataclass(frozen=True)
class InputDelay:
    """From an input to its picture, in frames beyond the console's own.

    Attributes:
        inputs: How many were measured.
        median: None without an input.
        p99: 99 % of them are not later; None without an input.
    """

    inputs: int
    median: float | None
    p99: float | None

    @classmethod
    def of(cls, delays: list[int]) -> "InputDelay":
        """The figures of measured delays."""
        if not delays:
            return cls(0, None, None)
        return cls(len(delays), float(np.median(delays)), float(np.quantile(delays, 0.99)))

    def words(self) -> str:
        """The figures in a table's cell."""
        if self.median is None:
            return "too short a run"
        return f"{self.median:g} / {self.p99:.3g} frames"


@dataclass(frozen=True)
class WindowFigures:
    """The measured figures, over all frames.

    Attributes:
        frames: Number of frames.
        driver: SDL's video driver; "dummy" if there is no display.
        rate_hz: Frames per second.
        mean_work_ms: Mean work per frame: poll, step, draw, show.
        work_share: Mean work ÷ the frame's 16.667 ms.
        p99_work_ms: 99th percentile of the work per frame.
        punctual_share: Share of frames that start within 2 ms of their time, 0..1.
        drift_samples: Drift between sound and picture after ten minutes of play: samples that the stream
            lost or added in 36,000 frames.
        opening_over_imports: Time until a new process shows the window's first frame ÷ time to import
            pygame, numpy and ale_py in one; the median of three turns.
        memory_growth_mb: Growth of the process's memory since its first window was closed.
        key_delay: Frames from a key's event to the picture of the moved paddle, beyond the console's own.
        mouse_delay: The same of the mouse.
        lost_inputs: Events that no picture answered; 0 is right.
    """

    frames: int
    driver: str
    rate_hz: float
    mean_work_ms: float
    work_share: float
    p99_work_ms: float
    punctual_share: float
    drift_samples: int
    opening_over_imports: float
    memory_growth_mb: float
    key_delay: InputDelay
    mouse_delay: InputDelay
    lost_inputs: int


def measure_window(*, seconds: float, hidden: int) -> WindowFigures:
    """Let two random networks play with the overlay on, then a person; a new window opens every 15 s."""
    runs: list[FrameTimes] = []
    memory: list[int] = []
    for seed, length in enumerate(_lengths(seconds)):
        runs.append(_with_display(partial(_play, length, hidden, seed)))
        memory.append(psutil.Process().memory_info().rss)
    inputs = InputDelays()
    for seed, length in enumerate(_lengths(seconds)):
        _with_display(partial(_play_person, inputs, length, seed))
    work = np.concatenate([run.work_s for run in runs])
    deviation = np.concatenate([run.deviation_s for run in runs])
    spent = sum(run.start_s[-1] - run.start_s[0] for run in runs)
    mean = float(work.mean())
    return WindowFigures(
        frames=len(work),
        driver=runs[0].driver,
        rate_hz=(len(work) - len(runs)) / spent,
        mean_work_ms=1000 * mean,
        work_share=mean * FRAME_RATE_HZ,
        p99_work_ms=1000 * float(np.quantile(work, 0.99)),
        punctual_share=float((np.abs(deviation) <= _PUNCTUAL_S).mean()),
        drift_samples=_measure_drift(_DRIFT_FRAMES),
        opening_over_imports=_measure_opening(),
        memory_growth_mb=(memory[-1] - memory[0]) / 1e6,
        key_delay=InputDelay.of(inputs.keys),
        mouse_delay=InputDelay.of(inputs.mouse),
        lost_inputs=inputs.lost,
    )


def _measure_opening() -> float:
    environment = os.environ | {"SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}
    ratios = []
    for _ in range(_OPENINGS):
        imports, opening = (_seconds_until_told(code, environment) for code in (_IMPORTS, _OPENING))
        ratios.append(opening / imports)
    return float(np.median(ratios))


def _seconds_until_told(code: str, environment: dict[str, str]) -> float:
    """Return the time from a process's start to the time it prints; all processes share the clock."""
    begin = time.perf_counter()
    run = [sys.executable, "-c", code]
    told = subprocess.run(run, check=True, capture_output=True, env=environment, text=True).stdout
    return float(told.split()[-1]) - begin


def _measure_drift(frames: int) -> int:
    """Count the samples lost or added between the console and a device that takes them as they come."""
    cartridge, stream = Cartridge(left_ai=True, sound=True), Stream()
    given = taken = 0
    for _ in range(frames):
        if cartridge.step(Move.STAY, Move.STAY).over:
            cartridge.reset()
        samples = cartridge.audio()
        given += len(samples)
        stream.push(samples)
        if (piece := stream.pull()) is not None:
            taken += len(piece)
    cartridge.close()
    return abs(given - taken)


def _lengths(seconds: float) -> Iterator[float]:
    """The matches' lengths, in seconds."""
    while seconds > 0:
        yield min(seconds, _MATCH_S)
        seconds -= _MATCH_S


def _with_display(run: Callable[[], Result]) -> Result:
    """Run a window; without a display, with SDL's dummy driver."""
    try:
        return run()
    except DisplayError:
        asked = os.environ.get("SDL_VIDEODRIVER")
        os.environ["SDL_VIDEODRIVER"] = "dummy"
        try:
            return run()
        finally:
            if asked is None:
                del os.environ["SDL_VIDEODRIVER"]
            else:
                os.environ["SDL_VIDEODRIVER"] = asked


def _play(seconds: float, hidden: int, seed: int) -> FrameTimes:
    left, right = untrained_pair(hidden, seed)
    times = FrameTimes()
    play(
        Match(left, right, seed=seed, sound=True),
        mute=True,
        crt=False,
        log=False,
        recorder=times,
        seconds=seconds,
    )
    return times


def _play_person(delays: InputDelays, seconds: float, seed: int) -> None:
    people = Match(PlayerSpec.human(), PlayerSpec.human(), seed=seed, sound=True)
    measure_inputs(people, delays, seconds=seconds, seed=seed)
