"""One instrument of a training session: its name, its latest value, and its curve."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical

from pongarena.tui.data.series import Series
from pongarena.tui.widgets.plot import LinePlot
from pongarena.tui.widgets.steady_text import SteadyText
from pongarena.tui.words import signed

Curve: TypeAlias = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Steps and values."""

__all__ = ["KINDS", "GaugeKind", "GaugeView"]


@dataclass(frozen=True)
class GaugeKind:
    """The description of an instrument.

    Attributes:
        key: Its name among the library's gauges, or ``running``.
        title: Its name for people.
        short: The meaning of its values in a few words, shown beside the value.
        about: The same in a sentence or two, for the tooltip.
        write: Formats a value.
    """

    key: str
    title: str
    short: str
    about: str
    write: Callable[[float], str]


def _plain(digits: int) -> Callable[[float], str]:
    return lambda value: f"{value:.{digits}f}".replace("-", "−")


KINDS = (
    GaugeKind(
        "running", "running reward", "−21 to 21",
        "Points won minus lost a game, averaged over about the last 100 games. It lags behind the points: "
        "earlier versions of the network played most of those games.",
        signed,
    ),
    GaugeKind(
        "rating", "rating", "among older selves",
        "Its strength among its older selves, on Elo's scale for points: it begins at 0; with 400 more it "
        "wins ten points for each one lost. Against itself it always wins half.",
        lambda value: signed(value, 0),
    ),
    GaugeKind(
        "entropy", "entropy", "0.69 undecided, 0 sure",
        "How undecided the network is between UP and DOWN. It should fall slowly; near 0 it has stopped "
        "trying anything new.",
        _plain(3),
    ),
    GaugeKind(
        "explained", "explained variance", "1 all, 0 nothing",
        "How much of the variance of the returns the critic predicts. It rises while the critic "
        "learns; below 0 its predictions are worse than none.",
        _plain(2),
    ),
    GaugeKind(
        "kl", "KL", "policy change",
        "How far one update changes the policy, in nats. It controls the learning rate; jumps mean that the "
        "steps are too long.",
        lambda value: f"{value:.4f}",
    ),
    GaugeKind(
        "gradient_norm", "gradient norm", "length",
        "Length of the gradient, before it is clipped. When it keeps growing, the training is about to "
        "diverge.",
        lambda value: f"{value:.3g}",
    ),
    GaugeKind(
        "update_ratio", "ΔW ÷ W", "by layer",
        "How far an update moves each layer, relative to its weights: ‖ΔW‖ ÷ ‖W‖, for the first layer and "
        "the last. About 0.001 is usual; far above, the network forgets; far below, it hardly learns.",
        lambda value: f"{value:.2g}".replace("-", "−"),
    ),
    GaugeKind(
        "learning_rate", "learning rate", "step size",
        "How far each update moves the weights. l sets another one.",
        lambda value: f"{value:.2g}",
    ),
    GaugeKind(
        "accepted", "accepted", "share of a step",
        "How much of the first proposed step was taken, after halving. 0 means that no part of it was "
        "safe.",
        _plain(2),
    ),
    GaugeKind(
        "moved", "moved", "length",
        "How far a round moved the weights of the leader. Near 0 the search has settled.",
        lambda value: f"{value:.3g}",
    ),
    GaugeKind(
        "mean_p_up", "P(UP)", "0.5 balanced",
        "How often it would go up, on average. Far from 0.5 it mostly runs into one end of the field.",
        _plain(2),
    ),
    GaugeKind(
        "turns", "turns", "share of steps",
        "How often an action differs from the one before: a paddle that trembles has many. The setting "
        "jitter penalty makes them costly.",
        _plain(2),
    ),
    GaugeKind(
        "speed", "speed", "steps a second",
        "Steps learned from a second, from update to update.",
        lambda value: f"{value:,.0f}",
    ),
)  # fmt: skip
"""All instruments, in display order."""


class GaugeView(Vertical):
    """A line of text above a curve."""

    DEFAULT_CSS = """
    GaugeView {
        height: 1fr; width: 1fr; min-height: 4; padding: 0 1;
        & > Static { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
        & > LinePlot { min-height: 3; }
    }
    """

    def __init__(self, kind: GaugeKind) -> None:
        super().__init__(id=f"gauge-{kind.key}")
        self.kind = kind
        self.tooltip = kind.about
        self._values = "–"
        self._ends: tuple[tuple[int, float, float], ...] | None = None

    def compose(self) -> ComposeResult:
        yield SteadyText()
        yield LinePlot(legend=False)

    def show(self, *curves: Curve) -> None:
        """Show curves over thousands of steps, or a note that there is none yet.

        Args:
            curves: Steps and values; several are numbered in their order.
        """
        ends = tuple((len(ys), float(xs[-1]), float(ys[-1])) for xs, ys in curves if len(ys))
        if ends == self._ends:
            return
        self._ends = ends
        known = [(number, xs, ys) for number, (xs, ys) in enumerate(curves, 1) if len(ys)]
        self._values = ", ".join(self.kind.write(float(ys[-1])) for _, _, ys in known) or "–"
        self._write()
        plot = self.query_one(LinePlot)
        if any(len(ys) > 1 for _, _, ys in known):
            numbers = len(known) > 1
            series = [
                Series(self.kind.title, xs / 1000, ys, number=number if numbers else 0)
                for number, xs, ys in known
            ]
            plot.show(series, y_range=round_bounds(np.concatenate([ys for _, _, ys in known])))
        else:
            plot.show([], "…")

    def on_resize(self) -> None:
        self._write()

    def _write(self) -> None:
        """Update the line of words; leave out the meaning of the values where it would be cut off."""
        words = Text().append(self.kind.title, style="bold").append(f" {self._values}")
        note = f"  {self.kind.short}"
        if not self.size.width or words.cell_len + len(note) <= self.size.width:
            words.append(note, style="$muted")
        self.query_one(SteadyText).say(words)


def round_bounds(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return round bounds around some values, so that the axis of a low plot has labels.

    >>> round_bounds(np.array([0.53, 0.68]))
    (0.5, 0.7)
    """
    low, high = float(values.min()), float(values.max())
    least = max((high - low) / 2 or abs(high) / 2 or 1.0, 1e-9 * max(abs(low), abs(high)), 1e-12)
    power = 10.0 ** math.floor(math.log10(least))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return round(first * step, 12), round(max(last, first + 1) * step, 12)
