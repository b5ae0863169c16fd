"""What a network sees: the screen reduced to 80×80 pixels, and how two such views are combined.

This is the preprocessing of Andrej Karpathy's "Deep Reinforcement Learning: Pong from Pixels" (2016): take
the field, every second row and column, erase the background, set everything else to one, and give the
network the current view minus the previous one. About 25 of the 6,400 pixels of a difference frame are not
zero, so frames are kept sparse all the way into the network.

An `Observation` defines a variant: the full difference, a weaker subtraction, a tighter crop, or shuffled
pixels. Every network's card names its observation.

It accepts palette-index and grayscale screens, with the same result, and never writes into the caller's
array. Pure numpy.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from pongarena.core.arrays import BoolArray, FloatArray, UInt8Array
from pongarena.game.rules import SCREEN_SHAPE

__all__ = [
    "CROPS",
    "MOST_SHUFFLES",
    "PIXELS",
    "VIEW_SHAPE",
    "FrameDifferencer",
    "Observation",
    "SparseFrames",
    "crop",
    "mirror",
]

VIEW_SHAPE = (80, 80)
"""Rows and columns of a view."""

PIXELS = 6400
"""Pixels per view."""

CROPS = ((0, 80, 0, 80), (0, 75, 0, 80), (0, 80, 8, 72))
"""Possible crops of a view: first and last rows and columns, ends excluded.

The full view; 75×80, as in forks of the post's program that cut 35:185 instead of 35:195; and 80×64, which
ends at the paddles, so a ball that has passed a paddle is invisible.
"""

MOST_SHUFFLES = 1_000_000
"""Number of possible values of `shuffle`."""

_FIELD = np.s_[..., 35:195:2, ::2]
"""The field between the walls, every second row and column."""

_SIGNS: FloatArray = np.array([-1, 1], np.float32)
"""Values of pixels that vanished and that appeared."""

_EMPTY_SPOT = np.s_[..., 22, 80]
"""A pixel between the digits and the upper wall that always shows the background."""


def crop(screen: UInt8Array) -> BoolArray:
    """Reduce a screen to a view: True where a paddle or the ball is.

    The background's colour is taken from the screen itself, because the first one or two frames after a
    reset are red instead of brown. (This covers both fixed colours of the original, 144 and 109.)

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
    """Swap left and right, so that the left player appears on the right.

    Apply it to the full screen, before `crop`: only then does the left paddle land exactly on the columns
    of the right one.

    Args:
        screen: Shape (..., width).

    Returns:
        A view of the same data, not a copy.
    """
    return screen[..., ::-1]


