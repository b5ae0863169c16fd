"""The emulator's colours, and mirroring of pictures; does not import the compiled game and its compiler."""

import numpy as np

from pongarena.core.arrays import UInt8Array

__all__ = ["GREEN", "GROUND", "ORANGE", "WHITE", "colours_of", "mirror_picture"]

GROUND, WHITE, ORANGE, GREEN = (144, 72, 17), (236, 236, 236), (213, 130, 74), (92, 186, 92)

_PALETTE: UInt8Array = np.zeros((256, 3), np.uint8)
"""The emulator's palette, as far as the game uses it; the first two occur in a game's first frames."""

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
"""Areas of the left and the right score, which have up to two digits."""


def colours_of(screen: UInt8Array) -> UInt8Array:
    """Convert a screen of palette indices, shape (210, 160), to RGB, shape (210, 160, 3)."""
    picture: UInt8Array = _PALETTE[screen]
    return picture


def mirror_picture(picture: UInt8Array) -> UInt8Array:
    """Mirror a picture, but keep digits readable, orange on the left and green on the right.

    The picture has the shape (210, 160, 3) and is not changed.
    """
    turned = picture[:, ::-1].copy()
    for first, last in _SCORES:
        turned[_SCORE_ROWS, 160 - last : 160 - first] = picture[_SCORE_ROWS, first:last]
    red = turned[..., 0]
    left, right = red == ORANGE[0], red == GREEN[0]  # the red channel alone identifies both colours
    turned[left], turned[right] = GREEN, ORANGE
    return turned
