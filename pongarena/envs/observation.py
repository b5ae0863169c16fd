"""What a network sees: the screen cut to 80×80 pixels, and what of two such views it is shown.

This is the preprocessing of Andrej Karpathy's "Deep Reinforcement Learning: Pong from Pixels" (2016): take
the field, every second row and column, erase the background, set everything else to one, and hand the
network the current view minus the previous one. About 25 of the 6,400 pixels of a difference frame are not
zero, so frames are kept sparse all the way into the network.

An `Observation` says what a network is shown of it: the whole difference, more of the present view, a tighter
crop of it, or its pixels shuffled. Every network's card names its own.

Works on palette-index screens and on grayscale screens alike, with the same result, and never writes into
the caller's array. Pure numpy.
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
"""Rows and columns of what a network sees."""

PIXELS = 6400
"""Pixels of a view."""

CROPS = ((0, 80, 0, 80), (0, 75, 0, 80), (0, 80, 8, 72))
"""What of a view may be shown: its first and last rows and columns, ends not included.

The whole; 75×80, as the forks of the post's program that cut 35:185 instead of 35:195; and 80×64, which ends
at the paddles, so that a ball that has passed one is not seen any more.
"""

MOST_SHUFFLES = 1_000_000
"""Ways to shuffle the pixels that can be named."""

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
        columns: Shape (nnz,), int32: the network's inputs 0..6399, growing within a frame.
        values: Shape (nnz,), float32: +1 where something appeared, −1 where something went.
        inputs: How many inputs the network has.
    """

    starts: NDArray[np.int64]
    columns: NDArray[np.int32]
    values: FloatArray
    inputs: int = PIXELS

    def __len__(self) -> int:
        return len(self.starts) - 1

    def dense(self) -> FloatArray:
        """Writes the frames out in full.

        Returns:
            Shape (n, inputs), float32, of −1, 0 and +1.
        """
        frames = np.zeros((len(self), self.inputs), np.float32)
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
            frames: Shape (n, inputs), any number type.
        """
        if frames.ndim != 2 or frames.shape[1] > PIXELS:
            raise ValueError(f"expected frames of shape (n, {PIXELS} at most), got {frames.shape}")
        rows, columns = np.nonzero(frames)
        starts = np.searchsorted(rows, np.arange(len(frames) + 1)).astype(np.int64)
        values = frames[rows, columns].astype(np.float32)
        return cls(starts, columns.astype(np.int32), values, frames.shape[1])

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
        values = np.concatenate([part.values for part in parts])
        return cls(starts, columns, values, parts[0].inputs)


@dataclass(frozen=True)
class Observation:
    """What a network is shown of two views, one after the other.

    Attributes:
        fade: What the earlier view is multiplied with before it is subtracted, 0..1; see `from_views`.
        crop: Which part of the views: a place in `CROPS`.
        shuffle: 0 for pixels in their places; else which permutation of them, always the same.

    Raises:
        ValueError: When there is no such observation.
    """

    fade: float = 1.0
    crop: int = 0
    shuffle: int = 0

    def __post_init__(self) -> None:
        """Refuses what cannot be."""
        if not (0 <= self.fade <= 1 and 0 <= self.crop < len(CROPS) and 0 <= self.shuffle < MOST_SHUFFLES):
            raise ValueError(f"expected a fade of 0..1, a known crop and a shuffle from 0 on, got {self!r}")

    @classmethod
    def named(cls, name: str) -> "Observation | None":
        """The inverse of `name`; None for what this version does not know."""
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
        """As a card says it."""
        kind = "difference" if self.fade == 1 else f"view-less-{self.fade:g}-of-the-last"
        rows, columns = self.shape
        return f"{kind}-{rows}x{columns}" + (f"-shuffled-{self.shuffle}" if self.shuffle else "")

    def __str__(self) -> str:
        """In words."""
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
        """Whether every pixel of the view is an input of the same number."""
        return not self.crop and not self.shuffle

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of what is shown."""
        return _shape(self.crop)

    @property
    def inputs(self) -> int:
        """How many numbers that are."""
        rows, columns = self.shape
        return rows * columns

    @property
    def places(self) -> NDArray[np.int16]:
        """Shape (6400,): the input that each pixel of a view goes to; −1 for one that is not shown."""
        return _maps(self.crop, self.shuffle)[0]

    @property
    def pixels(self) -> NDArray[np.int32]:
        """Shape (inputs,): the pixel of the view that each input shows."""
        return _maps(self.crop, self.shuffle)[1]

    @property
    def spots(self) -> NDArray[np.int32]:
        """Shape (inputs,): where each input lies in a picture of what the network sees: shuffled as it is."""
        return _maps(self.crop, 0)[1]

    def picture(self, values: NDArray[Any]) -> NDArray[Any]:
        """What the network sees, or its weights, in the frame of a whole view.

        Args:
            values: Shape (inputs,).

        Returns:
            Shape (80, 80): 0 where nothing is shown.
        """
        return _whole(self.spots, values)

    def on_field(self, values: NDArray[Any]) -> NDArray[Any]:
        """The same with every input at the pixel that it shows, though its network knows of no places."""
        return _whole(self.pixels, values)

    def frames(self, frames: SparseFrames) -> SparseFrames:
        """Frames of whole views as the network is shown them."""
        if self.is_plain:
            return frames
        columns = self.places[frames.columns].astype(np.int32)
        row_of = np.repeat(np.arange(len(frames)), np.diff(frames.starts))
        seen = np.flatnonzero(columns >= 0)
        # within a frame the inputs' numbers grow
        order = seen[np.lexsort((columns[seen], row_of[seen]))]
        starts = np.searchsorted(row_of[order], np.arange(len(frames) + 1)).astype(np.int64)
        return SparseFrames(starts, columns[order], frames.values[order], self.inputs)

    def views(self, views: BoolArray) -> BoolArray:
        """Whole views, shape (n, 80, 80), as inputs: shape (n, 6400), nothing behind the last one."""
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
    """The input of each pixel, and the pixel of each input."""
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
    """One game's observer: remembers the previous view to subtract it from the next one."""

    def __init__(self, observation: Observation | None = None) -> None:
        """Has seen nothing yet.

        Args:
            observation: What is shown; the whole difference frame if None.
        """
        self._observation = observation or Observation()
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
        return self._observation.frames(SparseFrames.from_views(current, previous, self._observation.fade))

    def reset(self) -> None:
        """Forgets the previous view: a new game begins."""
        self._previous = None


def _check_screen(screen: UInt8Array) -> None:
    if screen.shape[-2:] != SCREEN_SHAPE or screen.ndim not in (2, 3) or screen.dtype != np.uint8:
        raise ValueError(
            f"expected screens of shape (210, 160) or (n, 210, 160) and type uint8,"
            f" got shape {screen.shape} and type {screen.dtype}"
        )
