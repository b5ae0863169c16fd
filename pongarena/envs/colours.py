"""The emulator's colours, and pictures turned round; without the compiled game, which loads a compiler."""

import numpy as np

from pongarena.core.arrays import UInt8Array

__all__ = ["GREEN", "GROUND", "ORANGE", "WHITE", "colours_of", "mirror_picture"]

GROUND, WHITE, ORANGE, GREEN = (144, 72, 17), (236, 236, 236), (213, 130, 74), (92, 186, 92)

_PALETTE: UInt8Array = np.zeros((256, 3), np.uint8)
"""The colours of the emulator's palette that the game shows; the first two of a game's first frames."""

for _index, _colour in (
    (138, (101, 111, 228)),
    (228, (109, 118, 43)),
    (210, (53, 95, 24)),
    (250, (210, 182, 86)),
    (14, WHITE),
    (34, GROUND),
    (56, ORANGE),
    (200, GREEN),
):
    _PALETTE[_index] = _colour

_SCORE_ROWS, _SCORES = slice(0, 22), ((16, 48), (96, 128))
"""Where the left and the right score are, of up to two digits."""


def colours_of(screen: UInt8Array) -> UInt8Array:
    """A screen of palette indices, shape (210, 160), in colour: shape (210, 160, 3)."""
    picture: UInt8Array = _PALETTE[screen]
    return picture


def mirror_picture(picture: UInt8Array) -> UInt8Array:
    """Swaps the sides of a picture, but keeps digits readable, and orange on the left and green on the right.

    Args:
        picture: Shape (210, 160, 3); not changed.
    """
    turned = picture[:, ::-1].copy()
    for first, last in _SCORES:
        turned[_SCORE_ROWS, 160 - last : 160 - first] = picture[_SCORE_ROWS, first:last]
    red = turned[..., 0]
    left, right = red == ORANGE[0], red == GREEN[0]  # their share of red tells them from all else
    turned[left], turned[right] = GREEN, ORANGE
    return turned
