"""Model how a paddle follows its controller, alike for both sides.

The Atari's paddle controller is a potentiometer. The emulator turns it by a fixed amount in each frame in
which a direction is held. The cartridge reads it every second frame and moves the paddle halfway to the
reading. The emulator drives only the right paddle; with the same motion computed here, both sides respond
alike.

The constants were measured on ale-py 0.12.1. `tests/game/test_paddle.py` compares the model with the
emulator's own paddle frame by frame.
"""

import math
from enum import IntEnum

__all__ = ["BOTTOM", "TOP", "Move", "Paddle"]

TOP = 38
"""The smallest y that a paddle reaches."""

BOTTOM = 203
"""The largest y that a paddle reaches."""

_POT_LEAST, _POT_MOST = 27_450, 790_196
"""The two ends of the potentiometer, in ohms."""

_POT_START = 408_823
"""The potentiometer's position after a reset: its middle."""

_POT_STEP = 23_000
"""How far it turns in a frame with a direction held, in ohms."""

_POT_ZERO, _POT_PER_READING = 128_624.0, 7_983.195
"""The cartridge reads TOP below the first value; each step of the second value above it adds 2 rows."""

_START = 109
"""The paddle's height while the potentiometer is in the middle."""


class Move(IntEnum):
    """A direction held for one frame, in screen coordinates (y grows downwards)."""

    UP = -1
    STAY = 0
    DOWN = 1


class Paddle:
    """One paddle's controller, and the height that the cartridge derives from it.

    Attributes:
        y: Height as the cartridge counts it, `TOP`..`BOTTOM`, growing downwards.
        pot: The potentiometer's position, in ohms.
    """

    def __init__(self) -> None:
        self.y = _START
        self.pot = float(_POT_START)

    def reset(self) -> None:
        """Put the controller and the paddle in the middle, as the console's reset does."""
        self.y = _START
        self.pot = float(_POT_START)

    def push(self, move: Move, *, reads: bool) -> int:
        """Advance one frame with a direction held.

        Args:
            move: The direction.
            reads: Whether this is one of the frames (every second) in which the cartridge reads this side.

        Returns:
            The paddle's new y.
        """
        self.pot = min(max(self.pot + _POT_STEP * move, _POT_LEAST), _POT_MOST)
        if reads:
            self.y = (self.y + _reading(self.pot)) >> 1
        return self.y

    def turn_to(self, y: float) -> int:
        """Turn the knob to an absolute height at once, as a mouse does.

        Args:
            y: The target height; rounded, and clamped to `TOP`..`BOTTOM`.

        Returns:
            The paddle's new y.
        """
        self.y = min(max(round(y), TOP), BOTTOM)
        self.pot = _pot_at(self.y)
        return self.y


def _reading(pot: float) -> int:
    """The cartridge's reading of a potentiometer position: 38..204, even."""
    return max(TOP, TOP + 2 * math.floor((pot - _POT_ZERO) / _POT_PER_READING + 1))


def _pot_at(y: int) -> float:
    """A potentiometer position that holds a paddle at y: the middle of the right reading's range."""
    steps = (y + 1 - TOP) // 2  # an odd y rests under the next even reading: (y + y + 1) >> 1 == y
    return _POT_ZERO + (steps - 0.5) * _POT_PER_READING
