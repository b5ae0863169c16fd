"""Is it learning? The share of points won beside the recipe's reference runs, and the answer in words."""

import numpy as np
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from pongarena.library.progress import Against, Trend
from pongarena.tui.data.library_watcher import CurveView, Entry
from pongarena.tui.data.series import Series
from pongarena.tui.theme import GREEN, ORANGE
from pongarena.tui.widgets.plot import LinePlot

_MUTED = "$muted"
_AHEAD_OF_RUN = 1.5
"""How much further than the run its reference is shown."""

_SHORTEST = 200_000
"""Decisions that the picture shows at least."""


def share_series(curve: CurveView | None) -> list[Series]:
    """Points won in per cent over thousands of decisions; lowest, median and highest reference run behind."""
    if curve is None or not len(curve.share_steps):
        return []
    series = []
    reference = curve.reference
    if reference is not None and reference.common.stop:
        xs = reference.steps[reference.common]
        near = xs <= max(_AHEAD_OF_RUN * curve.share_steps[-1], _SHORTEST)
        runs = reference.shares[:, reference.common][:, near] * 100
        if near.any():
            for ends in (runs.min(axis=0), runs.max(axis=0)):
                series.append(Series("", xs[near] / 1000, ends, faint=True, dots=True))
            name = f"{len(runs)} reference runs"
            series.append(Series(name, xs[near] / 1000, np.median(runs, axis=0), faint=True))
    return [*series, Series("this run", curve.share_steps / 1000, curve.shares * 100)]


def share_range(series: list[Series]) -> tuple[float, float]:
    """Per cent from 0 to the AI's equal and a little more, or to 100 once a curve passes that."""
    top = max((float(one.ys.max()) for one in series if len(one.ys)), default=0.0)
    return (0.0, 60.0 if top <= 60 else 100.0)


def learning_words(entry: Entry, curve: CurveView | None) -> Text:
    """Where it stands, what that means, and when it may reach the next goal: a line each."""
    text = Text()
    if curve is None:
        return text
    progress = curve.progress
    style = "bold"
    if progress.trend is Trend.FALLING or progress.against is Against.BEHIND:
        style = f"bold {ORANGE}"
    elif progress.trend is Trend.RISING or progress.against is Against.AHEAD:
        style = f"bold {GREEN}"
    text.append(progress.standing(), style=style)
    text.append(f"\n{progress.verdict()}")
    if entry.model.recipe is not None and entry.model.recipe.remark:
        text.append(f"\n{entry.model.recipe.remark}")
    if outlook := progress.outlook(entry.status.steps_per_s):
        text.append(f"\n{outlook[:1].upper()}{outlook[1:]}.")
    if progress.expected is not None and not progress.own_settings:
        text.append("\nThe reference runs have the recipe's own settings; this one has others.", style=_MUTED)
    return text


class LearningView(Vertical):
    """Words above, picture below."""

    DEFAULT_CSS = """
    LearningView {
        height: 1fr;
        & Static { height: auto; }
    }
    """

    def compose(self) -> ComposeResult:
        yield Static("", markup=False)
        yield LinePlot(x_label="k decisions")

    def show(self, entry: Entry | None, curve: CurveView | None) -> None:
        """Show a model's progress."""
        words = learning_words(entry, curve) if entry is not None else Text()
        self.query_one(Static).update(words)
        live = entry is not None and entry.status.active
        waiting = "the first points are being played …" if live else "too few points played so far"
        series = share_series(curve)
        self.query_one(LinePlot).show(series, waiting, share_range(series))
