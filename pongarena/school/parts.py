"""What an exhibit is made of, for whoever draws it; nothing here knows of a terminal."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from pongarena.core.arrays import UInt8Array

__all__ = ["WIDTH", "Chart", "Image", "Line", "Parameters", "Part", "Words"]

WIDTH = 76
"""Characters of a line at the most."""


@dataclass(frozen=True)
class Words:
    """Lines that stand as they are; ✓ and ✗ mark what was checked."""

    text: str


@dataclass(frozen=True, eq=False)
class Image:
    """A picture, and words beside it.

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
        name: For the legend.
        xs: Growing.
        ys: As many.
        dots: Single dots instead of a line.
        faint: Something to compare with.
    """

    name: str
    xs: NDArray[np.float64]
    ys: NDArray[np.float64]
    dots: bool = False
    faint: bool = False


@dataclass(frozen=True, eq=False)
class Chart:
    """Curves.

    Attributes:
        lines: The last one is drawn on top.
        x_label: What the x axis counts.
        y_range: Lowest and highest value shown; what fits if None.
    """

    lines: tuple[Line, ...]
    x_label: str
    y_range: tuple[float, float] | None = None


Part: TypeAlias = Words | Image | Chart
"""One piece of an exhibit."""


@dataclass(frozen=True)
class Parameters:
    """What the reader can turn.

    Attributes:
        moment: Which decision of the recorded game, from 0.
        ball: By how many rows of the view the ball is moved, down if above 0.
        gamma: The discount.
        rate: The learning rate.
    """

    moment: int = 0
    ball: int = 0
    gamma: float = 0.99
    rate: float = 1e-3
