"""Frames for the compiled learners, as short lists of entries; see `network_kernels`."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from pongarena.core.arrays import FloatArray
from pongarena.envs.observation import SparseFrames

__all__ = ["Frames"]


@dataclass(frozen=True)
class Frames:
    """A batch of n frames. Frame i has the entries begin[i]..middle[i]; for the critic, begin[i]..end[i].

    Attributes:
        columns: Shape (m,), int16: each entry's input.
        values: Shape (m,), float32: each entry's value.
        begin: Shape (n,), int64: start of each frame's entries.
        middle: Shape (n,), int64: end of the difference frame and start of the lit pixels.
        end: Shape (n,), int64: end of the lit pixels.
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
        """Convert frames of the emulator, pixel by pixel.

        Args:
            frames: Difference frames.
            seen: The same frames followed by the lit pixels; see `adam_kernels.with_lit_pixels`.
        """
        longer = frames if seen is None else seen
        begin, end = longer.starts[:-1], longer.starts[1:]
        middle = begin + np.diff(frames.starts)
        return cls(longer.columns.astype(np.int16), longer.values, begin, middle, end)
