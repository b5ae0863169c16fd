"""The cartridge's rules as arithmetic, compiled: a frame of Pong in some thirty nanoseconds.

Atari's Video Olympics (2 KB, MD5 60e0ea3cbe0913d39803477945e9e5ec) is small enough to be rewritten. These
functions repeat what the cartridge does in variations 0 to 3, byte for byte as ale-py 0.12.1 emulates it:
`tests/game/test_compiled.py` and ``pongarena bench same`` compare the two. Learners use them, because they
cost a thousandth of the emulator. People play on the emulator, and every published score comes from it.

The rules were derived from the emulator: from its memory before and after each frame under adversarial
inputs, and from its picture, pixel by pixel.

A game is one int32 row (`State`). Learners play a whole rollout of one game before the next game's, so the
row stays in the processor's first-level cache.
"""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from pongarena.core.compilation import compiled

__all__ = [
    "POSITIONS",
    "State",
    "ball_on_screen",
    "begin_game",
    "decide",
    "draw",
    "play_frame",
    "see",
]


class State(IntEnum):
    """Indices into a game's row. A leading number is the address of a byte in the console's memory.

    y grows downwards, all bytes are 0..255, and a moving ball's vx is subtracted from its x.
    """

    HITS = 0
    """17: hits in this rally."""
    SERVER = 1
    """18: who scored or hit last: 0 left, 1 right; plus 4 while its button is not read; 255 after a reset."""
    WAIT = 2
    """11: frames until the serve; 0 while the ball is in play."""
    SCORE_LEFT = 3
    """13."""
    SCORE_RIGHT = 4
    """14."""
    CLOCK = 5
    """8: frame counter. Bit 0 tells which paddle is read, bits 0–2 tell when the CPU rests."""
    AI = 6
    """21: the CPU's height."""
    BALL_X = 7
    """49: 49 more than the column on the screen."""
    BALL_Y = 8
    """54: 0 while there is no ball."""
    BALL_VY = 9
    """56: rows a frame, signed."""
    BALL_VX = 10
    """58: columns a frame, signed, to the left."""
    SHOWN_LEFT = 11
    """50: the paddle as it is drawn."""
    SHOWN_RIGHT = 12
    """51."""
    PADDLE_LEFT = 13
    """59: the paddle as it was last read."""
    PADDLE_RIGHT = 14
    """60."""
    POT_LEFT = 15
    """The potentiometer, in ohms."""
    POT_RIGHT = 16
    TOUCH = 17
    """What the ball overlapped in the last picture: 1 left paddle, 2 right paddle, 4 wall."""
    VARIATION = 18
    """22: 0 and 1 against the CPU, 2 and 3 two players; odd: the ball gets faster."""
    BUTTON = 19
    """1 while the serving side's button counts as pressed (67 below 128)."""
    HELD_LEFT = 20
    """The direction that the console holds: −1 up, 0, +1 down. Stickiness repeats it."""
    HELD_RIGHT = 21
    FRAMES = 22
    """Since the reset."""
    OLDER = 23
    """What the right side saw one decision ago; `NEWER` is what it sees now: codes of `see`."""
    NEWER = 24
    DECISIONS = 25
    """Since the reset."""
    OLDER_LEFT = 26
    """What the left side saw, where a network plays it."""
    NEWER_LEFT = 27


# numba accepts plain integers only
_HITS, _SERVER, _WAIT = int(State.HITS), int(State.SERVER), int(State.WAIT)
_SCORE_LEFT, _SCORE_RIGHT, _CLOCK, _AI = (
    int(State.SCORE_LEFT),
    int(State.SCORE_RIGHT),
    int(State.CLOCK),
    int(State.AI),
)
_X, _Y, _VY, _VX = int(State.BALL_X), int(State.BALL_Y), int(State.BALL_VY), int(State.BALL_VX)
_SHOWN_LEFT, _SHOWN_RIGHT = int(State.SHOWN_LEFT), int(State.SHOWN_RIGHT)
_PADDLE_LEFT, _PADDLE_RIGHT = int(State.PADDLE_LEFT), int(State.PADDLE_RIGHT)
_POT_LEFT, _POT_RIGHT = int(State.POT_LEFT), int(State.POT_RIGHT)
_TOUCH, _VARIATION, _BUTTON = int(State.TOUCH), int(State.VARIATION), int(State.BUTTON)
_HELD_LEFT, _HELD_RIGHT, _FRAMES = int(State.HELD_LEFT), int(State.HELD_RIGHT), int(State.FRAMES)
_OLDER, _NEWER, _DECISIONS = int(State.OLDER), int(State.NEWER), int(State.DECISIONS)

