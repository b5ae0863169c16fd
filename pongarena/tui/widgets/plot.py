"""A line plot of braille dots: as many points as one likes, drawn in milliseconds."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from pongarena.tui.widgets import braille
from pongarena.tui.widgets.braille import FloatArray, IntArray


@dataclass(frozen=True)
class Series:
    """One curve of a plot.

    Attributes:
        name: What the legend calls it.
        xs: Positions, never decreasing.
        ys: Values, as many; those that are not finite are left out.
        dots: Single dots instead of a joined line.
        faint: Something to compare with, not the matter itself.
    """

    name: str
    xs: FloatArray
    ys: FloatArray
    dots: bool = False
    faint: bool = False


class LinePlot(Widget):
    """Curves over one x axis, with labelled axes and a legend.

    The first series is drawn first; where two share a cell the later one is seen.
    """

    COMPONENT_CLASSES = {  # noqa: RUF012 (Textual's name)
        "plot--axis",
        "plot--zero",
        "plot--dots",
        "plot--line",
        "plot--faint",
    }

    DEFAULT_CSS = """
    LinePlot {
        width: 1fr; height: 1fr; min-height: 3;
        & .plot--axis { color: $muted; }
        & .plot--zero { color: $faint; }
        & .plot--dots { color: $right 75%; }
        & .plot--line { color: $ball; text-style: bold; }
        & .plot--faint { color: $right 60%; }
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
            x_label: What the x axis counts, written at its end.
            empty: The words shown while there is no point.
            legend: Whether to name the series in a first line; those without a name are left out.
            id: The widget's id.
            classes: The widget's CSS classes.
        """
        super().__init__(id=id, classes=classes)
        self._series: tuple[Series, ...] = ()
        self._x_label, self._empty, self._legend = x_label, empty, legend
        self._y_range: tuple[float, float] | None = None
        self._strips: list[Strip] = []
        self._drawn_for: tuple[object, ...] = ()

    def show(
        self,
        series: Sequence[Series],
        empty: str | None = None,
        y_range: tuple[float, float] | None = None,
    ) -> None:
        """Replace the curves.

        Args:
            series: The curves.
            empty: The words shown when there are none; the same as before if None.
            y_range: The values of the lowest and the highest line; what fits the curves if None.
        """
        self._y_range = y_range
        self._series = tuple(_finite(one) for one in series)
        self._empty = self._empty if empty is None else empty
        self._drawn_for = ()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw all lines when the data, the size or the colours changed; hand out one."""
        styles = tuple(self._style(name) for name in ("axis", "zero", "dots", "line", "faint"))
        key = (self.size, styles)
        if key != self._drawn_for:
            self._strips = self._draw(self.size.width, self.size.height, styles)
            self._drawn_for = key
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width, self.rich_style)

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"plot--{part}")

    def _draw(self, width: int, height: int, colours: tuple[Style, ...]) -> list[Strip]:
        axis, zero, dots, line, faint = colours
        shown = [one for one in self._series if len(one.xs)]
        if not shown or width < 12 or height < 3:
            return _message(self._empty, width, height, axis)
        low, high = self._y_range or _limits([one.ys for one in shown])
        ink = {(False, False): line, (True, False): dots, (False, True): faint, (True, True): faint}
        left, right = min(one.xs[0] for one in shown), max(one.xs[-1] for one in shown)
        top = [_legend_line(shown, width, axis, ink)] if self._legend and height >= 5 else []
        rows = height - len(top) - 1
        labels = {
            _row(value, low, high, rows): _number(value)
            for value in braille.ticks(low, high, max(2, rows // 2))
        }
        gutter = max(len(text) for text in labels.values()) + 1
        columns = max(1, width - gutter - 1)
        codes = np.full((rows, columns), braille.BLANK, dtype=np.int64)
        owner = np.zeros((rows, columns), dtype=np.int64)
        styles = [zero]
        if low < 0 < high:
            codes[_row(0.0, low, high, rows), :] = ord("┄")
        for one in shown:
            mask = _mask(one, (left, right), (low, high), columns, rows)
            drawn = braille.cells(mask)
            touched = drawn != braille.BLANK
            styles.append(ink[one.dots, one.faint])
            codes[touched], owner[touched] = drawn[touched], len(styles) - 1
        lines = [
            _strip(labels.get(row, ""), codes[row], owner[row], styles, gutter=gutter, axis=axis, width=width)
            for row in range(rows)
        ]
        return [
            *top,
            *lines,
            _x_axis(left, right, self._x_label, gutter=gutter, columns=columns, axis=axis, width=width),
        ]


def _finite(one: Series) -> Series:
    keep = np.isfinite(one.xs) & np.isfinite(one.ys)
    return one if keep.all() else replace(one, xs=one.xs[keep], ys=one.ys[keep])


def _limits(values: Sequence[FloatArray]) -> tuple[float, float]:
    low, high = float(min(ys.min() for ys in values)), float(max(ys.max() for ys in values))
    margin = 0.04 * (high - low) or 0.5
    return low - margin, high + margin


def _mask(
    one: Series, x_range: tuple[float, float], y_range: tuple[float, float], columns: int, rows: int
) -> braille.Mask:
    width, height = columns * braille.DOTS_ACROSS, rows * braille.DOTS_DOWN
    draw = braille.dots if one.dots else braille.line
    low, high = y_range
    columns_at = braille.columns_of(one.xs, *x_range, width)
    return draw(columns_at, one.ys, low=low, high=high, width=width, height=height)


def _row(value: float, low: float, high: float, rows: int) -> int:
    dot = braille.rows_of(np.array([value]), low, high, rows * braille.DOTS_DOWN)[0]
    return int(dot) // braille.DOTS_DOWN


@lru_cache(maxsize=256)
def _number(value: float) -> str:
    return f"{value:,.10g}".replace("-", "−")


def _message(text: str, width: int, height: int, style: Style) -> list[Strip]:
    blank = Strip([Segment(" " * width, style)], width)
    words = text[:width].center(width)
    middle = (height - 1) // 2
    return [Strip([Segment(words, style)], width) if y == middle else blank for y in range(height)]


def _legend_line(
    shown: Sequence[Series], width: int, axis: Style, ink: Mapping[tuple[bool, bool], Style]
) -> Strip:
    segments = []
    for one in reversed([one for one in shown if one.name]):
        sample = "⠂⠄⠂ " if one.dots else "── " if one.faint else "━━ "
        segments.append(Segment(sample, ink[one.dots, one.faint]))
        segments.append(Segment(f"{one.name}   ", axis))
    length = sum(len(segment.text) for segment in segments)
    padding = Segment(" " * max(0, width - length), axis)
    return Strip([padding, *segments]).crop(0, width).simplify()


def _strip(
    label: str,
    codes: IntArray,
    owner: IntArray,
    styles: Sequence[Style],
    *,
    gutter: int,
    axis: Style,
    width: int,
) -> Strip:
    segments = [Segment(label.rjust(gutter - 1) + (" ┤" if label else " │"), axis)]
    cuts = [0, *(np.flatnonzero(np.diff(owner)) + 1).tolist(), len(owner)]
    text = "".join(map(chr, codes))
    segments += [
        Segment(text[start:end].replace("\u2800", " "), styles[owner[start]])
        for start, end in itertools.pairwise(cuts)
        if end > start
    ]
    return Strip(segments).adjust_cell_length(width, axis)


def _x_axis(
    left: float, right: float, label: str, *, gutter: int, columns: int, axis: Style, width: int
) -> Strip:
    """The line of round numbers below the plot; ones that would touch their neighbour are left out."""
    line = [" "] * width
    name = f" {label}"
    free = gutter + 1 + columns - len(name)
    line[width - len(name) :] = list(name) if label else line[width - len(name) :]
    taken = 0
    for value in braille.ticks(left, right, max(1, columns // 9)):
        text = _number(value)
        span = right - left or 1.0
        centre = gutter + 1 + round((value - left) / span * (columns - 1))
        start = max(taken, centre - len(text) // 2)
        if start + len(text) >= free or abs(start + len(text) // 2 - centre) > 1:
            continue
        line[start : start + len(text)] = list(text)
        taken = start + len(text) + 1
    return Strip([Segment("".join(line)[:width], axis)]).adjust_cell_length(width, axis)
