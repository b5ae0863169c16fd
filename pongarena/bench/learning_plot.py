"""The plot of `pongarena bench learn`; needs matplotlib."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pongarena.bench.learning import LearningCurve, LearningFigures
from pongarena.core.chart import write_figure

__all__ = ["plot_learning"]

_MEDIAN = {"color": "black", "linewidth": 2.2, "label": "median", "zorder": 5}
_MEDIAN_POINTS = 400


def plot_learning(figures: LearningFigures, path: Path) -> None:
    """Draw points won over seconds and over decisions, and scores if there are any, for all seeds.

    Raises:
        PongArenaError: When the file cannot be written.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415

    curves = [curve for curve in figures.curves if curve.steps]
    has_scores = any(curve.scores for curve in curves)
    figure = Figure(figsize=(14 if has_scores else 10, 4.2), layout="constrained")
    by_time, by_steps, *others = figure.subplots(1, 3 if has_scores else 2)
    _draw_points(by_time, curves, [np.array(curve.seconds) for curve in curves])
    _draw_points(by_steps, curves, [np.array(curve.steps) / 1e6 for curve in curves])
    by_time.set_xlabel("seconds on this machine")
    by_steps.set_xlabel("million steps")
    by_time.set_ylabel("points won of the last 1,000, %")
    if by_time.get_legend_handles_labels()[0]:
        by_time.legend()
    for axes in others:
        _draw_scores(axes, curves)
    figure.suptitle(f"{figures.recipe['name']} recipe")
    write_figure(path, figure)


def _draw_points(axes: Any, curves: Sequence[LearningCurve], xs: Sequence[NDArray[np.float64]]) -> None:  # noqa: ANN401
    shares = [100 * np.array(curve.shares) for curve in curves]
    for curve, x, share in zip(curves, xs, shares, strict=True):
        axes.plot(x, share, label=f"seed {curve.seed}", linewidth=1, alpha=0.7)
    if len(curves) > 1:
        # only where all seeds have a share
        grid = np.linspace(max(x[0] for x in xs), min(x[-1] for x in xs), _MEDIAN_POINTS)
        if grid[0] < grid[-1]:
            axes.plot(
                grid,
                np.median([np.interp(grid, x, y) for x, y in zip(xs, shares, strict=True)], axis=0),
                **_MEDIAN,
            )
    axes.axhline(50, color="grey", linewidth=1, linestyle=":")
    axes.set_ylim(0, 100)
    axes.grid(alpha=0.25)


def _draw_scores(axes: Any, curves: Sequence[LearningCurve]) -> None:  # noqa: ANN401
    for curve in curves:
        axes.errorbar(
            [score.seconds for score in curve.scores],
            [score.mean for score in curve.scores],
            [score.standard_deviation / np.sqrt(score.games) for score in curve.scores],
            marker="o", markersize=4, linewidth=1, capsize=2, label=f"seed {curve.seed}",
        )  # fmt: skip
    axes.axhline(0, color="grey", linewidth=1, linestyle=":")
    axes.set_ylim(-21.5, 21.5)
    axes.set_xlabel("seconds on this machine")
    axes.set_ylabel("mean score on the emulator, ± standard error")
    axes.grid(alpha=0.25)
