"""Is it learning? Compare a run with the bundled runs of its recipe, in numbers and in words.

The measure is the share of points won against the CPU. It describes the network as it is now; the score of a
whole game lags behind, because the network's earlier selves played most of its points. Shares have the 95 %
interval that their number of points allows (Wilson's, which also holds near 0 and 1).
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from pongarena.core.text import time_range
from pongarena.library.curve import Points
from pongarena.library.reference import Reference
from pongarena.library.score import score_of

__all__ = [
    "ENOUGH_POINTS",
    "WINDOW_POINTS",
    "Against",
    "Progress",
    "RatingProgress",
    "Share",
    "Trend",
    "measure",
    "measure_rating",
    "recent_share",
    "share_band",
    "share_curve",
]

WINDOW_POINTS = 1000
"""How many of the last points a share is computed from; it is then exact to about ±3 % of points."""

ENOUGH_POINTS = 2 * WINDOW_POINTS
"""So many tell the share: it is taken over at most half of those that are known."""

_FEWEST_POINTS = 200
"""The fewest points that a share is computed from."""

_TREND_SHARE = 0.1
"""Part of all points that a trend compares with as many before. A fixed number would not do: compiled games
play a thousand points in a fraction of a second, in which no network learns anything visible."""

_NOTICEABLE = 0.005
"""Smaller changes of a share are no trend, even when they are significant over very many points."""

_FEWEST_RATINGS = 5
"""Ratings in a tenth of the steps; fewer show no trend."""

_NOTICEABLE_RATING = 5.0
"""Smaller changes of a rating are no trend: it varies by about as much by chance."""

_Z = 1.96
"""Standard deviations on both sides of a 95 % interval."""

Numbers = TypeVar("Numbers", np.float64, NDArray[np.float64])

_SLOW = 0.1
"""A share that the reference runs of a slow recipe never reach."""

_MILESTONES = (0.25, 0.5, 0.75, 0.9)
"""Shares whose time is estimated; 0.5 is the CPU's equal."""


class Trend(StrEnum):
    """Which way the share moves, beyond chance."""

    RISING = "rising"
    LEVEL = "level"
    FALLING = "falling"

    @classmethod
    def of(cls, change: float) -> "Trend":
        """Return the trend of a significant change."""
        return cls.RISING if change > 0 else cls.FALLING


_ARROWS = {Trend.RISING: " ▲ rising", Trend.LEVEL: " ▬ level", Trend.FALLING: " ▼ falling", None: ""}


class Against(StrEnum):
    """Where a run stands beside the reference runs after as many steps."""

    BEHIND = "behind"
    WITHIN = "within"
    AHEAD = "ahead"


@dataclass(frozen=True)
class Share:
    """Points won out of some.

    Attributes:
        value: Won ÷ points.
        low: Lower end of the 95 % interval.
        high: Upper end.
        points: Number of points played.
    """

    value: float
    low: float
    high: float
    points: int

    @classmethod
    def of(cls, won: int, points: int) -> "Share":
        """Compute Wilson's interval for `won` out of `points`, which must be 1 or more."""
        low, high = wilson_interval(np.float64(won / points), np.float64(points))
        return cls(won / points, float(low), float(high), points)