@dataclass(frozen=True)
class SparseFrames:
    """A batch of difference frames, stored as their non-zero pixels (compressed sparse rows).

    Frame i has the pixels ``columns[starts[i]:starts[i + 1]]``.

    Attributes:
        starts: Shape (n + 1,), int64, increasing from 0 to the number of non-zero pixels.
        columns: Shape (nnz,), int32: the network's inputs 0..6399, increasing within a frame.
        values: Shape (nnz,), float32: +1 where something appeared, −1 where something vanished.
        inputs: Number of the network's inputs.
    """

    starts: NDArray[np.int64]
    columns: NDArray[np.int32]
    values: FloatArray
    inputs: int = PIXELS

    def __len__(self) -> int:
        return len(self.starts) - 1

    def dense(self) -> FloatArray:
        """Expand the frames.

        Returns:
            Shape (n, inputs), float32, of −1, 0 and +1.
        """
        frames = np.zeros((len(self), self.inputs), np.float32)
        rows = np.repeat(np.arange(len(self)), np.diff(self.starts))
        frames[rows, self.columns] = self.values
        return frames

    @classmethod
    def empty(cls, count: int) -> Self:
        """Return `count` frames without changes."""
        return cls(np.zeros(count + 1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32))

    @classmethod
    def from_dense(cls, frames: NDArray[Any]) -> Self:
        """Convert dense frames, shape (n, inputs), of any number type."""
        if frames.ndim != 2 or frames.shape[1] > PIXELS:
            raise ValueError(f"expected frames of shape (n, {PIXELS} at most), got {frames.shape}")
        rows, columns = np.nonzero(frames)
        starts = np.searchsorted(rows, np.arange(len(frames) + 1)).astype(np.int64)
        values = frames[rows, columns].astype(np.float32)
        return cls(starts, columns.astype(np.int32), values, frames.shape[1])

    @classmethod
    def from_views(cls, current: BoolArray, previous: BoolArray, fade: float = 1.0) -> Self:
        """Subtract earlier views from later ones.

        Args:
            current: Shape (n, 80, 80).
            previous: The same shape: the views before these.
            fade: Factor of the earlier views: 1 for difference frames.
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
        """Concatenate several batches of frames."""
        if not parts:
            return cls.empty(0)
        counts = np.concatenate([np.diff(part.starts) for part in parts])
        starts = np.zeros(len(counts) + 1, np.int64)
        np.cumsum(counts, out=starts[1:])
        columns = np.concatenate([part.columns for part in parts])
        values = np.concatenate([part.values for part in parts])
        return cls(starts, columns, values, parts[0].inputs)


@dataclass(frozen=True)
class Observation:
    """How two consecutive views become a network's input.

    Attributes:
        fade: Factor of the earlier view before it is subtracted, 0..1; see `SparseFrames.from_views`.
        crop: Which part of the views: an index in `CROPS`.
        shuffle: 0 for pixels in their places; otherwise the seed of a fixed permutation.

    Raises:
        ValueError: When a value is out of range.
    """

    fade: float = 1.0
    crop: int = 0
    shuffle: int = 0

    def __post_init__(self) -> None:
        if not (0 <= self.fade <= 1 and 0 <= self.crop < len(CROPS) and 0 <= self.shuffle < MOST_SHUFFLES):
            raise ValueError(f"expected a fade of 0..1, a known crop and a shuffle from 0 on, got {self!r}")

    @classmethod
    def named(cls, name: str) -> "Observation | None":
        """Parse a `name`; return None for one that this version does not know."""
        found = re.fullmatch(
            r"(?:difference|view-less-(0(?:\.\d{1,6})?)-of-the-last)-(\d\d)x(\d\d)(?:-shuffled-([1-9]\d{0,5}))?",
            name,
        )
        if found is None:
            return None
        shape = int(found[2]), int(found[3])
        crops = [number for number in range(len(CROPS)) if _shape(number) == shape]
        return cls(float(found[1] or 1), crops[0], int(found[4] or 0)) if crops else None

    @property
    def name(self) -> str:
        """The name used in cards."""
        kind = "difference" if self.fade == 1 else f"view-less-{self.fade:g}-of-the-last"
        rows, columns = self.shape
        return f"{kind}-{rows}x{columns}" + (f"-shuffled-{self.shuffle}" if self.shuffle else "")

    def __str__(self) -> str:
        kind = (
            "the difference of two views"
            if self.fade == 1
            else f"the view, less {self.fade:g} of the one before"
        )
        rows, columns = self.shape
        return (
            kind
            + (f", cut to {rows}×{columns}" if self.crop else "")
            + (", its pixels shuffled" if self.shuffle else "")
        )

    @property
    def is_plain(self) -> bool:
        """Whether every pixel is the input of the same number."""
        return not self.crop and not self.shuffle

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns after cropping."""
        return _shape(self.crop)

    @property
    def inputs(self) -> int:
        """Number of inputs."""
        rows, columns = self.shape
        return rows * columns

    @property
    def places(self) -> NDArray[np.int16]:
        """Shape (6400,): each pixel's input; −1 for a pixel that is not shown."""
        return _maps(self.crop, self.shuffle)[0]

    @property
    def pixels(self) -> NDArray[np.int32]:
        """Shape (inputs,): each input's pixel in the view."""
        return _maps(self.crop, self.shuffle)[1]

    @property
    def spots(self) -> NDArray[np.int32]:
        """Shape (inputs,): each input's place in a picture as the network sees it, shuffled."""
        return _maps(self.crop, 0)[1]

    def picture(self, values: NDArray[Any]) -> NDArray[Any]:
        """Arrange inputs, or their weights, as a picture as the network sees it, shuffled.

        Values of shape (inputs,) become an array of shape (80, 80), which is 0 where nothing is shown.
        """
        return _whole(self.spots, values)

    def on_field(self, values: NDArray[Any]) -> NDArray[Any]:
        """Do the same with every input at its true pixel, unshuffled."""
        return _whole(self.pixels, values)

    def frames(self, frames: SparseFrames) -> SparseFrames:
        """Convert frames of full views to this observation."""
        if self.is_plain:
            return frames
        columns = self.places[frames.columns].astype(np.int32)
        row_of = np.repeat(np.arange(len(frames)), np.diff(frames.starts))
        seen = np.flatnonzero(columns >= 0)
        # inputs must increase within a frame
        order = seen[np.lexsort((columns[seen], row_of[seen]))]
        starts = np.searchsorted(row_of[order], np.arange(len(frames) + 1)).astype(np.int64)
        return SparseFrames(starts, columns[order], frames.values[order], self.inputs)

    def views(self, views: BoolArray) -> BoolArray:
        """Convert full views, shape (n, 80, 80), to inputs, shape (n, 6400), padded with False."""
        flat = views.reshape(len(views), PIXELS)
        if self.is_plain:
            return flat
        shown = np.zeros_like(flat)
        shown[:, : self.inputs] = flat[:, self.pixels]
        return shown


