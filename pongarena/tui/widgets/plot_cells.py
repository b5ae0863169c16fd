"""The cells of a plot of braille dots, for the app and the command line, without Textual."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from rich.style import Style

from pongarena.tui.data.series import Series
from pongarena.tui.widgets import braille
from pongarena.tui.widgets.braille import IntArray


class PlotCells:
    """The cells of a plot: the character and the style of each."""

    def __init__(self, columns: int, rows: int, zero: Style) -> None:
        self.codes = np.full((rows, columns), braille.BLANK, dtype=np.int64)
        self.owner = np.zeros((rows, columns), dtype=np.int64)
        self.styles = [zero]
        self._rows, self._columns = rows, columns

    def draw(
        self, one: Series, x_range: tuple[float, float], y_range: tuple[float, float], ink: Style, band: Style
    ) -> None:
        """Draw a curve on its band, over whatever was there before."""
        if not len(one.xs):
            return
        (low, high), width, height = y_range, *self._dots
        at = braille.columns_of(one.xs, *x_range, width)
        if one.low is not None and one.high is not None:
            ends = (one.low, one.high)
            fill = braille.band(at, *ends, bottom=low, top=high, width=width, height=height)
            self._put(fill, band)
        if one.dots:
            mask = braille.dots(at, one.ys, low=low, high=high, width=width, height=height)
        else:
            mask = braille.line(at, one.ys, low=low, high=high, width=width, height=height)
            mask &= braille.dashes(one.number, width)
        self._put(mask, ink)
        if one.number and not one.dots:
            self._write_along(one, at, y_range, ink)

    @property
    def _dots(self) -> tuple[int, int]:
        return self._columns * braille.DOTS_ACROSS, self._rows * braille.DOTS_DOWN

    def _put(self, mask: braille.Mask, style: Style) -> None:
        drawn = braille.cells(mask)
        touched = drawn != braille.BLANK
        self.styles.append(style)
        self.codes[touched], self.owner[touched] = drawn[touched], len(self.styles) - 1

    def _write_along(self, one: Series, at: IntArray, y_range: tuple[float, float], ink: Style) -> None:
        """Write the number of a curve at its end, and along it where other curves have none."""
        self.styles.append(ink + Style(bold=True))
        step = max(12, self._columns // 4)
        last = int(at[-1]) // braille.DOTS_ACROSS
        for column in (*range(4 * one.number % step, last - 2, step), last):
            place = min(int(np.searchsorted(at, column * braille.DOTS_ACROSS)), len(at) - 1)
            if abs(at[place] // braille.DOTS_ACROSS - column) <= 1:
                row = row_of(float(one.ys[place]), *y_range, self._rows)
                self.codes[row, column] = ord(str(one.number))
                self.owner[row, column] = len(self.styles) - 1

    def mark_column(self, column: int, style: Style) -> None:
        """Draw a vertical line behind whatever is there."""
        count = len(self.styles)
        self.styles += [each + style for each in self.styles]
        empty = self.codes[:, column] == braille.BLANK
        self.codes[empty, column] = ord("┊")
        self.owner[:, column] += count


def extent(series: Sequence[Series]) -> tuple[float, float]:
    """Return the first and the last position of some curves, none of them empty."""
    return min(float(one.xs[0]) for one in series), max(float(one.xs[-1]) for one in series)


def sample(one: Series) -> str:
    """Return a curve's number and dash pattern in a few characters, for legends."""
    if one.number:
        mask = np.zeros((braille.DOTS_DOWN, 10), dtype=np.bool_)
        mask[1] = braille.dashes(one.number, 10)
        return f"{one.number} {''.join(map(chr, braille.cells(mask)[0]))}"
    return "⠂⠄⠂" if one.dots else "──" if one.faint else "━━"


def limits(series: Sequence[Series]) -> tuple[float, float]:
    """Return the values of the lowest and the highest line that fit some curves."""
    values = [each for one in series for each in (one.ys, one.low, one.high) if each is not None]
    low, high = float(min(np.nanmin(ys) for ys in values)), float(max(np.nanmax(ys) for ys in values))
    margin = 0.04 * (high - low) or 0.5
    return low - margin, high + margin


def row_of(value: float, low: float, high: float, rows: int) -> int:
    """Return the line of a value, from the top."""
    dot = braille.rows_of(np.array([value]), low, high, rows * braille.DOTS_DOWN)[0]
    return int(dot) // braille.DOTS_DOWN


@lru_cache(maxsize=256)
def number_of(value: float) -> str:
    """Format a number on an axis."""
    return f"{value:,.10g}".replace("-", "−")
