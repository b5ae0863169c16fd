"""Draw a chart of braille dots in the output of a command, for a terminal or a text file."""

from collections.abc import Sequence

from rich.style import Style
from rich.text import Text

from pongarena.tui.data.series import Series
from pongarena.tui.widgets import braille
from pongarena.tui.widgets.plot_cells import PlotCells, extent, number_of, row_of, sample

__all__ = ["draw_chart"]

_COLOURS = ("yellow", "cyan", "magenta", "green", "blue", "red")
"""The terminal's own colours, which are readable on its background."""


def draw_chart(
    series: Sequence[Series], y_range: tuple[float, float], x_label: str, *, width: int, height: int = 14
) -> Text:
    """Draw curves with a legend above and the x axis' label below.

    Args:
        series: Numbered curves, and dots for their spread.
        y_range: Values of the lowest and the highest line.
        x_label: What the x axis counts.
        width: Columns of the whole chart.
        height: Lines of the curves alone.
    """
    shown = [one for one in map(Series.finite, series) if len(one.xs)]
    if not shown:
        return Text("nothing to draw yet")
    left, right = extent(shown)
    ticks = braille.ticks(*y_range, height // 2)
    labels = {row_of(value, *y_range, height): number_of(value) for value in ticks}
    gutter = max(map(len, labels.values()), default=1)
    cells = PlotCells(width - gutter - 2, height, Style())
    for one in shown:
        cells.draw(one, (left, right), y_range, _ink(one), Style())
    text = _legend(shown)
    for row in range(height):
        text.append(f"{labels.get(row, ''):>{gutter}} │")
        for code, owner in zip(cells.codes[row], cells.owner[row], strict=True):
            text.append(" " if code == braille.BLANK else chr(code), cells.styles[owner])
        text.append("\n")
    first, last = (number_of(float(f"{end:.3g}")) for end in (left, right))
    ends = f"{first} … {last} {x_label}"
    return text.append(ends.rjust(width))


def _legend(shown: Sequence[Series]) -> Text:
    words = Text()
    for one in shown:
        if one.name:
            words.append(f"{sample(one)} ", _ink(one)).append(f"{one.name}\n")
    return words


def _ink(one: Series) -> Style:
    return Style(color=_COLOURS[(one.number - 1) % len(_COLOURS)])
