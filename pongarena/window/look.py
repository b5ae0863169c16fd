"""Colours of old screens: another palette, and an afterglowing phosphor."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from pongarena.core.arrays import UInt8Array

__all__ = ["USUAL_LOOK", "Afterglow", "Look", "Palette"]

_RED, _GREEN, _BLUE = 77, 151, 28
"""Shares of red, green and blue in the brightness, in 256ths."""

_FADE = 176
"""Brightness left in the next frame, in 256ths: a tenth is left after an eighth of a second."""


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
    """Applies a look to a sequence of pictures."""

    def __init__(self, look: Look) -> None:
        self._phosphor = look.phosphor
        tint = _TINTS.get(look.palette)
        levels = np.arange(256)[:, None]
        self._colours = None if tint is None else (levels * np.array(tint) // 255).astype(np.uint8)
        self._glow: UInt8Array | None = None

    def show(self, picture: UInt8Array) -> UInt8Array:
        """Apply the look to the next picture: shape (..., 3), the same in all calls."""
        if self._colours is not None:
            # three small products, as a matrix product would wake BLAS's threads
            red, green, blue = (picture[..., i].astype(np.uint16) for i in range(3))
            grey = red * _RED + green * _GREEN + blue * _BLUE >> 8
            picture = self._colours[grey]
        if not self._phosphor:
            return picture
        if self._glow is not None:
            faded = (self._glow.astype(np.uint16) * _FADE >> 8).astype(np.uint8)
            picture = np.maximum(picture, faded)
        self._glow = picture
        return picture
