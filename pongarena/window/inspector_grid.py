"""Lay out the hidden units in a mind's panel as a grid of small triangles.

A unit that votes UP (W2 above zero) is a triangle that points up; one that votes DOWN points down. A unit
with weight zero is a square. Ordered by weight, UP-voters fill the grid from the top and DOWN-voters from the
bottom, the strongest first, with a gap between them. Ordered by index, units fill the grid row by row.
"""

import numpy as np
import pygame
from numpy.typing import NDArray

from pongarena.core.arrays import BoolArray, FloatArray

__all__ = ["UnitGrid"]

_GAP = 6
"""Pixels between UP-voters and DOWN-voters."""

_LARGEST_CELL = 14
"""The default limit, in pixels."""

_SMALLEST_SHAPE = 5
"""Smaller cells are squares, because a shape would not be visible."""


class UnitGrid:
    """The positions of all units.

    Attributes:
        area: The area that the grid takes, within the one it was given.
        cell: Side of a unit's cell in pixels.
        order: The units in the order of the grid, from the top left.
    """

    def __init__(
        self, weights: FloatArray, area: pygame.Rect, *, by_weight: bool, largest: int = _LARGEST_CELL
    ) -> None:
        """Lay out the units.

        Args:
            weights: Shape (hidden,): W2.
            area: The available area; the cells are as large as it allows.
            by_weight: Order by |W2|, UP and DOWN apart; otherwise by index.
            largest: Largest side of a cell in pixels.
        """
        self._weights = weights
        up, down = np.flatnonzero(weights > 0), np.flatnonzero(weights <= 0)
        self.cell = _cell_size(len(up), len(down), area, largest)
        self._columns = max(1, area.width // self.cell)
        left = area.left + (area.width - self._columns * self.cell) // 2
        self._corners = np.zeros((len(weights), 2), np.intp)
        if by_weight:
            self._place(up[np.argsort(-weights[up], kind="stable")], left, area.top, self.cell)
            down = down[np.argsort(weights[down], kind="stable")]
            rows = _rows(len(up), self._columns) + _rows(len(down), self._columns)
            height = min(area.height, rows * self.cell + _GAP)
            self._place(down, left, area.top + height - self.cell, -self.cell)
        else:
            height = _rows(len(weights), self._columns) * self.cell
            self._place(np.arange(len(weights)), left, area.top, self.cell)
        self.area = pygame.Rect(left, area.top, self._columns * self.cell, height)
        self.order: list[int] = np.lexsort((self._corners[:, 0], self._corners[:, 1])).tolist()
        self._unit_of = {(x, y): unit for unit, (x, y) in enumerate(self._corners.tolist())}
        self._rank = {unit: rank for rank, unit in enumerate(self.order)}

    def cell_of(self, unit: int) -> pygame.Rect:
        """The cell of a unit."""
        x, y = self._corners[unit].tolist()
        return pygame.Rect(x, y, self.cell, self.cell)

    def unit_at(self, place: tuple[int, int]) -> int | None:
        """The unit whose cell contains a point, if any."""
        if not self.area.collidepoint(place):
            return None
        x = self.area.left + (place[0] - self.area.left) // self.cell * self.cell
        from_top, from_bottom = place[1] - self.area.top, self.area.bottom - 1 - place[1]
        tops = (
            self.area.top + from_top // self.cell * self.cell,
            self.area.bottom - (from_bottom // self.cell + 1) * self.cell,
        )
        return next((self._unit_of[x, y] for y in tops if (x, y) in self._unit_of), None)

    def next_to(self, unit: int, across: int, down: int) -> int:
        """The unit one cursor step away: sideways through all units, else the nearest one of the next row."""
        if across:
            return self.order[(self._rank[unit] + across) % len(self.order)]
        x, y = self._corners[unit]
        beyond = (self._corners[:, 1] - y) * down > 0
        if not beyond.any():
            return unit
        # a row away counts for more than any distance within the row
        far = np.abs(self._corners[:, 1] - y) * 4096 + np.abs(self._corners[:, 0] - x)
        return int(np.where(beyond, far, np.iinfo(np.intp).max).argmin())

    def owners(self, muted: BoolArray) -> NDArray[np.intp]:
        """Map each pixel of the grid's area to its unit.

        Args:
            muted: Shape (hidden,): units to draw hollow.

        Returns:
            Shape (width, height): a unit's index; the number of units means background.
        """
        nobody = len(self._weights)
        owners = np.full(self.area.size, nobody, np.intp)
        shapes = [_shape(self.cell, sign) for sign in (0, 1, -1)]
        hollow = [_hollow(shape) for shape in shapes]
        signs = np.sign(self._weights).astype(int).tolist()
        corners = (self._corners - self.area.topleft).tolist()
        for unit, ((x, y), sign, silent) in enumerate(zip(corners, signs, muted.tolist(), strict=True)):
            shape = hollow[sign] if silent else shapes[sign]
            owners[x : x + self.cell, y : y + self.cell][shape] = unit
        return owners

    def _place(self, units: NDArray[np.intp], left: int, top: int, step: int) -> None:
        ranks = np.arange(len(units))
        self._corners[units, 0] = left + ranks % self._columns * self.cell
        self._corners[units, 1] = top + ranks // self._columns * step


def _rows(count: int, columns: int) -> int:
    return -(-count // columns)


def _cell_size(up: int, down: int, area: pygame.Rect, largest: int) -> int:
    """The largest cell size with which both blocks fit."""
    for cell in range(min(largest, area.width, area.height), 1, -1):
        columns = area.width // cell
        if (_rows(up, columns) + _rows(down, columns)) * cell + _GAP <= area.height:
            return cell
    return 1


def _shape(cell: int, sign: int) -> BoolArray:
    """Shape (cell, cell), column first: a triangle that points up or down, or a square."""
    filled: BoolArray = np.zeros((cell, cell), np.bool_)
    side = cell - 1 if cell > 2 else cell
    if cell < _SMALLEST_SHAPE or sign == 0:
        inset = 0 if cell < _SMALLEST_SHAPE else side // 4
        filled[inset : side - inset, inset : side - inset] = True
        return filled
    for y in range(side):
        half = (y + 1) / 2
        first, last = round(side / 2 - half), round(side / 2 + half)
        filled[first:last, y if sign > 0 else side - 1 - y] = True
    return filled


def _hollow(shape: BoolArray) -> BoolArray:
    """The outline of a shape; shapes that are too small for one become a single pixel."""
    padded = np.pad(shape, 1)
    inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:] & shape
    rim: BoolArray = shape & ~inner
    if len(shape) < _SMALLEST_SHAPE:
        rim = np.zeros_like(shape)
        rim[0, 0] = True
    return rim