def _whole(places: NDArray[np.int32], values: NDArray[Any]) -> NDArray[Any]:
    whole = np.zeros(PIXELS, values.dtype)
    whole[places] = values
    return whole.reshape(VIEW_SHAPE)


def _shape(crop: int) -> tuple[int, int]:
    top, bottom, left, right = CROPS[crop]
    return bottom - top, right - left


@lru_cache(maxsize=16)
def _maps(crop: int, shuffle: int) -> tuple[NDArray[np.int16], NDArray[np.int32]]:
    """Return the input of each pixel, and the pixel of each input."""
    top, bottom, left, right = CROPS[crop]
    pixels = np.arange(PIXELS, dtype=np.int32).reshape(VIEW_SHAPE)[top:bottom, left:right].ravel()
    if shuffle:
        pixels = np.random.default_rng(shuffle).permutation(pixels)
    places = np.full(PIXELS, -1, np.int16)
    places[pixels] = np.arange(len(pixels))
    for array in (places, pixels):
        array.flags.writeable = False
    return places, pixels


class FrameDifferencer:
    """Computes one game's observations: keeps the previous view to subtract it from the next one."""

    def __init__(self, observation: Observation | None = None) -> None:
        """Start without a previous view; the default observation is the full difference frame."""
        self._observation = observation or Observation()
        self._previous: BoolArray | None = None

    def look(self, screen: UInt8Array) -> SparseFrames:
        """Observe a screen, shape (210, 160), of palette indices or grayscale values; return one frame.

        For the first screen of a game, the previous view is taken to be the same.
        """
        current = crop(screen)[None]
        previous = current if self._previous is None else self._previous
        self._previous = current
        return self._observation.frames(SparseFrames.from_views(current, previous, self._observation.fade))

    def reset(self) -> None:
        """Forget the previous view, for a new game."""
        self._previous = None


def _check_screen(screen: UInt8Array) -> None:
    if screen.shape[-2:] != SCREEN_SHAPE or screen.ndim not in (2, 3) or screen.dtype != np.uint8:
        raise ValueError(
            f"expected screens of shape (210, 160) or (n, 210, 160) and type uint8,"
            f" got shape {screen.shape} and type {screen.dtype}"
        )
