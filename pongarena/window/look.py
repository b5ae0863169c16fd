"""Colours of old screens: another palette, and an afterglowing phosphor."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["USUAL_LOOK", "Afterglow", "Look", "Palette", "Pixels"]

Pixels: TypeAlias = NDArray[np.uint32]
"""A colour a pixel: 0xRRGGBB."""

_RED, _GREEN, _BLUE = 77, 151, 28
"""Shares of red, green and blue in the brightness, in 256ths."""


class Palette(StrEnum):
    """The colours of a screen."""

    COLOUR = "colour"
    GREY = "black and white"
    GREEN = "green screen"
    AMBER = "amber screen"


_TINTS = {Palette.GREY: (255, 255, 255), Palette.GREEN: (96, 255, 128), Palette.AMBER: (255, 188, 64)}


@dataclass(frozen=True)
class Look:
    """How the game's picture is shown.

    Attributes:
        palette: The colours.
        phosphor: Whether moving objects leave a trail.
    """

    palette: Palette = Palette.COLOUR
    phosphor: bool = False


USUAL_LOOK = Look()
"""The console's own colours."""


class Afterglow:
    """Applies a look to a sequence of pictures.

    A pixel is 0xRRGGBB: four bytes at once are faded and compared in a third of the time of separate colours.
    """

    def __init__(self, look: Look) -> None:
        self._phosphor = look.phosphor
        tint = _TINTS.get(look.palette)
        levels = np.arange(256, dtype=np.uint32)
        self._colours: Pixels | None = None
        if tint is not None:
            red, green, blue = (levels * part // 255 for part in tint)
            self._colours = (red << 16 | green << 8 | blue).astype(np.uint32)
        self._glow: Pixels | None = None

    def tint(self, picture: Pixels) -> Pixels:
        """A picture in the look's colours; a copy."""
        if self._colours is None:
            return picture.copy()
        # three small products, as a matrix product would wake BLAS's threads
        parts = zip((_RED, _GREEN, _BLUE), (16, 8, 0), strict=True)
        grey = sum((picture >> shift & 255) * share for share, shift in parts) >> 8
        return np.take(self._colours, grey)

    def fade(self, picture: Pixels) -> Pixels:
        """The next picture with what still glows of those before it.

        Args:
            picture: In the look's colours; C-contiguous, of the same shape in all calls.
        """
        if not self._phosphor:
            return picture
        lit = picture.view(np.uint8)
        if self._glow is not None:
            glow = self._glow.view(np.uint8)
            faded = glow >> 1  # 1/2 + 1/8 + 1/16 of the light: a tenth after an eighth of a second
            faded += glow >> 3
            faded += glow >> 4
            lit = np.maximum(lit, faded)
        self._glow = lit.view(np.uint32)
        return self._glow