_LEFT, _RIGHT, _WALL = 1, 2, 4
"""Bits of `State.TOUCH`."""

_POT_LEAST, _POT_MOST, _POT_START, _POT_STEP = 27_450, 790_196, 408_823, 23_000
"""The potentiometer's ends, middle and turn per frame, in ohms; see `paddle`."""

POSITIONS = 128
"""Number of rows at which a paddle's picture can begin, counted from 32 rows above the view."""

_ABOVE = 32
"""Rows above the view from which positions are counted."""

_FIRST_BALL_ROW, _FIRST_BALL_COLUMN = 5, 1
"""Where the picture right after a reset shows the ball; no rule of play gives this place."""


@compiled(fastmath=False)
def begin_game(s, variation):
    """Set a row to the state after the emulator's reset; the random stream continues.

    Found by reading the memory after `reset_game`, which is always the same. Variations 2 and 3 also get
    what `Cartridge` writes: the left side serves first, automatically.
    """
    s[:] = 0
    s[_SERVER] = 255 if variation < 2 else 4
    s[_WAIT] = 59
    s[_CLOCK] = 71
    s[_AI] = s[_SHOWN_LEFT] = 22
    s[_SHOWN_RIGHT] = s[_PADDLE_LEFT] = s[_PADDLE_RIGHT] = 109
    s[_Y] = 60
    s[_POT_LEFT] = s[_POT_RIGHT] = _POT_START
    s[_VARIATION] = variation
    s[_BUTTON] = 1


@compiled(fastmath=False)
def _signed(byte):
    return ((byte + 128) & 255) - 128


@compiled(fastmath=False)
def _reading(pot):
    """The scan line at which the potentiometer's capacitor is found charged: 38..204, even."""
    line = 38 + 2 * int(np.floor((pot - 128_624.0) / 7_983.195 + 1.0))
    return max(line, 38)


@compiled(fastmath=False)
def _pot_line(s, clock):
    """The scan line up to which the drawing loop waits for the potentiometer that this frame reads.

    The emulator's left one always stays in the middle, because a left player's height is written to memory.
    """
    return _reading(s[_POT_RIGHT] if clock & 1 else _POT_START)


@compiled(fastmath=False)
def _late(line, right, pot_line):
    """Delay of the drawing loop in a pass: 2 cycles while it waits for the pot, 1 without a paddle."""
    late = 2 if pot_line > 38 and line <= pot_line else 0
    return late + 1 if (line - right) & 0xF0 else late


@compiled(fastmath=False)
def _ball_rows(column, y, left, right, pot_line):
    """Screen rows of the ball in a column: the first, and the one after the last.

    The loop draws two lines a pass and switches the ball on in mid-line, so columns that the beam has not
    reached yet show it one row earlier. The delays were found from the pictures.
    """
    if y & 1:
        on, off = y + 1, y + 5
        late = _late(on - 2, right, pot_line) + (1 if (on - left) & 0xF0 else 0)
        first = on - 15 if column < 127 + 3 * late else on - 16
        late = _late(off - 2, right, pot_line) + (1 if (off - left) & 0xF0 else 0)
        return first, (off - 15 if column < 127 + 3 * late else off - 16)
    first = y - 14 if column < 149 + 3 * _late(y, right, pot_line) else y - 15
    return first, (y - 10 if column < 149 + 3 * _late(y + 4, right, pot_line) else y - 11)


@compiled(fastmath=False)
def _touches(s, pot_line):
    """What the ball's two columns overlap in this picture: the console's collision latches."""
    y = s[_Y]
    if y == 0:
        return 0
    x = s[_X] - 49
    by_left, by_right, by_wall = 15 <= x <= 19, 139 <= x <= 143, y < 50 or y > 203
    if not (by_left or by_right or by_wall):
        return 0
    touch = 0
    left, right = s[_SHOWN_LEFT], s[_SHOWN_RIGHT]
    left_top, right_top = left - 15 + (left & 1), right - 14 + (right & 1)
    for column in range(x, x + 2):
        first, end = _ball_rows(column, y, left, right, pot_line)
        if 16 <= column <= 19 and first <= left_top + 15 and end > left_top:
            touch |= _LEFT
        if 140 <= column <= 143 and first <= right_top + 15 and end > right_top:
            touch |= _RIGHT
        if first <= 33 or end > 194:
            touch |= _WALL
    return touch


