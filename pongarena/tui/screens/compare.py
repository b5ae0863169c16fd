"""The learning curves of up to six models in one chart."""

from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from pongarena.library.strength import Strength
from pongarena.tui import words
from pongarena.tui.data.curves import Axis, Measure, compared
from pongarena.tui.data.library_watcher import LibrarySnapshot
from pongarena.tui.data.series import Series
from pongarena.tui.keys import key
from pongarena.tui.screens.dialog import Dialog
from pongarena.tui.screens.model_actions import export_curve
from pongarena.tui.widgets.explore_plot import ExplorePlot, number_words
from pongarena.tui.widgets.keybar import KeyBar
from pongarena.tui.widgets.plot import MOST_COMPARED
from pongarena.tui.widgets.plot_cells import sample

__all__ = ["MOST_COMPARED", "CompareScreen"]


class CompareScreen(Dialog[None]):
    """A chart in which each curve has its number, dash pattern and colour, above a table of the models."""

    DEFAULT_CSS = """
    CompareScreen {
        background: $background;
        & > Vertical { width: 1fr; height: 1fr; padding: 0 1; }
        & #compare-title { height: 1; text-style: bold; }
        & ExplorePlot { height: 2fr; }
        & VerticalScroll { height: auto; max-height: 9; scrollbar-size-vertical: 1; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        key("x", "axis", "Axis", "Compare over games, steps, or minutes of training"),
        key("y", "measure", "Measure", "Compare the share of points won, or the results of games"),
        key("e", "export", "Export", "Save the curves as a table or a picture: .csv, .svg or .png"),
        Binding("q", "cancel", "Back", show=False),
    ]

    def __init__(self, names: tuple[str, ...]) -> None:
        """Compare these models, at most ``MOST_COMPARED``."""
        super().__init__()
        self.names = names
        self._axis, self._measure = Axis.DECISIONS, Measure.WON
        self._series: list[Series] = []
        self._drawn: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static("", id="compare-title")
            yield ExplorePlot(x_label="")
            with VerticalScroll(can_focus=False):
                yield Static("", id="compare-table")
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(ExplorePlot).focus()
        self.set_interval(0.3, self._follow)
        self._follow()

    def action_axis(self) -> None:
        self._axis = self._axis.next()
        self._follow()

    def action_measure(self) -> None:
        self._measure = self._measure.other()
        self._follow()

    def action_export(self) -> None:
        export_curve(self.arcade, self.names)

    def _follow(self) -> None:
        look = self.arcade.look
        # the screen below follows the curve of its chosen model only
        if self.arcade.wanted != frozenset(self.names):
            self.arcade.follow(*self.names)
        curves = tuple(look.curves.get(name) for name in self.names)
        drawn = (look, self._axis, self._measure)
        if self._drawn and all(a is b for a, b in zip(drawn, self._drawn, strict=True)):
            return
        self._drawn = drawn
        series = [
            compared(curve, number, name, self._axis, self._measure)
            for number, (name, curve) in enumerate(zip(self.names, curves, strict=True), 1)
        ]
        label = str(self._axis)
        self.query_one(ExplorePlot).show(series, "reading the curves …", x_label=label)
        reading = [curve.share_read if curve else 0.0 for curve in curves]
        title = f"Compare: {self._measure}, over {label}"
        if min(reading) < 1:
            title += f"   reading {sum(reading) / len(reading):.0%} …"
        self.query_one("#compare-title", Static).update(Text(title))
        self._series = series
        self._show_table()

    def on_explore_plot_moved(self) -> None:
        """Show the values of all curves in the table; the line above the chart may lack room for them."""
        self._show_table()

    def _show_table(self) -> None:
        self.query_one("#compare-table", Static).update(self._table(self.arcade.look, self._series))

    def _table(self, look: LibrarySnapshot, series: list[Series]) -> Table:
        plot = self.query_one(ExplorePlot)
        cursor = plot.cursor()
        here = "" if cursor is None else f"at {number_words(cursor)}"
        table = Table.grid(padding=(0, 2))
        headings = ("", "model", here, "recipe", "won", "score", "games", "seed")
        table.add_row(*(Text(each, style="$muted") for each in headings))
        for one in series:
            entry = look.entry(one.name)
            if entry is None:
                table.add_row(Text(sample(one)), Text(f"{one.name} is gone"))
                continue
            table.add_row(
                Text(sample(one), style=plot.ink(one)),
                Text(words.shorten(entry.name, 30), style="bold"),
                Text(_value_at(one, cursor), style="bold", justify="right"),
                Text(entry.model.recipe.name if entry.model.recipe else "–"),
                Text(_won(entry.strength)),
                Text(words.signed(entry.score)),
                Text(words.count(entry.episode)),
                Text(str(entry.model.seed)),
            )
        return table


def _value_at(one: Series, cursor: float | None) -> str:
    if cursor is None:
        return ""
    if (found := one.at(cursor)) is None:
        return "–"
    beyond = cursor > one.xs[-1] * (1 + 1e-9)
    return number_words(found[0]) + (" at its end" if beyond else "")


def _won(strength: Strength | None) -> str:
    """Format the share of points, with its interval if known."""
    if strength is None:
        return "–"
    if strength.interval is None:
        return f"{strength.share:.0%}"
    low, high = strength.interval
    return f"{strength.share:.0%} ({low:.0%}–{high:.0%})"
