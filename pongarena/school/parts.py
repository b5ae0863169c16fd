"""The parts of an exhibit, independent of the terminal that draws them."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from pongarena.core.arrays import UInt8Array

__all__ = ["WIDTH", "Chart", "Image", "Line", "Parameters", "Part", "Words"]

WIDTH = 76
"""The most characters of a line."""


@dataclass(frozen=True)
class Words:
    """Preformatted lines; ✓ and ✗ mark what was checked."""

    text: str


@dataclass(frozen=True, eq=False)
class Image:
    """A picture with text beside it.

    Attributes:
        pixels: Shape (rows, columns, 3), an even number of rows, at most 40 columns.
        beside: Lines of at most 34 characters.
    """

    pixels: UInt8Array
    beside: str


@dataclass(frozen=True, eq=False)
class Line:
    """One curve of a chart.

    Attributes:
        name: The name in the legend.
        xs: The x values, growing.
        ys: The y values, as many.
        dots: Whether to draw single dots instead of a line.
        faint: Whether it is only for comparison.
    """

    name: str
    xs: NDArray[np.float64]
    ys: NDArray[np.float64]
    dots: bool = False
    faint: bool = False


@dataclass(frozen=True, eq=False)
class Chart:
    """A chart of curves.

    Attributes:
        lines: The curves; the last one is drawn on top.
        x_label: What the x axis counts.
        y_range: Lowest and highest value shown; None fits the curves.
    """

    lines: tuple[Line, ...]
    x_label: str
    y_range: tuple[float, float] | None = None


Part: TypeAlias = Words | Image | Chart
"""One piece of an exhibit."""


@dataclass(frozen=True)
class Parameters:
    """What the reader can change.

    Attributes:
        moment: The step of the recorded game, from 0.
        ball: By how many rows of the view the ball is moved, down if above 0.
        gamma: The discount.
        rate: The learning rate.
    """

    moment: int = 0
    ball: int = 0
    gamma: float = 0.99
    rate: float = 1e-3
