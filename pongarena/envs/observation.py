"""What a network sees: the screen cut to 80×80 pixels, and the difference of two such views.

This is the preprocessing of Andrej Karpathy's "Deep Reinforcement Learning: Pong from Pixels" (2016): take
the field, every second row and column, erase the background, set everything else to one, and hand the
network the current view minus the previous one. About 25 of the 6,400 pixels of a difference frame are not
zero, so frames are kept sparse all the way into the network.

Works on palette-index screens and on grayscale screens alike, with the same result, and never writes into
the caller's array. Pure numpy.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from pongarena.core.arrays import BoolArray, FloatArray, UInt8Array
from pongarena.game.rules import SCREEN_SHAPE

__all__ = [
    "PIXELS",
    "VIEW_SHAPE",
    "FrameDifferencer",
    "SparseFrames",
    "crop",
    "fade_of",
    "mirror",
    "observation_name",
]

VIEW_SHAPE = (80, 80)
"""Rows and columns of what a network sees."""

PIXELS = 6400
"""Pixels of a view."""

_FIELD = np.s_[..., 35:195:2, ::2]
"""The field between the walls, every second row and column."""

_SIGNS: FloatArray = np.array([-1, 1], np.float32)
"""What went and what appeared."""

_EMPTY_SPOT = np.s_[..., 22, 80]
"""A place between the digits and the upper wall that never shows anything but the background."""


def crop(screen: UInt8Array) -> BoolArray:
    """Cuts and erases: True where a paddle or the ball is.

    The background's colour is taken from the screen itself, because it is not always the same: the first
    one or two frames after a reset are red instead of brown (the fixed colours of the original, 144 and
    109, are both covered by this).

    Args:
        screen: Palette indices or grayscale values, shape (210, 160) or (n, 210, 160). Not changed.

    Returns:
        Shape (80, 80) or (n, 80, 80): a new, contiguous array.
    """
    _check_screen(screen)
    background: UInt8Array = screen[_EMPTY_SPOT]
    seen: BoolArray = screen[_FIELD] != background[..., None, None]
    return np.ascontiguousarray(seen)


def mirror(screen: UInt8Array) -> UInt8Array:
    """Swaps left and right, so that the left player sees himself on the right.

    To be applied to the full screen, before `crop`: only so the left paddle comes to lie exactly on the
    columns of the right one.

    Args:
        screen: Shape (..., width).

    Returns:
        A view of the same data, not a copy.
    """
    return screen[..., ::-1]


@dataclass(frozen=True)
class SparseFrames:
    """A number of difference frames, stored row by row as their non-zero pixels.

    Frame i has the pixels ``columns[starts[i]:starts[i + 1]]``.

    Attributes:
        starts: Shape (n + 1,), int64, growing from 0 to the number of non-zero pixels.
        columns: Shape (nnz,), int32: pixel numbers 0..6399, row by row, growing within a frame.
        values: Shape (nnz,), float32: +1 where something appeared, −1 where something went.
    """

    starts: NDArray[np.int64]
    columns: NDArray[np.int32]
    values: FloatArray

    def __len__(self) -> int:
        return len(self.starts) - 1

    def dense(self) -> FloatArray:
        """Writes the frames out in full.

        Returns:
            Shape (n, 6400), float32, of −1, 0 and +1.
        """
        frames = np.zeros((len(self), PIXELS), np.float32)
        rows = np.repeat(np.arange(len(self)), np.diff(self.starts))
        frames[rows, self.columns] = self.values
        return frames

    @classmethod
    def empty(cls, count: int) -> Self:
        """`count` frames in which nothing changed."""
        return cls(np.zeros(count + 1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32))

    @classmethod
    def from_dense(cls, frames: NDArray[Any]) -> Self:
        """Keeps what is not zero.

        Args:
            frames: Shape (n, 6400), any number type.
        """
        if frames.ndim != 2 or frames.shape[1] != PIXELS:
            raise ValueError(f"expected frames of shape (n, {PIXELS}), got {frames.shape}")
        rows, columns = np.nonzero(frames)
        starts = np.searchsorted(rows, np.arange(len(frames) + 1)).astype(np.int64)
        return cls(starts, columns.astype(np.int32), frames[rows, columns].astype(np.float32))

    @classmethod
    def from_views(cls, current: BoolArray, previous: BoolArray, fade: float = 1.0) -> Self:
        """Subtracts earlier views from later ones.

        Args:
            current: Shape (n, 80, 80).
            previous: The same shape; the views before these.
            fade: What the earlier views are multiplied with: 1 for difference frames.
        """
        if current.shape != previous.shape or current.shape[1:] != VIEW_SHAPE:
            raise ValueError(
                f"expected two arrays of shape (n, 80, 80), got {current.shape} and {previous.shape}"
            )
        if fade == 1:
            pixels = (current != previous).reshape(-1).nonzero()[0]
            values = _SIGNS.take(current.reshape(-1).view(np.uint8).take(pixels))
        else:
            pixels = (current | previous).reshape(-1).nonzero()[0]
            now, before = (views.reshape(-1).take(pixels) for views in (current, previous))
            values = now.astype(np.float32) - np.float32(fade) * before
        if len(current) == 1:
            return cls(np.array((0, len(pixels)), np.int64), pixels.astype(np.int32), values)
        starts = pixels.searchsorted(np.arange(0, PIXELS * len(current) + 1, PIXELS)).astype(np.int64)
        return cls(starts, (pixels % PIXELS).astype(np.int32), values)

    @classmethod
    def concatenate(cls, parts: Sequence["SparseFrames"]) -> Self:
        """Puts the frames of several collections behind each other."""
        if not parts:
            return cls.empty(0)
        counts = np.concatenate([np.diff(part.starts) for part in parts])
        starts = np.zeros(len(counts) + 1, np.int64)
        np.cumsum(counts, out=starts[1:])
        columns = np.concatenate([part.columns for part in parts])
        return cls(starts, columns, np.concatenate([part.values for part in parts]))


def observation_name(fade: float) -> str:
    """What a network sees, as its card says it; see `SparseFrames.from_views`."""
    return "difference-80x80" if fade == 1 else f"view-less-{fade:g}-of-the-last-80x80"


def fade_of(observation: str) -> float | None:
    """The inverse of `observation_name`; None for what this version does not know."""
    if observation == observation_name(1):
        return 1.0
    found = re.fullmatch(r"view-less-(0(?:\.\d{1,6})?)-of-the-last-80x80", observation)
    return float(found[1]) if found else None


class FrameDifferencer:
    """One game's observer: remembers the previous view to subtract it from the next one."""

    def __init__(self, fade: float = 1.0) -> None:
        """Has seen nothing yet.

        Args:
            fade: See `SparseFrames.from_views`.
        """
        self._fade = fade
        self._previous: BoolArray | None = None

    def look(self, screen: UInt8Array) -> SparseFrames:
        """Takes in a screen.

        Args:
            screen: Shape (210, 160), palette indices or grayscale values. Not kept, not changed.

        Returns:
            One difference frame; all zero for the first screen of a game, whose earlier view is taken to be
            the same.
        """
        current = crop(screen)[None]
        previous = current if self._previous is None else self._previous
        self._previous = current
        return SparseFrames.from_views(current, previous, self._fade)

    def reset(self) -> None:
        """Forgets the previous view: a new game begins."""
        self._previous = None


def _check_screen(screen: UInt8Array) -> None:
    if screen.shape[-2:] != SCREEN_SHAPE or screen.ndim not in (2, 3) or screen.dtype != np.uint8:
        raise ValueError(
            f"expected screens of shape (210, 160) or (n, 210, 160) and type uint8,"
            f" got shape {screen.shape} and type {screen.dtype}"
        )
