"""Benchmark of a recipe: points won over decisions and over time, and scores, for several seeds."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from pongarena.bench.bare import bare_rate
from pongarena.core.extras import require
from pongarena.core.files import require_new_file
from pongarena.library.metrics import Points
from pongarena.library.progress import WINDOW_POINTS, share_curve
from pongarena.nn.policy import PolicyNetwork
from pongarena.training.evaluation import evaluate
from pongarena.training.events import Compiling, Updated
from pongarena.training.recipe import Recipe
from pongarena.training.registry import new_trainer, to_json

__all__ = ["LearningCurve", "LearningFigures", "Row", "Score", "measure_learning", "require_plotting"]

GOALS = (0.25, 0.5, 0.75)
"""Shares of points whose times are reported; 0.5 equals the CPU."""

_BARE_SECONDS = 3.0

_ENTRIES = 4000
"""Maximum entries of a curve: one per quarter of a second for a quarter of an hour."""

_EVALUATION_SEED = 2026


@dataclass(frozen=True)
class Score:
    """The score of the weights at one time, on the emulator in the benchmark setting.

    Attributes:
        seconds: Training time so far.
        steps: Decisions learned from so far.
        games: Number of games.
        mean: Average of points won − lost, −21..21.
        standard_deviation: Of points won − lost over the games.
    """

    seconds: float
    steps: int
    games: int
    mean: float
    standard_deviation: float

    def __str__(self) -> str:
        return f"{self.mean:+.1f} ({self.standard_deviation:.1f})".replace("-", "−")


@dataclass(frozen=True)
class LearningCurve:
    """The learning curve of one training run.

    Attributes:
        seed: Its seed.
        steps: Decisions learned from, increasing.
        seconds: Training time at each entry of `steps`, without compilation.
        shares: Share of the last 1,000 points won, 0..1, at each entry of `steps`.
        scores: Scores at some times, and at the end.
    """

    seed: int
    steps: tuple[int, ...]
    seconds: tuple[float, ...]
    shares: tuple[float, ...]
    scores: tuple[Score, ...] = ()

    def steps_to(self, share: float) -> int | None:
        """Return the decisions until a full window of points first had this share; None if none did.

        A window of 1,000 points is accurate to ±3 %, and its first passage is partly luck.
        """
        return next((step for step, each in zip(self.steps, self.shares, strict=True) if each >= share), None)

    def seconds_to(self, share: float) -> float | None:
        """Return the same in seconds."""
        return next((at for at, each in zip(self.seconds, self.shares, strict=True) if each >= share), None)


class Row(NamedTuple):
    """A row of the table.

    Attributes:
        words: Its label.
        spread: Median, least and most; a seed without a figure counts as the last.
        cells: One per seed.
    """

    words: str
    spread: tuple[str, str, str]
    cells: list[str]


@dataclass(frozen=True)
class LearningFigures:
    """Several training runs of one recipe.

    Attributes:
        recipe: Name and settings.
        bare: Decisions per second of the bare emulator on all cores, measured before each run.
        curves: One per seed.
        evaluate_at: Seconds at which the weights were evaluated, besides the end.
    """

    recipe: dict[str, Any]
    bare: tuple[float, ...]
    curves: tuple[LearningCurve, ...]
    evaluate_at: tuple[float, ...] = ()

    def rows(self) -> list[Row]:
        """Return the rows of the table."""
        curves, rows = self.curves, list[Row]()
        for goal in GOALS:
            words = f"{goal:.0%} of 1,000 points"
            rows.append(_row(f"seconds until {words}", [each.seconds_to(goal) for each in curves], "{:,.1f}"))
            rows.append(_row(f"steps until {words}", [each.steps_to(goal) for each in curves]))
        for place in range(max(len(curve.scores) for curve in curves)):
            scores = [curve.scores[place] if place < len(curve.scores) else None for curve in curves]
            at = f"{self.evaluate_at[place]:g} s" if place < len(self.evaluate_at) else "the end"
            rows.append(_score_row(f"mean score (standard deviation) after {at}", scores))
        rows.append(
            _row("points won at the end", [c.shares[-1] if c.shares else None for c in curves], "{:.1%}")
        )
        rows.append(_row("steps", [c.steps[-1] if c.steps else None for c in curves]))
        speeds = [c.steps[-1] / c.seconds[-1] if c.steps else None for c in curves]
        rows.append(_row("steps a second", speeds))
        ratios = [speed and speed / bare for speed, bare in zip(speeds, self.bare, strict=True)]
        rows.append(_row("  ÷ the bare emulator's", ratios, "{:,.1f}"))
        return rows

    def to_json(self) -> dict[str, Any]:
        """Return everything as JSON types."""
        return asdict(self)


def measure_learning(
    recipe: Recipe,
    *,
    minutes: float,
    seeds: Sequence[int],
    on_progress: Callable[[str, float], None],
    evaluate_at: Sequence[float] = (),
    games: int = 0,
) -> LearningFigures:
    """Train each seed, one after the other.

    Weights are copied during training and evaluated afterwards, so evaluations take no training time.

    Args:
        recipe: The recipe.
        minutes: Length of each training run.
        seeds: One per training run.
        on_progress: Called with a description of the current work and the share done.
        evaluate_at: Increasing seconds at which to evaluate the weights, besides the end.
        games: Games per evaluation; 0 for none.
    """
    bare, curves = [], []
    moments = tuple(each for each in evaluate_at if each < 60 * minutes) if games else ()
    for seed in seeds:
        on_progress(f"seed {seed}: the bare emulator", 0.0)
        bare.append(bare_rate(recipe, _BARE_SECONDS, seed=seed))
        curves.append(
            _train(recipe, seed, 60 * minutes, moments=moments, games=games, on_progress=on_progress)
        )
    return LearningFigures(to_json(recipe), tuple(bare), tuple(curves), moments)


def require_plotting(path: Path, *, force: bool = False) -> None:
    """Check that `plot_learning` can work, before the long measurement.

    Raises:
        PongArenaError: When matplotlib is not installed, or the picture cannot be written there.
    """
    require("matplotlib", "the picture", "leave out --png")
    require_new_file(path, force=force)


class _Copy(NamedTuple):
    """The weights at one time."""

    seconds: float
    steps: int
    policy: PolicyNetwork


def _train(
    recipe: Recipe,
    seed: int,
    seconds: float,
    *,
    moments: Sequence[float],
    games: int,
    on_progress: Callable[[str, float], None],
) -> LearningCurve:
    trainer = new_trainer(recipe, seed=seed)
    rows, times, copies = [], [], list[_Copy]()
    started = perf_counter()
    try:
        for event in trainer.events():
            if isinstance(event, Compiling):
                on_progress(str(event), 0.0)
                started = perf_counter()
                continue
            spent = perf_counter() - started
            if isinstance(event, Updated):
                rows.append((event.steps, event.won, event.lost))
                times.append(spent)
                while len(copies) < len(moments) and spent >= moments[len(copies)]:
                    copies.append(_Copy(spent, event.steps, trainer.policy.copy()))
                on_progress(f"seed {seed}: {event.steps:,} steps", min(1.0, spent / seconds))
            if spent >= seconds:
                break
        if games:
            # a long update may have passed several moments, or all
            end = _Copy(times[-1] if times else 0.0, trainer.steps, trainer.policy.copy())
            copies += [end] * (len(moments) + 1 - len(copies))
    finally:
        trainer.close()
    scores = tuple(_score(each, seed, games, on_progress) for each in copies)
    if not rows:
        return LearningCurve(seed, (), (), (), scores)
    points = Points(*(np.array(column, np.int64) for column in zip(*rows, strict=True)))
    steps, shares = share_curve(points, most=_ENTRIES, fewest=WINDOW_POINTS)
    at = np.interp(steps, points.steps, times)
    return LearningCurve(
        seed,
        tuple(int(step) for step in steps),
        tuple(round(float(second), 2) for second in at),
        tuple(round(float(share), 4) for share in shares),
        scores,
    )


def _score(copy: _Copy, seed: int, games: int, on_progress: Callable[[str, float], None]) -> Score:
    words = f"seed {seed}: {games} games with the weights of {copy.seconds:.0f} s"
    result = evaluate(
        copy.policy,
        games=games,
        seed=_EVALUATION_SEED,
        on_progress=lambda done, _: on_progress(words, done / games),
    )
    deviation = round(result.standard_deviation, 3)
    return Score(round(copy.seconds, 2), copy.steps, games, round(result.mean, 3), deviation)


def _row(words: str, values: Sequence[float | None], form: str = "{:,.0f}") -> Row:
    known = sorted(value for value in values if value is not None)
    ordered = [*known, *[None] * (len(values) - len(known))]
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    median = None if low is None or high is None else (low + high) / 2
    spread = median, ordered[0], ordered[-1]
    first, second, third = ("–" if each is None else form.format(each) for each in spread)
    return Row(words, (first, second, third), ["–" if each is None else form.format(each) for each in values])


def _score_row(words: str, scores: Sequence[Score | None]) -> Row:
    means = [score.mean for score in scores if score is not None]
    spread = statistics.median(means), min(means), max(means)
    first, second, third = (f"{each:+.1f}".replace("-", "−") for each in spread)
    return Row(words, (first, second, third), ["–" if each is None else str(each) for each in scores])
