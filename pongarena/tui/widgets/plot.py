"""A line plot of braille dots, for any number of points."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from pongarena.tui.data.series import Series
from pongarena.tui.widgets import braille
from pongarena.tui.widgets.plot_cells import PlotCells, extent, limits, number_of, row_of, sample

MOST_COMPARED = 6
"""The most curves that can be told apart in one plot."""


class LinePlot(Widget):
    """Curves over one x axis, with labelled axes and a legend.

    Series are drawn in their order; where two share a cell, the later one covers the earlier.
    """

    COMPONENT_CLASSES = {  # noqa: RUF012 (Textual's name)
        "plot--axis",
        "plot--zero",
        "plot--dots",
        "plot--line",
        "plot--faint",
        "plot--band",
        "plot--cursor",
        *(f"plot--number{number}" for number in range(1, MOST_COMPARED + 1)),
    }

    DEFAULT_CSS = """
    LinePlot {
        width: 1fr; height: 1fr; min-height: 3;
        & .plot--axis { color: $muted; }
        & .plot--zero { color: $faint; }
        & .plot--dots { color: $right 75%; }
        & .plot--line { color: $ball; text-style: bold; }
        & .plot--faint { color: $right 60%; }
        & .plot--band { color: $left 80%; }
        & .plot--cursor { background: $panel-lighten-2; }
        & .plot--number1 { color: $ball; }
        & .plot--number2 { color: $left; }
        & .plot--number3 { color: $right; }
        & .plot--number4 { color: $warning; }
        & .plot--number5 { color: #7fb2e5; }
        & .plot--number6 { color: #c792ea; }
    }
    """

    def __init__(
        self,
        *,
        x_label: str = "",
        empty: str = "nothing yet",
        legend: bool = True,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """Make an empty plot.

        Args:
            x_label: The unit of the x axis, written at its end.
            empty: The text while there are no points.
            legend: Whether to name the series in a first line, except those without a name.
            id: The widget's id.
            classes: The widget's CSS classes.
        """
        super().__init__(id=id, classes=classes)
        self._series: tuple[Series, ...] = ()
        self._x_label, self._empty, self._legend = x_label, empty, legend
        self._y_range: tuple[float, float] | None = None
        self._strips: list[Strip] = []
        self._drawn_for: tuple[object, ...] = ()
        self.frame = Frame(0, 1, 0.0, 1.0)

    def show(
        self,
        series: Sequence[Series],
        empty: str | None = None,
        y_range: tuple[float, float] | None = None,
        x_label: str | None = None,
    ) -> None:
        """Replace the curves.

        Args:
            series: The curves.
            empty: The text when there are none; None keeps the present one.
            y_range: The values of the lowest and the highest line; None fits them to the curves.
            x_label: The unit of the x axis; None keeps the present one.
        """
        self._x_label = self._x_label if x_label is None else x_label
        self._y_range = y_range
        self._series = tuple(one.finite() for one in series)
        self._empty = self._empty if empty is None else empty
        self.draw_again()

    def draw_again(self) -> None:
        """Redraw everything at the next refresh."""
        self._drawn_for = ()
        self.refresh()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._drawn_for = ()

    def window(self) -> tuple[float, float] | None:
        """Return the positions of the left and the right edge; None fits them to the curves."""
        return None

    def cursor(self) -> float | None:
        """Return the position of a vertical line; None for no line."""
        return None

    def headline(self, shown: Sequence[Series], width: int) -> Strip:
        """Draw the legend above the plot."""
        segments = []
        axis = self._style("axis")
        for one in reversed([one for one in shown if one.name]):
            segments.append(Segment(f"{sample(one)} ", self.ink(one)))
            segments.append(Segment(f"{one.name}   ", axis))
        length = sum(len(segment.text) for segment in segments)
        padding = Segment(" " * max(0, width - length), axis)
        return Strip([padding, *segments]).crop(0, width).simplify()

    def ink(self, one: Series) -> Style:
        """Return the style of a curve."""
        if one.number:
            return self._style(f"number{one.number}")
        return self._style("faint" if one.faint else "dots" if one.dots else "line")

    def render_line(self, y: int) -> Strip:
        """Return one line; redraw all lines first if data, size or colours have changed."""
        key = (self.size, self.app.theme)
        if key != self._drawn_for:
            self._strips = self._draw(self.size.width, self.size.height)
            self._drawn_for = key
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width, self.rich_style)

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"plot--{part}")

    def _draw(self, width: int, height: int) -> list[Strip]:
        axis = self._style("axis")
        every = [one for one in self._series if len(one.xs)]
        if not every or width < 12 or height < 3:
            return _message(self._empty, width, height, axis)
        left, right = self.window() or extent(every)
        shown = [one.within(left, right) for one in every]
        seen = [one for one in shown if len(one.xs)] or every
        low, high = self._y_range or limits(seen)
        top = [self.headline(every, width)] if self._legend and height >= 5 else []
        rows = height - len(top) - 1
        labels = {
            row_of(value, low, high, rows): number_of(value)
            for value in braille.ticks(low, high, max(2, rows // 2))
        }
        gutter = max((len(text) for text in labels.values()), default=1) + 1
        columns = max(1, width - gutter - 1)
        self.frame = Frame(gutter + 1, columns, left, right)
        cells = PlotCells(columns, rows, self._style("zero"))
        if low < 0 < high:
            cells.codes[row_of(0.0, low, high, rows), :] = ord("┄")
        for one in shown:
            cells.draw(one, (left, right), (low, high), self.ink(one), self._style("band"))
        cursor = self.cursor()
        if cursor is not None and left <= cursor <= right:
            cells.mark_column(self.frame.column(cursor), self._style("cursor"))
        lines = [
            _strip(labels.get(row, ""), cells, row, gutter=gutter, axis=axis, width=width)
            for row in range(rows)
        ]
        return [
            *top,
            *lines,
            _x_axis(left, right, self._x_label, gutter=gutter, columns=columns, axis=axis, width=width),
        ]


@dataclass(frozen=True)
class Frame:
    """The place of the plot in the widget when it was last drawn.

    Attributes:
        start: Columns left of the plot.
        columns: Width of the plot.
        left: Position of its left edge on the x axis.
        right: Position of its right edge.
    """

    start: int
    columns: int
    left: float
    right: float

    def column(self, x: float) -> int:
        """Return the column of a position, from 0."""
        share = (x - self.left) / ((self.right - self.left) or 1.0)
        return round(min(1.0, max(0.0, share)) * (self.columns - 1))

    def position(self, column: int) -> float:
        """Return the position of a column of the widget."""
        share = (column - self.start) / max(1, self.columns - 1)
        return self.left + min(1.0, max(0.0, share)) * (self.right - self.left)


def _message(text: str, width: int, height: int, style: Style) -> list[Strip]:
    blank = Strip([Segment(" " * width, style)], width)
    words = text[:width].center(width)
    middle = (height - 1) // 2
    return [Strip([Segment(words, style)], width) if y == middle else blank for y in range(height)]


def _strip(label: str, cells: PlotCells, row: int, *, gutter: int, axis: Style, width: int) -> Strip:
    codes, owner = cells.codes[row], cells.owner[row]
    segments = [Segment(label.rjust(gutter - 1) + (" ┤" if label else " │"), axis)]
    cuts = [0, *(np.flatnonzero(np.diff(owner)) + 1).tolist(), len(owner)]
    text = "".join(map(chr, codes))
    segments += [
        Segment(text[start:end].replace("\u2800", " "), cells.styles[owner[start]])
        for start, end in itertools.pairwise(cuts)
        if end > start
    ]
    return Strip(segments).adjust_cell_length(width, axis)


def _round_numbers(left: float, right: float, columns: int, free: float) -> list[float]:
    """Choose the numbers on the x axis; more if the label of a narrow plot leaves room for none of a few."""
    few = braille.ticks(left, right, max(1, columns // 9))
    if any(value < left + free * (right - left) - 3 * (right - left) / columns for value in few):
        return few
    return braille.ticks(left, right, max(1, columns // 5))


def _x_axis(
    left: float, right: float, label: str, *, gutter: int, columns: int, axis: Style, width: int
) -> Strip:
    """Draw the round numbers below the plot; leave out those that would touch a neighbour."""
    line = [" "] * width
    name = f" {label}"
    free = gutter + 1 + columns - len(name)
    line[width - len(name) :] = list(name) if label else line[width - len(name) :]
    taken = 0
    for value in _round_numbers(left, right, columns, (free - gutter) / columns):
        text = number_of(value)
        span = right - left or 1.0
        centre = gutter + 1 + round((value - left) / span * (columns - 1))
        start = max(taken, centre - len(text) // 2)
        if start + len(text) >= free or abs(start + len(text) // 2 - centre) > 1:
            continue
        line[start : start + len(text)] = list(text)
        taken = start + len(text) + 1
    return Strip([Segment("".join(line)[:width], axis)]).adjust_cell_length(width, axis)