@dataclass(frozen=True)
class Progress:
    """Where a run stands.

    Attributes:
        steps: Agent steps learned from.
        share: The share of the last points; None while there are too few.
        trend: The trend of the share; None while it is unknown.
        expected: Lowest, median and highest share of the reference runs by now; None without any.
        against: The run beside them.
        reference_end: Where the reference runs end: steps, lowest and highest share; None without any.
        goal: The next milestone above the share.
        goal_steps: Fewest and most steps of the reference runs until the goal; None when unknown.
        own_settings: Whether the run has the recipe's own settings, as the reference runs do.
    """

    steps: int
    share: Share | None
    trend: Trend | None
    expected: tuple[float, float, float] | None
    against: Against | None
    reference_end: tuple[float, float, float] | None
    goal: float | None
    goal_steps: tuple[float, float] | None
    own_settings: bool

    def verdict(self) -> str:  # noqa: PLR0911
        """Answer in a sentence or two."""
        if self.share is None:
            return "Too early to tell: the first points are being played."
        if self.against is None or self.expected is None:
            if self.reference_end is None:
                return _ALONE[self.trend]
            steps, low, high = self.reference_end
            end = f"The reference runs end at {steps:,.0f} steps, where they won {_span(low, high)}."
            if high < _SLOW and self.trend is not Trend.FALLING:
                return f"{end} A recipe as slow as this takes patience."
            if self.share.high < low and self.trend is not Trend.RISING:
                return f"It seems stuck. {end} {self._advice()}"
            return f"{_ALONE[self.trend]} {end}"
        low, _, high = self.expected
        usual = _span(low, high)
        if self.trend is Trend.FALLING:
            return f"{_ALONE[self.trend]} The reference runs had won {usual} by now."
        if self.against is Against.AHEAD:
            return f"Yes, and faster than usual: the reference runs had won {usual} by now."
        if self.against is Against.WITHIN:
            if high < _SLOW:
                return f"On track: the reference runs had won {usual} by now. It takes patience."
            return f"Yes, on track: the reference runs had won {usual} by now."
        if self.trend is Trend.RISING:
            return f"Yes, but slower than usual: the reference runs had won {usual} by now."
        return f"It seems stuck: the reference runs had won {usual} by now. {self._advice()}"

    def _advice(self) -> str:
        if self.own_settings:
            return "Try another seed, or fork an earlier checkpoint."
        return "Try the recipe's own settings."

    def standing(self) -> str:
        """Describe in a line the share with its interval and trend, and the score of a game that it means."""
        if self.share is None:
            return "points won: –"
        each, score = self.share, f"{score_of(self.share.value):+.1f}".replace("-", "−")
        return (
            f"{each.value:.0%} of the last {each.points:,} points won "
            f"({each.low:.0%}–{each.high:.0%}){_ARROWS[self.trend]}, about {score} a game"
        )

    def outlook(self, steps_per_s: float | None) -> str:
        """Say when the next goal may be reached; empty when unknown.

        Args:
            steps_per_s: The run's speed now.
        """
        if self.goal is None or self.goal_steps is None or not steps_per_s:
            return ""
        low, high = (steps / steps_per_s for steps in self.goal_steps)
        goal = "the CPU's equal (50 %)" if self.goal == 0.5 else f"{self.goal:.0%} of points"
        return f"{goal} in {time_range(low, high)}, if it goes on as the reference runs did"


_ALONE = {
    Trend.RISING: "Yes: it wins more points than before.",
    Trend.FALLING: "It loses ground: if that goes on, fork an earlier checkpoint.",
    Trend.LEVEL: "It holds its level.",
    None: "Too early to tell which way it goes.",
}
"""The verdict without a reference."""


@dataclass(frozen=True)
class RatingProgress:
    """Where a run of self-play stands among its older selves; the points against the CPU are its check.

    Attributes:
        rating: The rating now; it begins at 0.
        trend: The trend of the rating; None while it is unknown.
    """

    rating: float
    trend: Trend | None

    def figure(self) -> str:
        """Return the rating and its trend."""
        return f"{self.rating:+.0f}".replace("-", "−") + _ARROWS[self.trend]

    def standing(self) -> str:
        """Describe the rating and its trend in a line."""
        return f"rating {self.figure()}, among its older selves"

    def verdict(self) -> str:
        """Answer in a sentence."""
        return _AMONG_SELVES[self.trend]

    @staticmethod
    def check(progress: Progress) -> str:
        """Describe in a line how it does against the CPU."""
        return f"Check against the CPU, not learned from: {progress.standing()}"


_AMONG_SELVES = {
    Trend.RISING: "Yes: it beats its older selves. Against itself it always wins half.",
    Trend.LEVEL: "It holds its level among its older selves.",
    Trend.FALLING: "It loses to its older selves: if that goes on, fork an earlier checkpoint.",
    None: "Too early to tell which way it goes.",
}


def measure_rating(curve: tuple[NDArray[np.float64], NDArray[np.float64]]) -> RatingProgress | None:
    """Measure a curve of ratings (steps and ratings); None when it is empty.

    The trend compares the mean over the last tenth of the steps with that over the tenth before.
    """
    steps, ratings = curve
    if not len(ratings):
        return None
    before, last = np.searchsorted(steps, steps[-1] * np.array([1 - 2 * _TREND_SHARE, 1 - _TREND_SHARE]))
    trend = None
    if last - before >= _FEWEST_RATINGS:
        change = float(ratings[last:].mean() - ratings[before:last].mean())
        trend = Trend.LEVEL if abs(change) < _NOTICEABLE_RATING else Trend.of(change)
    return RatingProgress(float(ratings[-1]), trend)


