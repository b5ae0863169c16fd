"""Draw pictures of numbers in half blocks, with few colours of the theme that differ in brightness.

Negative numbers have the left side's colour, darkened; zero is gray; positive numbers have the right side's
colour, brightened. Brightness grows with the value, so the picture can be read without colours too.
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
"""Shades on each side of zero: 17 in all, few enough for long runs of one colour."""
LEVELS = 2 * STEPS + 1

_GRAY = (84, 88, 86)
"""Zero, in all themes."""

_PLACES, _LUMAS = (0.0, 0.3, 0.5, 0.7, 0.88, 1.0), (57, 68, 87, 129, 183, 242)
"""Positions on the scale, and their luma (0 to 255) in all themes."""

_FULL = 0.88
"""The position of the pure positive colour; above, it only gets brighter."""

Rgb: TypeAlias = tuple[int, int, int]
Poles: TypeAlias = tuple[str, str]
"""The colours of the most negative and of the most positive number, as ``#rrggbb``."""


def poles_of(variables: Mapping[str, str]) -> Poles:
    """Return the poles of a theme: the left side's colour is negative, the right side's positive."""
    return variables["left"], variables["right"]


def quantise(values: NDArray[np.float32], limit: float) -> NDArray[np.uint8]:
    """Convert numbers to shades: −``limit`` is 0, 0 is ``STEPS``, ``limit`` is ``LEVELS`` − 1, clipped."""
    scale = STEPS / limit if limit > 0 else 0.0
    shades: NDArray[np.uint8] = (np.clip(np.rint(values * scale), -STEPS, STEPS) + STEPS).astype(np.uint8)
    return shades


def luma(colour: Sequence[float]) -> float:
    """Return the perceived brightness of a colour, 0 to 255."""
    return float(np.dot(colour, (0.2126, 0.7152, 0.0722)))


@lru_cache(maxsize=LEVELS * 4)
def rgb(level: int, poles: Poles) -> Rgb:
    """Return the colour of a shade: red, green, blue in 0 … 255."""
    position = level / (LEVELS - 1)
    pole: Sequence[float] = Color.parse(poles[position > 0.5]).get_truecolor()
    full = _FULL
    if position < 0.5:  # saturate it, because a dark colour shows little hue
        pole, full = tuple(part - min(pole) for part in pole), 0.0
    share = min(1.0, (position - 0.5) / (full - 0.5))
    mixed = [(1 - share) * gray + share * own for gray, own in zip(_GRAY, pole, strict=True)]
    return _as_bright(mixed, float(np.interp(position, _PLACES, _LUMAS)))


def _as_bright(colour: Sequence[float], wanted: float) -> Rgb:
    """Darken a colour, or lighten it with white, to the wanted luma."""
    bright = luma(colour)
    if bright >= wanted:
        red, green, blue = (round(part * wanted / bright) for part in colour)
    else:
        white = (wanted - bright) / (255 - bright)
        red, green, blue = (round(part + (255 - part) * white) for part in colour)
    return red, green, blue


@lru_cache(maxsize=4 * LEVELS * LEVELS)
def style(top: int, bottom: int, poles: Poles) -> Style:
    """Return the style of an upper half block: shade ``top`` above shade ``bottom``."""
    return Style(color=Color.from_rgb(*rgb(top, poles)), bgcolor=Color.from_rgb(*rgb(bottom, poles)))


def legend(poles: Poles, words: Style) -> list[Segment]:
    """Draw a legend of every other shade, from the most negative to the most positive."""
    shades = [Segment(HALF_BLOCK, style(level, level, poles)) for level in range(0, LEVELS, 2)]
    return [Segment("weights − ", words), *shades, Segment(" +", words)]


def pool(values: NDArray[np.float32], factor: int) -> NDArray[np.float32]:
    """Shrink a picture to the means of its ``factor`` × ``factor`` blocks; its sides must be multiples."""
    height, width = values.shape
    blocks = values.reshape(height // factor, factor, width // factor, factor)
    pooled: NDArray[np.float32] = blocks.mean(axis=(1, 3), dtype=np.float32)
    return pooled


def strip_of(upper: NDArray[np.uint8], lower: NDArray[np.uint8], poles: Poles) -> list[Segment]:
    """Draw two rows of shades as half blocks, one segment for each run of equal cells."""
    pairs = upper.astype(np.int64) * LEVELS + lower
    cuts = [0, *(np.flatnonzero(np.diff(pairs)) + 1).tolist(), len(pairs)]
    return [
        Segment(HALF_BLOCK * (end - start), style(int(upper[start]), int(lower[start]), poles))
        for start, end in itertools.pairwise(cuts)
    ]
