"""The compiled game's picture, in the console's colours.

`tests/envs/test_picture.py` compares it with the emulator's picture, pixel by pixel.
"""

import numpy as np
from numpy.typing import NDArray

from pongarena.core.arrays import UInt8Array
from pongarena.envs.colours import GREEN, GROUND, ORANGE, WHITE
from pongarena.game.compiled import State, ball_on_screen
from pongarena.game.rules import SCREEN_SHAPE

__all__ = ["picture_of"]

_WALLS = (slice(24, 34), slice(194, 210))

_FIRST_ROW, _END_ROW = 34, 194
"""First row of the field, and the row after its last."""

_PADDLES = ((16, ORANGE), (140, GREEN))
_DIGITS = ("75557", "22222", "71747", "71317", "55711", "74717", "44757", "71111", "75757", "75711")
"""Five rows of three cells of 4×4 pixels."""

_DIGIT_COLUMNS = (36, 116)


def picture_of(s: NDArray[np.int32], *, mirrored: bool = False) -> UInt8Array:
    """Paint a game.

    Args:
        s: The game's row; see `compiled.State`.
        mirrored: Whether to show its right player on the left, in orange.

    Returns:
        Shape (210, 160, 3): red, green, blue.
    """
    picture: UInt8Array = np.empty((*SCREEN_SHAPE, 3), np.uint8)
    picture[:] = GROUND
    for wall in _WALLS:
        picture[wall] = WHITE
    for place, (column, colour) in enumerate(_PADDLES):
        side = 1 - place if mirrored else place
        y = int(s[State.SHOWN_LEFT + side])
        top = y - 15 + side + (y & 1)
        picture[max(top, _FIRST_ROW) : max(min(top + 16, _END_ROW), 0), column : column + 4] = colour
        _paint_number(picture, int(s[State.SCORE_LEFT + side]), _DIGIT_COLUMNS[place], colour)
    for column, first, end in ball_on_screen(s):
        x = SCREEN_SHAPE[1] - 1 - column if mirrored else column
        picture[max(first, _FIRST_ROW) : max(min(end, _END_ROW), 0), x] = WHITE
    return picture


def _paint_number(picture: UInt8Array, number: int, column: int, colour: tuple[int, int, int]) -> None:
    for place, digit in enumerate(reversed(str(number))):
        for row, cells in enumerate(_DIGITS[int(digit)]):
            for cell in range(3):
                if int(cells) >> (2 - cell) & 1:
                    x, y = column - 16 * place + 4 * cell, 1 + 4 * row
                    picture[y : y + 4, x : x + 4] = colour