@compiled(fastmath=False)
def _move_ball(s):
    """Serve, score, or bounce and move the ball, according to the last picture's collisions."""
    faster = s[_VARIATION] & 1
    if s[_WAIT]:
        s[_Y] = 0
        s[_WAIT] -= 1
        if s[_WAIT]:
            return
        s[_HITS] = 0
        s[_X] = s[_AI] = s[_Y] = 128
        s[_VY] = 1 if s[_VY] < 128 else 255
        s[_VX] = 1 if s[_SERVER] & 1 else 255
    else:
        out = _signed(s[_X] - 1)
        if (out if out >= 0 else ~out) >> 2 < 13:
            side = 0 if s[_X] & 128 else 1
            s[_SCORE_LEFT + side] += 1
            s[_SERVER] = side
            s[_WAIT] = 63
            return
        edge = _signed(s[_Y] + 2)
        touch = s[_TOUCH]
        if touch & _WALL and (edge if edge >= 0 else ~edge) >> 3 < 6:
            s[_Y] = (s[_Y] + (1 if s[_Y] < 128 else -1)) & 255
            s[_VY] = -s[_VY] & 255
        elif touch & (_LEFT | _RIGHT):
            side = 1 if touch & _RIGHT else 0
            s[_HITS] = (s[_HITS] + 1) & 255
            s[_SERVER] = side
            vx = _signed(s[_VX])
            if faster and s[_HITS] & 3 == 0 and s[_HITS]:
                vx = max(vx - 1, -4) if vx < 0 else min(vx + 1, 4)
            s[_VX] = (-vx if (vx < 0) == (side == 1) else vx) & 255
            offset = ((s[_SHOWN_LEFT + side] + 6 - s[_Y]) & 63) >> 1
            s[_VY] = (-(offset if offset < 16 else offset - 32) >> 1) & 255
    s[_Y] = (s[_Y] + s[_VY] * (2 if faster and s[_BUTTON] else 1)) & 255
    s[_X] = (s[_X] - s[_VX]) & 255


@compiled(fastmath=False)
def play_frame(s, left, right):
    """Play one frame (1/60 s) in the cartridge's own order.

    Args:
        s: The game's row, changed in place.
        left: −1 up, 0, +1 down; ignored in variations 0 and 1, where the CPU plays.
        right: The same.
    """
    two = s[_VARIATION] >= 2
    if two:
        # the serve button is held while the ball waits, and released once it moves
        if s[_WAIT] and s[_SERVER] != 255:
            s[_SERVER] |= 4
            s[_BUTTON] = 1
        else:
            s[_BUTTON] = 0
    if s[_SCORE_LEFT] < 21 and s[_SCORE_RIGHT] < 21:
        _move_ball(s)
    s[_SHOWN_LEFT], s[_SHOWN_RIGHT] = s[_PADDLE_LEFT], s[_PADDLE_RIGHT]
    if not two:
        if s[_CLOCK] & 7 and s[_AI] != s[_Y]:
            s[_AI] += -2 if s[_AI] > s[_Y] else 2
        s[_SHOWN_LEFT] = s[_AI]
    s[_POT_LEFT] = min(_POT_MOST, max(_POT_LEAST, s[_POT_LEFT] + _POT_STEP * left))
    s[_POT_RIGHT] = min(_POT_MOST, max(_POT_LEAST, s[_POT_RIGHT] + _POT_STEP * right))
    s[_TOUCH] = _touches(s, _pot_line(s, s[_CLOCK]))
    if s[_CLOCK] & 1:
        s[_PADDLE_RIGHT] = (s[_PADDLE_RIGHT] + _reading(s[_POT_RIGHT])) >> 1
    else:
        s[_PADDLE_LEFT] = (s[_PADDLE_LEFT] + _reading(s[_POT_LEFT])) >> 1
    s[_CLOCK] = (s[_CLOCK] + 1) & 255
    if s[_SERVER] < 4:  # a player's own button, which nobody presses during play
        s[_BUTTON] = 0
    s[_FRAMES] += 1


