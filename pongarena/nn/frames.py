"""Frames as the learners' compiled sums take them: short lists of entries; see `network_kernels`."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from pongarena.core.arrays import FloatArray
from pongarena.envs.observation import SparseFrames

__all__ = ["Frames"]


@dataclass(frozen=True)
class Frames:
    """A number of frames. Frame i has the entries from begin[i] to middle[i], and for the critic to end[i].

    Attributes:
        columns: Shape (m,), int16: inputs.
        values: Shape (m,), float32: what is there.
        begin: Shape (n,), int64: where a frame's entries begin.
        middle: Shape (n,), int64: where the difference frame ends, and what is lit now begins.
        end: Shape (n,), int64: where that ends.
    """

    columns: NDArray[np.int16]
    values: FloatArray
    begin: NDArray[np.int64]
    middle: NDArray[np.int64]
    end: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.begin)

    @classmethod
    def of(cls, frames: SparseFrames, seen: SparseFrames | None = None) -> Self:
        """Frames of the emulator, pixel by pixel.

        Args:
            frames: Difference frames.
            seen: The same frames with what is lit now behind them; see `kernels.with_lit_pixels`.
        """
        longer = frames if seen is None else seen
        begin, end = longer.starts[:-1], longer.starts[1:]
        middle = begin + np.diff(frames.starts)
        return cls(longer.columns.astype(np.int16), longer.values, begin, middle, end)
