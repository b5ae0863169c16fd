"""Results of comparing the compiled game with the emulator, and its views as arrays."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from pongarena.core.arrays import BoolArray
from pongarena.envs.observation import VIEW_SHAPE

__all__ = ["Comparison", "Progress", "tell_picture", "views_of"]

Progress: TypeAlias = Callable[[int], None]
"""Called with the number of frames compared so far."""

_ABOVE, _PADDLE_ROWS = 32, 8
"""In the codes of `compiled.see`: rows above the view, and rows of a paddle."""


@dataclass(frozen=True)
class Comparison:
    """The extent and the result of a comparison.

    Attributes:
        frames: Frames compared.
        games: Games played to 21 points, or cut off.
        points: Points scored.
        hits: Hits by a paddle; not counted when comparing whole decisions.
        differing: Number of frames, or decisions, that differ.
        first: The first difference, in words; empty if there is none.
        decisions: Number of decisions compared; 0 when comparing single frames.
    """

    frames: int = 0
    games: int = 0
    points: int = 0
    hits: int = 0
    differing: int = 0
    first: str = ""
    decisions: int = 0

    def __add__(self, other: "Comparison") -> "Comparison":
        return Comparison(
            self.frames + other.frames,
            self.games + other.games,
            self.points + other.points,
            self.hits + other.hits,
            self.differing + other.differing,
            self.first or other.first,
            self.decisions + other.decisions,
        )


def views_of(codes: NDArray[np.int32]) -> BoolArray:
    """Expand codes of `compiled.see`, shape (n,), to views, shape (n, 80, 80), as from `observation.crop`."""
    views = np.zeros((len(codes), *VIEW_SHAPE), np.bool_)
    rows = np.arange(VIEW_SHAPE[0])
    for shift, column in ((0, 8), (7, 70)):
        top = ((codes >> shift) & 127)[:, None] - _ABOVE
        views[:, :, column : column + 2] = ((rows >= top) & (rows < top + _PADDLE_ROWS))[:, :, None]
    pixels, mask = (codes >> 14) & 8191, codes >> 27
    flat = views.reshape(len(codes), -1)
    for bit in range(3):
        lit = ((mask >> bit) & 1).nonzero()[0]
        flat[lit, pixels[lit] + VIEW_SHAPE[1] * bit] = True
    return views


def tell_picture(emulator: BoolArray, compiled: BoolArray) -> str:
    """Describe where two views, shape (80, 80), differ."""
    rows, columns = (emulator != compiled).nonzero()
    where = "the emulator" if emulator[rows[0], columns[0]] else "the compiled game"
    pixels = "1 pixel differs" if len(rows) == 1 else f"{len(rows)} pixels differ"
    return f"{pixels}, the first in row {rows[0]}, column {columns[0]}, lit in {where} only"
