"""Show exhibits of the school: texts, pictures in half blocks with captions, and charts."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from pongarena.core.arrays import UInt8Array
from pongarena.school.parts import Chart, Image, Part, Words
from pongarena.tui.data.series import Series
from pongarena.tui.widgets.palette import HALF_BLOCK
from pongarena.tui.widgets.plot import LinePlot

__all__ = ["ColourPicture", "ExhibitView"]


class ColourPicture(Widget):
    """A small colour picture, two pixels a cell."""

    DEFAULT_CSS = "ColourPicture { width: auto; height: auto; }"

    def __init__(self, pixels: UInt8Array) -> None:
        """Make a picture from pixels (rows, columns, 3), RGB."""
        super().__init__()
        self._pixels = pixels

    def show(self, pixels: UInt8Array) -> None:
        if pixels.shape == self._pixels.shape and np.array_equal(pixels, self._pixels):
            return
        is_resized = pixels.shape != self._pixels.shape
        self._pixels = pixels
        self.refresh(layout=is_resized)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return int(self._pixels.shape[1])

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return (len(self._pixels) + 1) // 2

    def render_line(self, y: int) -> Strip:
        if 2 * y >= len(self._pixels):
            return Strip.blank(self.size.width, self.rich_style)
        upper = self._pixels[2 * y]
        lower = self._pixels[min(2 * y + 1, len(self._pixels) - 1)]
        pairs = np.concatenate((upper, lower), axis=1)
        cuts = np.flatnonzero((pairs[1:] != pairs[:-1]).any(axis=1)) + 1
        edges = [0, *cuts.tolist(), len(pairs)]
        segments = [
            Segment(HALF_BLOCK * (end - start), _style(*map(int, pairs[start])))
            for start, end in pairwise(edges)
        ]
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)


@lru_cache(maxsize=4096)
def _style(red: int, green: int, blue: int, red2: int, green2: int, blue2: int) -> Style:  # noqa: PLR0917
    return Style(color=Color.from_rgb(red, green, blue), bgcolor=Color.from_rgb(red2, green2, blue2))


class _ImageRow(Horizontal):
    """A picture and its caption."""

    def __init__(self, image: Image) -> None:
        super().__init__(classes="image-row")
        self._image = image

    def compose(self) -> ComposeResult:
        yield ColourPicture(self._image.pixels)
        yield Static(self._image.beside, markup=False, classes="beside")

    def show(self, image: Image) -> None:
        self.query_one(ColourPicture).show(image.pixels)
        self.query_one(Static).update(image.beside)


class ExhibitView(Vertical):
    """One exhibit: a title, then its parts; a note while it is being computed."""

    DEFAULT_CSS = """
    ExhibitView {
        height: auto; width: 1fr; max-width: 82; margin: 0 0 1 0; padding: 0 0 0 1;
        border-left: outer $right 60%; background: $surface;
        & > .title { color: $left; text-style: bold; }
        & > Static { width: 1fr; }
        & > .image-row { height: auto; margin: 1 0 0 0; }
        & > .image-row > .beside { width: 1fr; padding: 0 0 0 2; color: $foreground; }
        & > LinePlot { height: 11; }
    }
    """

    def __init__(self, exhibit: str, title: str) -> None:
        """Make an empty exhibit.

        Args:
            exhibit: The name of the exhibit.
            title: The title above it.
        """
        super().__init__()
        self.exhibit = exhibit
        self._title = title
        self._shown: tuple[Part, ...] = ()

    def compose(self) -> ComposeResult:
        yield Static(f"▸ {self._title}", markup=False, classes="title")
        yield Static("computing …", markup=False, classes="waiting")

    def fail(self, reason: str) -> None:
        """Show why the exhibit could not be computed."""
        self.show([Words(f"✗ {reason}")])

    def show(self, parts: Sequence[Part]) -> None:
        """Show the parts; reuse the present widgets when the parts are of the same kinds."""
        new = tuple(parts)
        self.query_one(".waiting").display = False
        widgets = [
            child for child in self.children if not (child.has_class("title") or child.has_class("waiting"))
        ]
        if [type(part) for part in new] == [type(part) for part in self._shown]:
            for widget, part in zip(widgets, new, strict=True):
                _update(widget, part)
        else:
            for widget in widgets:
                widget.remove()
            self.mount_all([_widget(part) for part in new])
        self._shown = new


def _widget(part: Part) -> Widget:
    if isinstance(part, Words):
        return Static(_marked(part.text))
    if isinstance(part, Image):
        return _ImageRow(part)
    plot = LinePlot(x_label=part.x_label)
    _update(plot, part)
    return plot


def _update(widget: Widget, part: Part) -> None:
    if isinstance(part, Words) and isinstance(widget, Static):
        widget.update(_marked(part.text))
    elif isinstance(part, Image) and isinstance(widget, _ImageRow):
        widget.show(part)
    elif isinstance(part, Chart) and isinstance(widget, LinePlot):
        series = [
            Series(line.name, line.xs, line.ys, dots=line.dots, faint=line.faint) for line in part.lines
        ]
        widget.show(series, y_range=part.y_range)


def _marked(text: str) -> Content:
    """Colour the marks ✓ and ✗ in a text."""
    content = Content(text)
    for place, sign in enumerate(text):
        if sign in "✓✗":
            content = content.stylize("bold $success" if sign == "✓" else "bold $error", place, place + 1)
    return content
