"""A widget that is painted cell by cell and sends only changed cells to the terminal.

Painters write into arrays of characters and inks; ``publish`` compares them with the screen, and refreshes
only the parts of lines that differ. An animation then costs only the cells that move, not the whole widget.
"""

import itertools

import numpy as np
from numpy.typing import NDArray
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.color import Color as TextualColor
from textual.events import Resize
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

__all__ = ["Canvas", "Colour", "blend", "parse_colour"]

Colour = tuple[int, int, int]
"""Red, green, blue, 0..255."""

_GAP = 6
"""Up to so many unchanged cells of one ink are sent again, which is cheaper than moving the cursor."""


def parse_colour(name: str) -> Colour:
    """Parse a colour: ``#d5824a``, or any other form that Textual knows."""
    return TextualColor.parse(name).rgb


def blend(start: Colour, end: Colour, share: float) -> Colour:
    """Mix two colours: a share of 0 gives the start, 1 the end."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(start, end, strict=True))
    return red, green, blue


class Canvas(Widget):
    """Cells of one character and one ink each; subclasses paint in ``paint``."""

    DEFAULT_CSS = "Canvas { width: 1fr; height: 1fr; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._inks: dict[tuple[Colour | None, Colour | None, bool], int] = {}
        self._ink_styles: list[Style] = []
        self._resize_to(0, 0)

    @property
    def columns(self) -> int:
        """The width in cells."""
        return int(self._chars.shape[1])

    @property
    def lines(self) -> int:
        """The height in lines."""
        return int(self._chars.shape[0])

    def paint(self) -> None:
        """Paint the present picture on a blank canvas."""
        raise NotImplementedError

    def ink(self, front: Colour | None, back: Colour | None = None, *, bold: bool = False) -> int:
        """Return the number of an ink; blanks need no ``front``; ``back`` defaults to the widget's own."""
        key = (front, back, bold)
        if key not in self._inks:
            self._inks[key] = len(self._ink_styles)
            style = Style(
                color=None if front is None else Color.from_rgb(*front),
                bgcolor=self.rich_style.bgcolor if back is None else Color.from_rgb(*back),
                bold=bold or None,
            )
            self._ink_styles.append(style)
        return self._inks[key]

    def write(self, x: int, y: int, text: str, ink: int) -> None:
        """Write in one line; what does not fit is cut off."""
        if not 0 <= y < self.lines or x >= self.columns:
            return
        text = text[max(0, -x) : self.columns - x]
        x = max(0, x)
        self._chars[y, x : x + len(text)] = list(text)
        self._ink_of[y, x : x + len(text)] = ink

    def scatter(self, xs: NDArray[np.intp], ys: NDArray[np.intp], chars: list[str], inks: list[int]) -> None:
        """Write many single cells at once; what lies outside is left out."""
        inside = (xs < self.columns) & (ys < self.lines)
        self._chars[ys[inside], xs[inside]] = np.array(chars, "<U1")[inside]
        self._ink_of[ys[inside], xs[inside]] = np.array(inks, np.int16)[inside]

    def fill(self, area: Region, char: str, ink: int) -> None:
        """Fill a part of the canvas; what lies outside is cut off."""
        part = np.s_[max(0, area.y) : max(0, area.bottom), max(0, area.x) : max(0, area.right)]
        self._chars[part] = char
        self._ink_of[part] = ink

    def publish(self) -> int:
        """Paint, and refresh the cells that differ from those on the screen.

        Returns:
            The number of these cells.
        """
        if not self._chars.size:
            return 0
        chars, inks = self._chars.copy(), self._ink_of.copy()
        self._chars[:] = " "
        self._ink_of[:] = self.ink(None)
        self.paint()
        changed = (chars != self._chars) | (inks != self._ink_of)
        regions = [
            Region(first, y, last - first, 1)
            for y in np.flatnonzero(changed.any(axis=1)).tolist()
            for first, last in _runs(np.flatnonzero(changed[y]), self._ink_of[y])
        ]
        if regions:
            self.refresh(*regions)
        return sum(region.width for region in regions)

    def repaint(self) -> None:
        """Paint, and refresh everything."""
        self.publish()
        self.refresh()

    def on_resize(self, event: Resize) -> None:
        self._resize_to(self.size.height, self.size.width)
        self.repaint()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._inks.clear()
        self._ink_styles.clear()
        if self.is_mounted:
            self.repaint()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y >= self.lines or self.columns != width:
            return Strip.blank(width, self.rich_style)
        inks, text = self._ink_of[y], "".join(self._chars[y].tolist())
        cuts = [0, *(np.flatnonzero(inks[1:] != inks[:-1]) + 1).tolist(), len(inks)]
        ink_of = inks.tolist()
        return Strip(
            [
                Segment(text[start:end], self._ink_styles[ink_of[start]])
                for start, end in itertools.pairwise(cuts)
            ],
            width,
        )

    def _resize_to(self, lines: int, columns: int) -> None:
        self._chars = np.full((lines, columns), " ", "<U1")
        self._ink_of = np.zeros((lines, columns), np.int16)


def _runs(places: NDArray[np.intp], inks: NDArray[np.int16]) -> list[tuple[int, int]]:
    """Return the start and end of each run of places that are adjacent, or close together in one ink."""
    pieces = np.cumsum(np.diff(inks, prepend=inks[:1]) != 0)
    gaps = np.diff(places)
    apart = (gaps > 1) & ((gaps > _GAP) | (np.diff(pieces[places]) != 0))
    parts = np.split(places, np.flatnonzero(apart) + 1)
    return [(int(part[0]), int(part[-1]) + 1) for part in parts]
