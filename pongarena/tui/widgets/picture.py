"""A picture of numbers in half blocks: each cell shows two pixels, one above the other."""

import itertools

import numpy as np
from numpy.typing import NDArray
from rich.segment import Segment
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from pongarena.tui.widgets import palette

HALF_BLOCK = "▀"


def pool(values: NDArray[np.float32], factor: int) -> NDArray[np.float32]:
    """Shrink a picture to the means of its ``factor`` × ``factor`` blocks; its sides must be multiples."""
    height, width = values.shape
    blocks = values.reshape(height // factor, factor, width // factor, factor)
    pooled: NDArray[np.float32] = blocks.mean(axis=(1, 3), dtype=np.float32)
    return pooled


def strip_of(upper: NDArray[np.uint8], lower: NDArray[np.uint8]) -> list[Segment]:
    """Two rows of shades as segments of half blocks, one segment for each run of equal cells."""
    pairs = upper.astype(np.int64) * palette.LEVELS + lower
    cuts = [0, *(np.flatnonzero(np.diff(pairs)) + 1).tolist(), len(pairs)]
    return [
        Segment(HALF_BLOCK * (end - start), palette.style(int(upper[start]), int(lower[start])))
        for start, end in itertools.pairwise(cuts)
    ]


class Picture(Widget):
    """An array of numbers as a picture: dark orange below zero, gray at zero, bright green above."""

    DEFAULT_CSS = "Picture { width: auto; height: auto; }"

    def __init__(
        self,
        values: NDArray[np.float32] | None = None,
        limit: float | None = None,
        *,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """Make a picture; see ``show``."""
        super().__init__(id=id, classes=classes)
        self._levels = np.zeros((0, 0), dtype=np.uint8)
        if values is not None:
            self.show(values, limit)

    def show(self, values: NDArray[np.float32], limit: float | None = None) -> None:
        """Replace the picture; only the lines that changed are sent again.

        Args:
            values: Shape (2·rows, columns), any float type.
            limit: The size of the strongest shade; by default that of the largest number.
        """
        bound = float(np.abs(values).max(initial=0.0)) if limit is None else limit
        levels = palette.quantise(values, bound)
        if levels.shape != self._levels.shape:
            self._levels = levels
            self.refresh(layout=True)
            return
        changed = np.flatnonzero((levels != self._levels).any(axis=1))
        self._levels = levels
        for row in sorted({int(line) // 2 for line in changed}):
            self.refresh(Region(0, row, self.size.width, 1))

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return int(self._levels.shape[1])

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return int(self._levels.shape[0]) // 2

    def render_line(self, y: int) -> Strip:
        if 2 * y + 1 >= len(self._levels):
            return Strip.blank(self.size.width, self.rich_style)
        segments = strip_of(self._levels[2 * y], self._levels[2 * y + 1])
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)
