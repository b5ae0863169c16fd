"""Pictures of numbers in half blocks, in colours that are few, fixed, and told apart by brightness alone.

Dark orange is negative, gray is nothing, bright green is positive: brightness only grows with the value, so a
terminal without colour, or a reader who cannot tell orange from green, sees the same picture in gray.
"""

import itertools
from functools import lru_cache

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

_STOPS = (
    (0.00, (122, 44, 0)),
    (0.30, (104, 62, 34)),
    (0.50, (84, 88, 86)),
    (0.70, (98, 150, 100)),
    (0.88, (112, 212, 112)),
    (1.00, (220, 255, 214)),
)


def quantise(values: NDArray[np.float32], limit: float) -> NDArray[np.uint8]:
    """Numbers as shades: −``limit`` is 0, 0 is ``STEPS``, ``limit`` is ``LEVELS`` − 1; beyond is clipped."""
    scale = STEPS / limit if limit > 0 else 0.0
    shades: NDArray[np.uint8] = (np.clip(np.rint(values * scale), -STEPS, STEPS) + STEPS).astype(np.uint8)
    return shades


def rgb(level: int) -> tuple[int, int, int]:
    """The colour of a shade, red, green, blue in 0 … 255."""
    position = level / (LEVELS - 1)
    places = [stop for stop, _ in _STOPS]
    red, green, blue = (
        round(float(np.interp(position, places, [colour[channel] for _, colour in _STOPS])))
        for channel in range(3)
    )
    return red, green, blue


@lru_cache(maxsize=LEVELS * LEVELS)
def style(top: int, bottom: int) -> Style:
    """The style of an upper half block: shade ``top`` above shade ``bottom``."""
    return Style(color=Color.from_rgb(*rgb(top)), bgcolor=Color.from_rgb(*rgb(bottom)))


def pool(values: NDArray[np.float32], factor: int) -> NDArray[np.float32]:
    """Shrink a picture to the means of its ``factor`` × ``factor`` blocks; its sides must be multiples."""
    height, width = values.shape
    blocks = values.reshape(height // factor, factor, width // factor, factor)
    pooled: NDArray[np.float32] = blocks.mean(axis=(1, 3), dtype=np.float32)
    return pooled


def strip_of(upper: NDArray[np.uint8], lower: NDArray[np.uint8]) -> list[Segment]:
    """Two rows of shades as segments of half blocks, one segment for each run of equal cells."""
    pairs = upper.astype(np.int64) * LEVELS + lower
    cuts = [0, *(np.flatnonzero(np.diff(pairs)) + 1).tolist(), len(pairs)]
    return [
        Segment(HALF_BLOCK * (end - start), style(int(upper[start]), int(lower[start])))
        for start, end in itertools.pairwise(cuts)
    ]