def measure(points: Points, reference: Reference | None, *, own_settings: bool = True) -> Progress:
    """Measure a run by its points.

    Args:
        points: All of them, update by update.
        reference: The runs of its recipe; None for a run that began with trained weights.
        own_settings: Whether the run has the recipe's own settings.
    """
    steps = int(points.steps[-1]) if len(points.steps) else 0
    played = np.cumsum(points.won + points.lost)
    total = int(played[-1]) if len(played) else 0
    if total < _FEWEST_POINTS:
        return Progress(steps, None, None, None, None, None, None, None, own_settings)
    size = min(WINDOW_POINTS, total // 2)
    now = _window(points, played, total, size)
    trend = _trend(points, played, total, max(size, int(_TREND_SHARE * total)))
    expected = reference.at(steps) if reference else None
    against = _against(now, expected)
    goal = next((each for each in _MILESTONES if each > now.value), None)
    # the reference runs predict a time only for a run that does at least as well
    alike = own_settings and trend is not Trend.FALLING and against in (Against.WITHIN, Against.AHEAD)
    return Progress(
        steps=steps,
        share=now,
        trend=trend,
        expected=expected,
        against=against,
        reference_end=reference.end if reference else None,
        goal=goal,
        goal_steps=reference.steps_between(now.value, goal) if reference and goal and alike else None,
        own_settings=own_settings,
    )


def share_curve(
    points: Points, most: int = 400, fewest: int = _FEWEST_POINTS
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Compute the share of the last `WINDOW_POINTS` points along a run, at `most` places or fewer.

    Args:
        points: Update by update.
        most: The largest length of the curve.
        fewest: The fewest points that a share is computed from, before a whole window was played.

    Returns:
        Steps and shares, both of shape (n,); empty while there are too few points.
    """
    steps, shares, _ = _moving_share(points, most, fewest)
    return steps, shares


def recent_share(points: Points) -> Share | None:
    """Compute the share of the last points, as `measure` does; None while there are too few."""
    played = np.cumsum(points.won + points.lost)
    total = int(played[-1]) if len(played) else 0
    if total < _FEWEST_POINTS:
        return None
    return _window(points, played, total, min(WINDOW_POINTS, total // 2))


def share_band(
    points: Points, most: int = 4000
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Compute the curve of `share_curve` with its 95 % interval (Wilson's).

    Args:
        points: Update by update.
        most: The largest length of the curve.

    Returns:
        Steps, shares, lower and upper ends, each of shape (n,).
    """
    steps, share, counts = _moving_share(points, most, _FEWEST_POINTS)
    if not len(steps):
        return steps, share, steps, steps
    return steps, share, *wilson_interval(share, counts)


def wilson_interval(share: Numbers, counts: Numbers) -> tuple[Numbers, Numbers]:
    """Compute the ends of Wilson's 95 % interval of shares of `counts` points; it also holds near 0 and 1."""
    z2 = _Z * _Z / counts
    centre = (share + z2 / 2) / (1 + z2)
    reach = _Z / (1 + z2) * np.sqrt((share * (1 - share) + z2 / 4) / counts)
    return np.clip(centre - reach, 0.0, 1.0), np.clip(centre + reach, 0.0, 1.0)


def _moving_share(
    points: Points, most: int, fewest: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return steps, shares, and how many points each share is of: the window, or a row that is larger."""
    played, won = np.cumsum(points.won + points.lost), np.cumsum(points.won)
    known = np.flatnonzero(played >= fewest)
    if not len(known):
        return np.zeros(0), np.zeros(0), np.zeros(0)
    chosen = np.unique(known[np.linspace(0, len(known) - 1, most).astype(np.int64)])
    first = np.searchsorted(played, played[chosen] - WINDOW_POINTS, side="right")
    # the window includes the whole update in which it begins
    won_before = np.where(first > 0, won[np.maximum(first - 1, 0)], 0)
    played_before = np.where(first > 0, played[np.maximum(first - 1, 0)], 0)
    counts = (played[chosen] - played_before).astype(np.float64)
    return points.steps[chosen].astype(np.float64), (won[chosen] - won_before) / counts, counts


def _window(points: Points, played: NDArray[np.int64], end: int, size: int) -> Share:
    """Compute the share over the updates that hold the `size` points before the `end`th."""
    last = int(np.searchsorted(played, end))
    first = int(np.searchsorted(played, max(0, end - size), side="right"))
    part = slice(min(first, last), last + 1)
    won, lost = int(points.won[part].sum()), int(points.lost[part].sum())
    return Share.of(won, max(1, won + lost))


def _trend(points: Points, played: NDArray[np.int64], total: int, size: int) -> Trend | None:
    """Compare the last `size` points with as many before; None when there are too few before."""
    now = _window(points, played, total, size)
    if total - now.points < _FEWEST_POINTS // 2:
        return None
    before = _window(points, played, total - now.points, size)
    pooled = (now.value * now.points + before.value * before.points) / (now.points + before.points)
    deviation = math.sqrt(max(pooled * (1 - pooled), 1e-6) * (1 / now.points + 1 / before.points))
    change = now.value - before.value
    if abs(change) < max(_Z * deviation, _NOTICEABLE):
        return Trend.LEVEL
    return Trend.of(change)


def _against(now: Share, expected: tuple[float, float, float] | None) -> Against | None:
    if expected is None:
        return None
    if now.high < expected[0]:
        return Against.BEHIND
    return Against.AHEAD if now.low > expected[2] else Against.WITHIN


def _span(low: float, high: float) -> str:
    return f"{low:.0%}–{high:.0%}" if round(low, 2) != round(high, 2) else f"{low:.0%}"
