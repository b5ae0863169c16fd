"""The curves of an experiment: a line for each arm, a letter at its end, dots for the spread of its seeds."""

from collections.abc import Sequence

import numpy as np
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from pongarena.lab.report import ArmResult
from pongarena.tui.widgets import braille

__all__ = ["ArmsPlot", "letter"]

_COLOURS = ("#f0e442", "#56b4e9", "#e69f00", "#cc79a7", "#009e73", "#d3ddd4")
"""After Okabe and Ito: told apart by the colour-blind."""

_GUTTER = 6
"""Columns of the labels at the left."""


def letter(number: int) -> str:
    """What an arm is called in the chart: a, b, c and so on."""
    return chr(ord("a") + number % 26)


class ArmsPlot(Widget):
    """Share of points won over decisions, for a few arms."""

    COMPONENT_CLASSES = {"arms--axis"}  # noqa: RUF012 (Textual's name)

    DEFAULT_CSS = """
    ArmsPlot { width: 1fr; height: 12; min-height: 5; & .arms--axis { color: $muted; } }
    """

    def __init__(self, *, id: str | None = None) -> None:
        """Make an empty chart."""
        super().__init__(id=id)
        self._arms: tuple[ArmResult, ...] = ()
        self._strips: list[Strip] = []
        self._drawn_for: tuple[object, ...] = ()

    def show(self, arms: Sequence[ArmResult]) -> None:
        """Replace the curves."""
        self._arms = tuple(arms)
        self._drawn_for = ()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw all lines when something changed; hand out one."""
        axis = self.get_component_rich_style("arms--axis")
        key = (self.size, axis)
        if key != self._drawn_for:
            self._strips, self._drawn_for = self._draw(axis), key
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width, self.rich_style)

    def _draw(self, axis: Style) -> list[Strip]:
        width, height = self.size.width, self.size.height
        known = [arm for arm in self._arms if np.isfinite(arm.mean).any()]
        if not known or width < 24 or height < 5:
            words = "no points yet" if width >= 24 else ""
            return [Strip([Segment(words.center(width), axis)]).adjust_cell_length(width)]
        top = max(0.02, 1.08 * max(float(np.nanmax(arm.high)) for arm in known))
        most = max(float(arm.xs[-1]) for arm in self._arms)
        rows, columns = height - 2, width - _GUTTER - 2
        codes = np.full((rows, columns), braille.BLANK, np.int64)
        owner = np.full((rows, columns), -1, np.int64)
        for number, arm in enumerate(self._arms):
            _draw_arm(arm, number, codes, owner, top=top, most=most)
        digits = 0 if top > 0.1 else 1
        labels = {
            _row(value, top, rows): f"{value:.{digits}%}"
            for value in braille.ticks(0, top, max(2, rows // 3))
        }
        lines = [self._legend(axis, width)]
        for row in range(rows):
            label = labels.get(row, "")
            segments = [Segment(label.rjust(_GUTTER - 1) + (" ┤" if label else " │"), axis)]
            segments += [
                Segment(" " if codes[row, column] == braille.BLANK else chr(codes[row, column]),
                        axis + _style(int(owner[row, column])))
                for column in range(columns)
            ]  # fmt: skip
            lines.append(Strip(segments).simplify().adjust_cell_length(width, axis))
        return [*lines, _x_axis(most, columns, width, axis)]

    def _legend(self, axis: Style, width: int) -> Strip:
        segments = [Segment(" " * (_GUTTER + 1), axis)]
        for number, arm in enumerate(self._arms):
            segments += [
                Segment(f"{letter(number)} ", axis + _style(number)),
                Segment(f"{arm.name}   ", axis),
            ]
        return Strip(segments).adjust_cell_length(width, axis)


def _draw_arm(
    arm: ArmResult,
    number: int,
    codes: braille.IntArray,
    owner: braille.IntArray,
    *,
    top: float,
    most: float,
) -> None:
    known = np.isfinite(arm.mean)
    if not known.any():
        return
    rows, columns = codes.shape
    wide, high = columns * braille.DOTS_ACROSS, rows * braille.DOTS_DOWN
    places = braille.columns_of(arm.xs[known], 0, most, wide)
    for values, draw in ((arm.low, braille.dots), (arm.high, braille.dots), (arm.mean, braille.line)):
        drawn = braille.cells(draw(places, values[known], low=0, high=top, width=wide, height=high))
        touched = drawn != braille.BLANK
        # dots of several arms in one cell stay; the colour is the last one's
        both = touched & (codes >= braille.BLANK)
        codes[touched & ~both] = drawn[touched & ~both]
        codes[both] |= drawn[both]
        owner[touched] = number
    column = min(columns - 1, int(places[-1]) // braille.DOTS_ACROSS + 1)
    row = _row(float(arm.mean[known][-1]), top, rows)
    codes[row, column], owner[row, column] = ord(letter(number)), number


def _row(value: float, top: float, rows: int) -> int:
    return int(braille.rows_of(np.array([value]), 0, top, rows * braille.DOTS_DOWN)[0]) // braille.DOTS_DOWN


def _style(number: int) -> Style:
    return Style(color=_COLOURS[number % len(_COLOURS)], bold=True) if number >= 0 else Style()


def _x_axis(most: float, columns: int, width: int, axis: Style) -> Strip:
    line = [" "] * width
    name = "k decisions"
    line[width - len(name) :] = list(name)
    for value in braille.ticks(0, most / 1000, max(1, columns // 12)):
        text = f"{value:,.10g}"
        start = _GUTTER + 1 + round(value * 1000 / most * (columns - 1)) - len(text) // 2
        if start + len(text) < width - len(name):
            line[start : start + len(text)] = list(text)
    return Strip([Segment("".join(line), axis)]).adjust_cell_length(width, axis)
