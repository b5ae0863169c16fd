"""Show whether a model learns: its share of points beside the recipe's reference runs, and a verdict."""

import numpy as np
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from pongarena.library.progress import Against, Trend
from pongarena.tui.data.library_watcher import CurveView, Entry
from pongarena.tui.data.series import Series
from pongarena.tui.theme import GREEN, ORANGE
from pongarena.tui.widgets.explore_plot import ExplorePlot
from pongarena.tui.widgets.plot import LinePlot
from pongarena.tui.widgets.steady_text import SteadyText

_MUTED = "$muted"
_AHEAD_OF_RUN = 1.5
"""How much further than the run the reference is shown, as a factor."""

_SHORTEST = 200_000
"""The fewest agent steps that the plot shows."""


def share_series(curve: CurveView | None) -> list[Series]:
    """Return the points won in per cent over thousands of steps, and the range and median of references."""
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
    name = "this run" if curve.rating is None else "check: % of points against the CPU"
    return [*series, Series(name, curve.share_steps / 1000, curve.shares * 100)]


def rating_series(curve: CurveView | None) -> list[Series]:
    """Return the rating among older selves over thousands of steps; empty except for self-play."""
    if curve is None or curve.rating is None:
        return []
    steps, ratings = curve.ratings
    return [Series("rating among older selves", steps / 1000, ratings)]


def share_range(series: list[Series]) -> tuple[float, float]:
    """Return the y range in per cent: 0 to 60, or to 100 once a curve passes 60."""
    top = max((float(one.ys.max()) for one in series if len(one.ys)), default=0.0)
    return (0.0, 60.0 if top <= 60 else 100.0)


def learning_words(entry: Entry, curve: CurveView | None) -> Text:
    """Say how the model does, what that means, and when it may reach the next goal, a line each."""
    text = Text()
    if curve is None:
        return text
    progress, rating = curve.progress, curve.rating
    if rating is not None:
        text.append(rating.standing(), style=_style(rating.trend))
        return text.append(f"\n{rating.check(progress)}\n{rating.verdict()}")
    text.append(progress.standing(), style=_style(progress.trend, progress.against))
    text.append(f"\n{progress.verdict()}")
    if outlook := progress.outlook(entry.status.steps_per_s):
        text.append(f"\n{outlook[:1].upper()}{outlook[1:]}.")
    if progress.expected is not None and not progress.own_settings:
        text.append("\nThe reference runs have the recipe's own settings; this one has others.", style=_MUTED)
    return text


def _style(trend: Trend | None, against: Against | None = None) -> str:
    if trend is Trend.FALLING or against is Against.BEHIND:
        return f"bold {ORANGE}"
    if trend is Trend.RISING or against is Against.AHEAD:
        return f"bold {GREEN}"
    return "bold"


class LearningView(Vertical):
    """The verdict, and the plot below it."""

    DEFAULT_CSS = """
    LearningView {
        height: 1fr;
        & Static { height: auto; }
        & #learning-cursor { display: none; color: $muted; }
        & Horizontal { height: 1fr; }
        & #rating { margin-right: 1; }
    }
    """

    def __init__(self, *, explore: bool = False) -> None:
        """Make an empty view.

        Args:
            explore: Whether the curve of points has a cursor, which the screen's keys move.
        """
        super().__init__()
        self._explore = explore
        self._shown: tuple[CurveView | None, bool] = (None, False)

    def compose(self) -> ComposeResult:
        yield SteadyText(id="learning-words")
        with Horizontal():
            yield LinePlot(x_label="k steps", id="rating")
            if self._explore:
                plot = ExplorePlot(x_label="k steps", id="share")
                plot.can_focus = False
                yield plot
            else:
                yield LinePlot(x_label="k steps", id="share")
        yield Static("", id="learning-cursor", markup=False)

    def say(self, words: str) -> None:
        """Show a text below the plot."""
        line = self.query_one("#learning-cursor", Static)
        line.display = bool(words)
        line.update(words)

    def show(self, entry: Entry | None, curve: CurveView | None) -> None:
        words = learning_words(entry, curve) if entry is not None else Text()
        self.query_one("#learning-words", SteadyText).say(words)
        live = entry is not None and entry.status.active
        waiting = "the first points are being played …" if live else "too few points played so far"
        if curve is not None and curve is self._shown[0] and live == self._shown[1]:
            return
        self._shown = (curve, live)
        ratings, shares = rating_series(curve), share_series(curve)
        rating = self.query_one("#rating", LinePlot)
        rating.display = bool(ratings)
        rating.show(ratings)
        self.query_one("#share", LinePlot).show(shares, waiting, share_range(shares))
