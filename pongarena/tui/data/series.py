"""A curve to draw: its points and its style."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

__all__ = ["FloatArray", "Series"]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Series:
    """One curve of a plot.

    Attributes:
        name: Its label in the legend.
        xs: Positions in ascending order, shape (n,).
        ys: Values, shape (n,); those that are not finite are not drawn.
        dots: Whether to draw single dots instead of a line.
        faint: Whether it is only a reference to compare with.
        low: Lower ends of a band around the curve, shape (n,); None for no band.
        high: Upper ends of the band.
        number: 1..6 for one of several compared curves, each with its own colour, dash pattern, and number
            along it; else 0.
    """

    name: str
    xs: FloatArray
    ys: FloatArray
    dots: bool = False
    faint: bool = False
    low: FloatArray | None = None
    high: FloatArray | None = None
    number: int = 0

    def within(self, left: float, right: float) -> "Series":
        """Return the part between two positions."""
        return self._only((self.xs >= left) & (self.xs <= right))

    def finite(self) -> "Series":
        """Return the part with finite numbers."""
        keep = np.isfinite(self.xs) & np.isfinite(self.ys)
        return self if keep.all() else self._only(keep)

    def at(self, x: float) -> tuple[float, float, float] | None:
        """Return the value nearest to ``x`` and the ends of its band (NaN for none); None without values."""
        if not len(self.xs):
            return None
        place = int(np.clip(np.searchsorted(self.xs, x), 0, len(self.xs) - 1))
        if place and x - self.xs[place - 1] < self.xs[place] - x:
            place -= 1
        if self.low is None or self.high is None:
            return float(self.ys[place]), np.nan, np.nan
        return float(self.ys[place]), float(self.low[place]), float(self.high[place])

    def _only(self, keep: NDArray[np.bool_]) -> "Series":
        low, high = (None if each is None else each[keep] for each in (self.low, self.high))
        return replace(self, xs=self.xs[keep], ys=self.ys[keep], low=low, high=high)
