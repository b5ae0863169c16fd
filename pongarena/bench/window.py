"""The match window's work and punctuality, measured in the window itself."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from pongarena import __version__
from pongarena.agent.checkpoint import Card, Checkpoint
from pongarena.agent.policy import PolicyNetwork
from pongarena.errors import DisplayError
from pongarena.game.rules import FRAME_RATE_HZ
from pongarena.match.match import Match
from pongarena.match.pacing import FrameTimes
from pongarena.match.players import PlayerSpec
from pongarena.match.window import play

__all__ = ["WindowFigures", "measure_window"]

_MATCH_S = 15.0
"""Two untrained networks may end a match within 25 s; a new one begins before."""

_PUNCTUAL_S = 0.002


@dataclass(frozen=True)
class WindowFigures:
    """What was measured, over all frames.

    Attributes:
        frames: How many they were.
        driver: SDL's video driver; "dummy" shows nothing and stands in where there is no display.
        rate_hz: Frames a second.
        mean_work_ms: Work of a frame: poll, step, draw, show.
        work_share: Mean work ÷ the frame's 16.667 ms.
        p99_work_ms: 99 % of the frames work less than this.
        punctual_share: Frames that begin within 2 ms of their time, 0..1.
    """

    frames: int
    driver: str
    rate_hz: float
    mean_work_ms: float
    work_share: float
    p99_work_ms: float
    punctual_share: float


def measure_window(*, seconds: float, hidden: int) -> WindowFigures:
    """Let two random networks play with the overlay on.

    Args:
        seconds: How long; a fresh window is opened every 15 s.
        hidden: Units of each network.
    """
    runs: list[FrameTimes] = []
    while seconds > 0:
        runs.append(_run(min(seconds, _MATCH_S), hidden, seed=len(runs)))
        seconds -= _MATCH_S
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
    )


def _run(seconds: float, hidden: int, seed: int) -> FrameTimes:
    """One window; without a display the same with SDL's dummy driver."""
    try:
        return _play(seconds, hidden, seed)
    except DisplayError:
        asked = os.environ.get("SDL_VIDEODRIVER")
        os.environ["SDL_VIDEODRIVER"] = "dummy"
        try:
            return _play(seconds, hidden, seed)
        finally:
            if asked is None:
                del os.environ["SDL_VIDEODRIVER"]
            else:
                os.environ["SDL_VIDEODRIVER"] = asked


def _play(seconds: float, hidden: int, seed: int) -> FrameTimes:
    rng = np.random.default_rng(seed)
    left, right = (_player(name, PolicyNetwork.random(hidden, rng)) for name in ("left", "right"))
    times = FrameTimes()
    play(Match(left, right, seed=seed), mute=True, log=False, recorder=times, seconds=seconds)
    return times


def _player(name: str, policy: PolicyNetwork) -> PlayerSpec:
    created = datetime.now(UTC).isoformat(timespec="seconds")
    card = Card(name, "random", 0, 0, 0, 0, None, 0, 0, (), created, __version__)
    return PlayerSpec.model(Checkpoint(policy, card))
