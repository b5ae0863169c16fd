"""The compiled game's picture: what the console would show of it, in its colours.

`tests/envs/test_picture.py` compares it with the emulator's, pixel by pixel.
"""

import numpy as np
from numpy.typing import NDArray

from pongarena.core.arrays import UInt8Array
from pongarena.game.compiled import State, ball_on_screen
from pongarena.game.rules import SCREEN_SHAPE

__all__ = ["colours_of", "mirror_picture", "picture_of"]

_GROUND, _WHITE, _ORANGE, _GREEN = (144, 72, 17), (236, 236, 236), (213, 130, 74), (92, 186, 92)

_PALETTE: UInt8Array = np.zeros((256, 3), np.uint8)
"""The colours of the emulator's palette that the game shows; the first two of a game's first frames."""

for _index, _colour in (
    (138, (101, 111, 228)),
    (228, (109, 118, 43)),
    (210, (53, 95, 24)),
    (250, (210, 182, 86)),
    (14, _WHITE),
    (34, _GROUND),
    (56, _ORANGE),
    (200, _GREEN),
):
    _PALETTE[_index] = _colour

_WALLS = (slice(24, 34), slice(194, 210))

_FIRST_ROW, _END_ROW = 34, 194
"""Of the field."""

_PADDLES = ((16, _ORANGE), (140, _GREEN))
_DIGITS = ("75557", "22222", "71747", "71317", "55711", "74717", "44757", "71111", "75757", "75711")
"""Five rows of three cells of 4×4 pixels."""

_DIGIT_COLUMNS = (36, 116)

_SCORE_ROWS, _SCORES = slice(0, 22), ((16, 48), (96, 128))
"""Where the left and the right score are, of up to two digits."""


def picture_of(s: NDArray[np.int32], *, mirrored: bool = False) -> UInt8Array:
    """Paints a game.

    Args:
        s: The game's row; see `compiled.State`.
        mirrored: Whether its right player is to be seen on the left, in orange.

    Returns:
        Shape (210, 160, 3): red, green, blue.
    """
    picture: UInt8Array = np.empty((*SCREEN_SHAPE, 3), np.uint8)
    picture[:] = _GROUND
    for wall in _WALLS:
        picture[wall] = _WHITE
    for place, (column, colour) in enumerate(_PADDLES):
        side = 1 - place if mirrored else place
        y = int(s[State.SHOWN_LEFT + side])
        top = y - 15 + side + (y & 1)
        picture[max(top, _FIRST_ROW) : max(min(top + 16, _END_ROW), 0), column : column + 4] = colour
        _paint_number(picture, int(s[State.SCORE_LEFT + side]), _DIGIT_COLUMNS[place], colour)
    for column, first, end in ball_on_screen(s):
        x = SCREEN_SHAPE[1] - 1 - column if mirrored else column
        picture[max(first, _FIRST_ROW) : max(min(end, _END_ROW), 0), x] = _WHITE
    return picture


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
    left, right = red == _ORANGE[0], red == _GREEN[0]  # their share of red tells them from all else
    turned[left], turned[right] = _GREEN, _ORANGE
    return turned


def _paint_number(picture: UInt8Array, number: int, column: int, colour: tuple[int, int, int]) -> None:
    for place, digit in enumerate(reversed(str(number))):
        for row, cells in enumerate(_DIGITS[int(digit)]):
            for cell in range(3):
                if int(cells) >> (2 - cell) & 1:
                    x, y = column - 16 * place + 4 * cell, 1 + 4 * row
                    picture[y : y + 4, x : x + 4] = colour
