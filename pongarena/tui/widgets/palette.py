"""Pictures of numbers in half blocks, in few colours of the theme, told apart by brightness alone.

The left side's colour, darkened, is negative, gray is nothing, the right side's, brightened, is positive:
brightness only grows with the value, so a terminal without colour, or a reader who cannot tell the two from
each other, sees the same picture in gray.
"""

import itertools
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from rich.color import Color
from rich.segment import Segment
from rich.style import Style

HALF_BLOCK = "▀"
"""A cell shows two pixels, one above the other."""

STEPS = 8
"""Shades on each side of nothing: 17 in all, few enough for long runs of one colour."""
LEVELS = 2 * STEPS + 1

_GRAY = (84, 88, 86)
"""Nothing, whatever the theme."""

_PLACES, _LUMAS = (0.0, 0.3, 0.5, 0.7, 0.88, 1.0), (57, 68, 87, 129, 183, 242)
"""How bright the places on the scale are, of 255: the same in every theme."""

_FULL = 0.88
"""Where the positive pole has all its colour; above, it only gets brighter."""

Rgb: TypeAlias = tuple[int, int, int]
Poles: TypeAlias = tuple[str, str]
"""The colours of the most negative and of the most positive number, as ``#rrggbb``."""


def poles_of(variables: Mapping[str, str]) -> Poles:
    """A theme's own: its left side's colour is negative, its right side's positive."""
    return variables["left"], variables["right"]


def quantise(values: NDArray[np.float32], limit: float) -> NDArray[np.uint8]:
    """Numbers as shades: −``limit`` is 0, 0 is ``STEPS``, ``limit`` is ``LEVELS`` − 1; beyond is clipped."""
    scale = STEPS / limit if limit > 0 else 0.0
    shades: NDArray[np.uint8] = (np.clip(np.rint(values * scale), -STEPS, STEPS) + STEPS).astype(np.uint8)
    return shades


def luma(colour: Sequence[float]) -> float:
    """How bright a colour looks, 0 to 255."""
    return float(np.dot(colour, (0.2126, 0.7152, 0.0722)))


@lru_cache(maxsize=LEVELS * 4)
def rgb(level: int, poles: Poles) -> Rgb:
    """The colour of a shade, red, green, blue in 0 … 255."""
    position = level / (LEVELS - 1)
    pole: Sequence[float] = Color.parse(poles[position > 0.5]).get_truecolor()
    full = _FULL
    if position < 0.5:  # without its gray part, for a dark colour shows little of itself
        pole, full = tuple(part - min(pole) for part in pole), 0.0
    share = min(1.0, (position - 0.5) / (full - 0.5))
    mixed = [(1 - share) * gray + share * own for gray, own in zip(_GRAY, pole, strict=True)]
    return _as_bright(mixed, float(np.interp(position, _PLACES, _LUMAS)))


def _as_bright(colour: Sequence[float], wanted: float) -> Rgb:
    """The colour made darker, or lighter by white, until it looks as bright as wanted."""
    bright = luma(colour)
    if bright >= wanted:
        red, green, blue = (round(part * wanted / bright) for part in colour)
    else:
        white = (wanted - bright) / (255 - bright)
        red, green, blue = (round(part + (255 - part) * white) for part in colour)
    return red, green, blue


@lru_cache(maxsize=4 * LEVELS * LEVELS)
def style(top: int, bottom: int, poles: Poles) -> Style:
    """The style of an upper half block: shade ``top`` above shade ``bottom``."""
    return Style(color=Color.from_rgb(*rgb(top, poles)), bgcolor=Color.from_rgb(*rgb(bottom, poles)))


def legend(poles: Poles, words: Style) -> list[Segment]:
    """What the colours mean: every other shade, from the most negative to the most positive."""
    shades = [Segment(HALF_BLOCK, style(level, level, poles)) for level in range(0, LEVELS, 2)]
    return [Segment("weights − ", words), *shades, Segment(" +", words)]


def pool(values: NDArray[np.float32], factor: int) -> NDArray[np.float32]:
    """Shrink a picture to the means of its ``factor`` × ``factor`` blocks; its sides must be multiples."""
    height, width = values.shape
    blocks = values.reshape(height // factor, factor, width // factor, factor)
    pooled: NDArray[np.float32] = blocks.mean(axis=(1, 3), dtype=np.float32)
    return pooled


def strip_of(upper: NDArray[np.uint8], lower: NDArray[np.uint8], poles: Poles) -> list[Segment]:
    """Two rows of shades as segments of half blocks, one segment for each run of equal cells."""
    pairs = upper.astype(np.int64) * LEVELS + lower
    cuts = [0, *(np.flatnonzero(np.diff(pairs)) + 1).tolist(), len(pairs)]
    return [
        Segment(HALF_BLOCK * (end - start), style(int(upper[start]), int(lower[start]), poles))
        for start, end in itertools.pairwise(cuts)
    ]
