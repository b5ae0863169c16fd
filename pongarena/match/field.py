"""Locate paddles and ball on the console's screen, for front ends with a coarser picture.

The positions come from the picture, not from the memory: the memory is one frame ahead of the picture, and
the cartridge sometimes hides objects.
"""

from dataclasses import dataclass

import numpy as np

from pongarena.core.arrays import UInt8Array
from pongarena.game.types import Side

__all__ = [
    "BALL_COLOUR",
    "FIELD_BOTTOM",
    "FIELD_COLOUR",
    "FIELD_TOP",
    "LEFT_COLOUR",
    "PADDLE_CENTRE",
    "PADDLE_COLUMNS",
    "RIGHT_COLOUR",
    "WIDTH",
    "Objects",
    "find_objects",
]

FIELD_TOP, FIELD_BOTTOM = 34, 194
"""Rows of the screen between the walls."""

WIDTH = 160
"""Columns of the screen."""

PADDLE_COLUMNS = {Side.LEFT: (16, 20), Side.RIGHT: (140, 144)}
"""First column of a paddle, and the column after its last."""

PADDLE_CENTRE = 7
"""How many rows a paddle's height, as the cartridge counts it, lies below its middle on the screen."""

FIELD_COLOUR, BALL_COLOUR = (144, 72, 17), (236, 236, 236)
LEFT_COLOUR, RIGHT_COLOUR = (213, 130, 74), (92, 186, 92)
"""The cartridge's colours in RGB; walls have the ball's colour."""

_BALL = 14
_PADDLES = (56, 200)
"""Palette indices; a mirrored screen has the paddles' two colours exchanged."""


@dataclass(frozen=True, slots=True)
class Objects:
    """The objects on the field, as half-open ranges of screen rows and columns.

    Attributes:
        left: Rows of the left paddle; None while it is hidden.
        right: Rows of the right paddle; None while it is hidden.
        ball: The ball's columns and rows (x0, x1, y0, y1); None between points.
    """

    left: tuple[int, int] | None = None
    right: tuple[int, int] | None = None
    ball: tuple[int, int, int, int] | None = None


def find_objects(screen: UInt8Array) -> Objects:
    """Find paddles and ball.

    Args:
        screen: Shape (210, 160), palette indices, as the players see it. Not changed, not kept.
    """
    field = screen[FIELD_TOP:FIELD_BOTTOM]
    ball = None
    rows, columns = np.nonzero(field == _BALL)
    if len(rows):
        x0, x1 = int(columns.min()), int(columns.max()) + 1
        ball = (x0, x1, int(rows[0]) + FIELD_TOP, int(rows[-1]) + 1 + FIELD_TOP)
    left, right = (_paddle(field[:, first]) for first, _ in PADDLE_COLUMNS.values())
    return Objects(left, right, ball)


def _paddle(column: UInt8Array) -> tuple[int, int] | None:
    """Rows of a paddle in its column, also where the ball covers part of it."""
    rows = np.flatnonzero((column == _PADDLES[0]) | (column == _PADDLES[1]))
    if not len(rows):
        return None
    return int(rows[0]) + FIELD_TOP, int(rows[-1]) + 1 + FIELD_TOP
