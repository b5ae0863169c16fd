"""Turn learning curves into series to draw: raw, smoothed, and with a confidence band."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from pongarena.lab.report import ArmResult
from pongarena.tui.data.library_watcher import CurveView, History
from pongarena.tui.data.series import Series

__all__ = ["Axis", "Measure", "axes_of_arms", "compared", "detailed", "of_arms", "smoothed", "window_for"]

_Z = 1.96
"""Standard errors from the mean to an end of a 95 % interval."""

_BATCHES = 8
"""Number of batches in the window of a smoothed curve."""

_BANDS = 1000
"""Places where the batches are evaluated; more than any screen has columns of dots."""

_T = 2.447
"""The same for eight batches and a line fitted to them: Student's t with six degrees of freedom."""

FloatArray = NDArray[np.float64]


class Axis(StrEnum):
    """The x axis of a curve."""

    GAMES = "games"
    DECISIONS = "k steps"
    MINUTES = "minutes of training"

    def next(self) -> "Axis":
        """Return the next axis, the first after the last."""
        every = list(Axis)
        return every[(every.index(self) + 1) % len(every)]


class Measure(StrEnum):
    """The y axis of a curve."""

    WON = "points won, %"
    RESULTS = "results of games"

    def other(self) -> "Measure":
        """Return the other measure."""
        return Measure.WON if self is Measure.RESULTS else Measure.RESULTS


@dataclass(frozen=True)
class _Band:
    xs: FloatArray
    ys: FloatArray
    low: FloatArray
    high: FloatArray


def window_for(games: float) -> int:
    """Return the window of a smoothed curve: a thirtieth of all games, 10 to 500."""
    return int(np.clip(games / 30, 10, 500))


def smoothed(history: History) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Compute the mean result of the games around each game, and its 95 % interval.

    Consecutive games are played by nearly the same network, so they are not independent: a streak of good
    games does not average out as chance does. The interval is therefore the wider of two: that of independent
    games, and that from the means of eight batches. The latter is measured from a line fitted to the eight
    means, so that steady learning does not count as a streak.

    Returns:
        Means, lower ends and upper ends, one for each entry of the history.
    """
    counts = np.concatenate([[0.0], np.cumsum(history.games)])
    sums = np.concatenate([[0.0], np.cumsum(history.rewards * history.games)])
    squares = np.concatenate([[0.0], np.cumsum(history.squares)])
    half = window_for(counts[-1]) / 2
    centres = (counts[:-1] + counts[1:]) / 2
    first = np.searchsorted(counts, centres - half, side="left").clip(0, len(counts) - 2)
    last = np.searchsorted(counts, centres + half, side="right").clip(first + 2, len(counts)) - 1
    games = counts[last] - counts[first]
    means = (sums[last] - sums[first]) / games
    variance = np.maximum((squares[last] - squares[first]) / games - means**2, 0.0)
    reach = _Z * np.sqrt(variance / np.maximum(games - 1, 1))
    some = np.linspace(0, len(first) - 1, min(len(first), _BANDS)).astype(np.int64)
    of_batches = _reach_of_batches(counts, sums, first[some], last[some])
    reach = np.maximum(reach, np.interp(np.arange(len(first)), some, of_batches))
    return means, means - reach, means + reach


def _reach_of_batches(
    counts: FloatArray, sums: FloatArray, first: NDArray[np.int64], last: NDArray[np.int64]
) -> FloatArray:
    """Compute half the 95 % interval from the means of batches; 0 where there are too few entries.

    Args:
        counts: Games before each entry, and in all, shape (n + 1,).
        sums: Sums of their results, likewise.
        first: Where each window begins, shape (m,).
        last: Where each window ends, shape (m,).
    """
    ends = first[:, None] + (last - first)[:, None] * np.arange(_BATCHES + 1) // _BATCHES
    means = np.diff(sums[ends]) / np.maximum(np.diff(counts[ends]), 1)
    place = np.arange(_BATCHES) - (_BATCHES - 1) / 2
    left = means - means.mean(axis=1, keepdims=True)
    left -= (left @ place / (place @ place))[:, None] * place
    error = np.sqrt((left**2).sum(axis=1) / (_BATCHES - 2) / _BATCHES)
    return np.where(last - first >= 2 * _BATCHES, _T * error, 0.0)


def detailed(curve: CurveView | None, axis: Axis, measure: Measure) -> list[Series]:
    """Make the series of a single model: each game, and the smoothed curve with its band."""
    if curve is None:
        return []
    band = _band(curve, axis, measure)
    if measure is Measure.WON:
        return [Series("last 1,000 points", band.xs, band.ys, low=band.low, high=band.high)]
    history = curve.history
    xs = _positions(history, axis)
    raw = Series("each game", xs, history.rewards, dots=True)
    if len(history.games) and history.games.max() > 1:  # stretches: the best and the worst game of each
        both, ys = np.repeat(xs, 2), np.column_stack((history.lows, history.highs)).ravel()
        raw = Series("best and worst games", both, ys, dots=True)
    window = window_for(float(history.games.sum()))
    return [raw, Series(f"mean of {window}", band.xs, band.ys, low=band.low, high=band.high)]


def compared(curve: CurveView | None, number: int, name: str, axis: Axis, measure: Measure) -> Series:
    """Make the numbered series of one of several models: the smoothed curve."""
    if curve is None:
        return Series(name, np.zeros(0), np.zeros(0), number=number)
    band = _band(curve, axis, measure)
    return Series(name, band.xs, band.ys, number=number)


def axes_of_arms(series: Sequence[Series], *, seconds: bool) -> tuple[tuple[float, float], str]:
    """Return the y range in per cent of a chart of variants, and the unit of its x axis."""
    top = max((float(one.ys.max()) for one in map(Series.finite, series) if len(one.ys)), default=0.0)
    return (0.0, max(2.0, 1.08 * top)), "seconds" if seconds else "k steps"


def of_arms(arms: Sequence[ArmResult], *, seconds: bool = False) -> list[Series]:
    """Make the series of an experiment's variants: the median of each, and dots for its extreme seeds."""
    series, unit = [], 1 if seconds else 1000
    for number, arm in enumerate(arms, 1):
        for name, ys in (("", arm.low), ("", arm.high), (arm.name, arm.median)):
            series.append(Series(name, arm.xs / unit, 100 * ys, dots=not name, number=number))
    return series


def _band(curve: CurveView, axis: Axis, measure: Measure) -> _Band:
    history = curve.history
    if measure is Measure.RESULTS:
        if not len(history.rewards):
            return _Band(*(np.zeros(0),) * 4)
        return _Band(_positions(history, axis), *smoothed(history))
    steps = curve.share_steps
    xs = steps / 1000 if axis is Axis.DECISIONS else _at_steps(history, axis, steps)
    keep = slice(None) if axis is Axis.DECISIONS or len(history.steps) else slice(0, 0)
    shares = (curve.shares, curve.share_lows, curve.share_highs)
    return _Band(xs[keep], *(100 * each[keep] for each in shares))


def _positions(history: History, axis: Axis) -> FloatArray:
    if axis is Axis.GAMES:
        return history.episodes
    return history.steps / 1000 if axis is Axis.DECISIONS else history.minutes


def _at_steps(history: History, axis: Axis, steps: FloatArray) -> FloatArray:
    """Convert steps to positions on an axis, interpolated between the ends of games."""
    if not len(history.steps):
        return np.zeros(len(steps))
    return np.interp(steps, history.steps, _positions(history, axis)).astype(np.float64)