@compiled(fastmath=False)
def draw(chance, game):
    """Draw the next 64 random bits of a game (splitmix64: Steele, Lea and Flood, 2014)."""
    chance[game] += np.uint64(0x9E3779B97F4A7C15)
    z = chance[game]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@compiled(fastmath=False)
def uniform(chance, game):
    """Draw a number from [0, 1), in steps of 2⁻⁵³."""
    return (draw(chance, game) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@compiled(fastmath=False)
def decide(s, chance, game, left, right, frame_skip, sticky, max_frames):  # noqa: PLR0917
    """Hold a decision for ``frame_skip`` frames, or until the game ends.

    Sticky actions may repeat the last frame's direction, with a new draw for each frame, as in ALE. ``left``
    is used in variations 2 and 3 only.

    Returns:
        Points won by the right side minus points lost.
    """
    before = s[_SCORE_RIGHT] - s[_SCORE_LEFT]
    two = s[_VARIATION] >= 2
    for _ in range(frame_skip):
        if sticky == 0 or uniform(chance, game) >= sticky:
            s[_HELD_RIGHT] = right
        if two and (sticky == 0 or uniform(chance, game) >= sticky):
            s[_HELD_LEFT] = left
        play_frame(s, s[_HELD_LEFT], s[_HELD_RIGHT])
        if s[_SCORE_LEFT] > 20 or s[_SCORE_RIGHT] > 20 or s[_FRAMES] >= max_frames:
            break
    s[_DECISIONS] += 1
    return s[_SCORE_RIGHT] - s[_SCORE_LEFT] - before


@compiled(fastmath=False)
def see(s, mirrored):
    """Encode what a side sees now as one number.

    Bits 0–6 and 7–13: where the far and the near paddle's eight rows begin, counted from 32 rows above the
    view. Bits 14–26: the ball's first pixel. Bits 27–29: which of three pixels, downwards from there, are
    lit and not hidden by a paddle. The picture equals `observation.crop` of the emulator's screen.

    Args:
        s: The game's row.
        mirrored: 0 for the right side, 1 for the left, which sees the mirror image.
    """
    left, right = s[_SHOWN_LEFT], s[_SHOWN_RIGHT]
    left_row = (left - 50 + (left & 1)) >> 1
    right_row = (right - 48 + (right & 1)) >> 1
    far, near = (right_row, left_row) if mirrored else (left_row, right_row)
    code = (far + _ABOVE) | (near + _ABOVE) << 7
    if s[_FRAMES] == 0:
        column = 78 if mirrored else _FIRST_BALL_COLUMN
        return code | (_FIRST_BALL_ROW * 80 + column) << 14 | 3 << 27
    if s[_Y] == 0:
        return code
    x = s[_X] - 49
    on_screen = (x + (1 - (x & 1) if mirrored else x & 1)) % 160  # a fast ball beyond the edge may wrap round
    column = (159 - on_screen) >> 1 if mirrored else on_screen >> 1
    line = _pot_line(s, s[_CLOCK] - 1)  # the clock advanced after the picture
    first, end = _ball_rows(on_screen, s[_Y], left, right, line)
    top = max((first - 34) >> 1, 0)
    hides = far if 8 <= column <= 9 else near if 70 <= column <= 71 else -99
    mask = 0
    for row in range(top, min((end - 34) >> 1, 80)):
        if not hides <= row < hides + 8:
            mask |= 1 << (row - top)
    return code | (top * 80 + column) << 14 | mask << 27 if mask else code


def ball_on_screen(s: NDArray[np.int32]) -> list[tuple[int, int, int]]:
    """Where the picture shows the ball: (column, first row, row after the last) of its two columns."""
    if s[_Y] == 0 or s[_FRAMES] == 0:
        return []
    line = _pot_line(s, s[_CLOCK] - 1)
    columns = [(int(s[_X]) - 49 + step) % 160 for step in range(2)]
    return [(x, *_ball_rows(x, s[_Y], s[_SHOWN_LEFT], s[_SHOWN_RIGHT], line)) for x in columns]
