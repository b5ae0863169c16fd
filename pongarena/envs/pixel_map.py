"""Other ways of looking at the game, for experiments: pixels shuffled, or cut away.

A network that learned through a pixel map is lost without it, so such networks stay where they were trained.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from pongarena.core.arrays import BoolArray
from pongarena.envs.observation import PIXELS, VIEW_SHAPE, SparseFrames
from pongarena.envs.vector import VectorPong, VectorStep

__all__ = ["PixelMap", "PongThroughPixelMap"]


@dataclass(frozen=True, eq=False)
class PixelMap:
    """Moves every pixel to another place, or nowhere.

    Attributes:
        places: Shape (6400,), int32: where each pixel of a view goes; −1 for nowhere. No two go to one place.
    """

    places: NDArray[np.int32]

    def __post_init__(self) -> None:
        kept = self.places[self.places >= 0]
        if self.places.shape != (PIXELS,) or len(np.unique(kept)) != len(kept) or (kept >= PIXELS).any():
            raise ValueError(f"expected {PIXELS} different places from 0 to {PIXELS - 1}, or −1")

    @classmethod
    def permuting(cls, rng: np.random.Generator) -> Self:
        """All pixels shuffled, always in the same way: nothing is lost but who is whose neighbour."""
        return cls(rng.permutation(PIXELS).astype(np.int32))

    @classmethod
    def cropping(cls, left: int, right: int) -> Self:
        """Only the columns from `left` up to, not including, `right`; what lies outside is never seen."""
        places = np.full(VIEW_SHAPE, -1, np.int32)
        places[:, left:right] = np.arange(PIXELS, dtype=np.int32).reshape(VIEW_SHAPE)[:, left:right]
        return cls(places.ravel())

    def frames(self, frames: SparseFrames) -> SparseFrames:
        """Difference frames as seen through them."""
        columns = self.places[frames.columns]
        row_of = np.repeat(np.arange(len(frames)), np.diff(frames.starts))
        seen = np.flatnonzero(columns >= 0)
        # within a frame the pixels' numbers grow
        order = seen[np.lexsort((columns[seen], row_of[seen]))]
        starts = np.searchsorted(row_of[order], np.arange(len(frames) + 1)).astype(np.int64)
        return SparseFrames(starts, columns[order], frames.values[order])

    def views(self, views: BoolArray) -> BoolArray:
        """Views as seen through them: shape (n, 80, 80), contiguous."""
        kept = self.places >= 0
        seen = np.zeros((len(views), PIXELS), np.bool_)
        seen[:, self.places[kept]] = views.reshape(len(views), PIXELS)[:, kept]
        return seen.reshape(-1, *VIEW_SHAPE)


class PongThroughPixelMap(VectorPong):
    """Many games, looked at through a pixel map."""

    def __init__(self, games: int, pixel_map: PixelMap, **settings: Any) -> None:  # noqa: ANN401
        """As `VectorPong`, with the map to look through."""
        super().__init__(games, **settings)
        self._pixel_map = pixel_map

    def receive(self) -> VectorStep:
        """As `VectorPong.receive`."""
        step = super().receive()
        return VectorStep(self._pixel_map.frames(step.frames), step.rewards, step.over, step.truncated)

    def reset(
        self, seeds: Sequence[int] | None, games: Sequence[int] | NDArray[Any] | None = None
    ) -> SparseFrames:
        """As `VectorPong.reset`."""
        return self._pixel_map.frames(super().reset(seeds, games))

    @property
    def views(self) -> BoolArray:
        """As `VectorPong.views`."""
        return self._pixel_map.views(super().views)
