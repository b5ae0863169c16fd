"""A curve to be drawn: its points, and what it is."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

__all__ = ["FloatArray", "Series"]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Series:
    """One curve of a plot.

    Attributes:
        name: What the legend calls it.
        xs: Positions, never decreasing.
        ys: Values, as many; those that are not finite are left out.
        dots: Single dots instead of a joined line.
        faint: Something to compare with, not the matter itself.
        low: Lower ends of a band around the curve, as many; None for no band.
        high: Its upper ends.
        number: 1..6 for one of several that are compared: each has its colour, its pattern of dashes, and its
            number written along it.
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
        """The part between two positions."""
        return self._only((self.xs >= left) & (self.xs <= right))

    def finite(self) -> "Series":
        """The part whose numbers can be drawn."""
        keep = np.isfinite(self.xs) & np.isfinite(self.ys)
        return self if keep.all() else self._only(keep)

    def at(self, x: float) -> tuple[float, float, float] | None:
        """The value nearest to ``x``, and its band, which is NaN without one; None without any value."""
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
