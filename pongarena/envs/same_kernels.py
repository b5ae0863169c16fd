"""Play the compiled game with inputs that seek edge cases, and record what the emulator must show.

The inputs depend only on the compiled game. So one compiled call plays a stretch of frames, and then the
emulator gets the same inputs.
"""

from enum import IntEnum

import numpy as np

from pongarena.core.compilation import compiled
from pongarena.game.compiled import State, begin_game, decide, draw, play_frame, see

__all__ = ["NO_KNOB", "ON", "Order", "Plan", "rehearse", "rehearse_decisions"]

ON = -1
"""Continue the game instead of starting a new one."""

NO_KNOB = -1
"""No paddle height is set: the paddle moves in its direction."""


class Order(IntEnum):
    """The emulator's input in a frame: columns of the recorded orders."""

    MOVE = 0
    """The right side's direction."""
    KNOB = 1
    """The right paddle's height to set before the frame, or `NO_KNOB`."""
    LEFT = 2
    """The left paddle's height to set before the frame; unused against the CPU."""


class Plan(IntEnum):
    """How a side plays for a while: columns of the plans, with one row per side."""

    STYLE = 0
    AIM = 1
    """How much higher than the ball to hold the paddle."""
    HEIGHT = 2
    """Where to hold the paddle, or its position in a sweep."""
    FRAMES = 3
    """Remaining frames."""


_STYLE, _AIM, _HEIGHT, _LEFT_OVER = int(Plan.STYLE), int(Plan.AIM), int(Plan.HEIGHT), int(Plan.FRAMES)

_MEET, _RANDOM_KNOB, _SWEEP, _SHAKE, _HOLD, _LATE, _END, _REST, _STYLES = 5, 6, 7, 8, 9, 10, 11, 12, 20
"""Styles; up to `_MEET` the paddle is set to meet the ball; above `_REST` it follows it by directions."""

_TOP, _HEIGHTS = 38, 166
"""Lowest value and number of a paddle's heights: 38..203."""

_LEAST_AIM, _AIMS = -7, 27
"""Lowest value and number of aims: every row of a paddle, and beyond both ends."""

_PADDLE_ROWS = 16

_DEAD = 5
"""A paddle closer to its aim than this does not move: its speed is 5.7 rows per frame."""

_RALLY_FRAMES, _RALLIES = 4_000, 25_000
"""Duration in frames of phases where both sides meet every ball; one starts once in so many frames."""

_SCORE_LEFT, _SCORE_RIGHT = int(State.SCORE_LEFT), int(State.SCORE_RIGHT)
_X, _Y, _VY, _SERVER = int(State.BALL_X), int(State.BALL_Y), int(State.BALL_VY), int(State.SERVER)
_PADDLE_LEFT, _PADDLE_RIGHT = int(State.PADDLE_LEFT), int(State.PADDLE_RIGHT)
_HELD_RIGHT, _FRAMES, _VARIATION = int(State.HELD_RIGHT), int(State.FRAMES), int(State.VARIATION)
_MOVE, _KNOB, _LEFT = int(Order.MOVE), int(Order.KNOB), int(Order.LEFT)


@compiled(fastmath=False)
def _below(chance, game, limit):
    """Draw an integer from 0 to below a limit."""
    return np.int64(draw(chance, game) % np.uint64(limit))


@compiled(fastmath=False)
def _choose_plan(chance, game, plan):
    """Continue a plan, or draw a new one."""
    plan[_LEFT_OVER] -= 1
    if plan[_LEFT_OVER] < 0:
        plan[_STYLE] = _below(chance, game, _STYLES)
        plan[_AIM] = _LEAST_AIM + _below(chance, game, _AIMS)
        if plan[_AIM] & 1:  # more often somewhere on the paddle
            plan[_AIM] = _below(chance, game, _PADDLE_ROWS) - 1
        plan[_HEIGHT] = _TOP + _below(chance, game, _HEIGHTS)
        mischief = _MEET < plan[_STYLE] <= _REST
        plan[_LEFT_OVER] = 10 + _below(chance, game, 80 if mischief else 300)


@compiled(fastmath=False)
def _follow(y, paddle, aim):
    """Return the direction that brings a paddle to the ball."""
    if y == 0:
        return 0
    distance = y - paddle - aim
    return -1 if distance < -_DEAD else 1 if distance > _DEAD else 0


@compiled(fastmath=False)
def _control(s, chance, plan, side):  # noqa: PLR0911  # one per style
    """Return a side's input for the next frame: a direction, and a height or `NO_KNOB`."""
    style, aim, height, y = plan[_STYLE], plan[_AIM], plan[_HEIGHT], s[_Y]
    meeting = min(max(y - aim, _TOP), _TOP + _HEIGHTS - 1) if y else height
    away = _TOP if height & 1 else _TOP + _HEIGHTS - 1
    if style <= _MEET:
        return 0, meeting
    if style == _RANDOM_KNOB:
        return 0, _TOP + _below(chance, 0, _HEIGHTS)
    if style == _SWEEP:
        plan[_HEIGHT] = height + 1 if height < _TOP + _HEIGHTS - 1 else _TOP
        return 0, height
    if style == _SHAKE:
        return _below(chance, 0, 3) - 1, NO_KNOB
    if style == _HOLD:
        return (-1 if height & 1 else 1), NO_KNOB
    if style == _LATE:  # reach the ball when it has nearly passed, or just has
        x = s[_X] - 49
        passes = x <= 10 + (height & 15) if side == 0 else x >= 149 - (height & 15)
        return 0, (meeting if passes else away)
    if style == _END:
        return 0, away
    if style == _REST:
        return 0, NO_KNOB
    return _follow(y, s[_PADDLE_LEFT + side], aim), NO_KNOB


@compiled(fastmath=False)
def rehearse(s, chance, plans, begin, rows, seen, orders):  # noqa: PLR0917
    """Play a stretch of a game frame by frame; it ends early with the game.

    Args:
        s: The game's row; changed.
        chance: Shape (1,), uint64: random state for the inputs; changed.
        plans: Shape (2, len(Plan)), int32; changed.
        begin: `ON`, or a new game's variation plus, for two players, 4 × the first serve's direction (0..3).
        rows: Shape (n, len(State)), int32: receives the row after each frame; for a new game also the
            initial one.
        seen: Shape (n, 2), int32: receives the codes of the right and the left side's views.
        orders: Shape (n, len(Order)), int32: receives the inputs.

    Returns:
        Number of rows written.
    """
    at = 0
    if begin != ON:
        begin_game(s, begin & 3)
        if begin & 3 >= 2:
            s[_SERVER] = 4 + ((begin >> 2) & 1)
            s[_VY] = 1 if begin & 8 else 255
        rows[0], seen[0, 0], seen[0, 1] = s, see(s, 0), see(s, 1)
        at = 1
    two = s[_VARIATION] >= 2
    while at < len(rows) and s[_SCORE_LEFT] < 21 and s[_SCORE_RIGHT] < 21:
        _choose_plan(chance, 0, plans[0])
        _choose_plan(chance, 0, plans[1])
        if _below(chance, 0, _RALLIES) == 0:
            for plan in plans:
                plan[_STYLE], plan[_AIM] = _MEET, _below(chance, 0, _PADDLE_ROWS) - 1
                plan[_LEFT_OVER] = _RALLY_FRAMES
        left, left_knob = _control(s, chance, plans[0], 0)
        right, right_knob = _control(s, chance, plans[1], 1)
        if two and left_knob != NO_KNOB:
            s[_PADDLE_LEFT] = left_knob
        if right_knob != NO_KNOB:
            s[_PADDLE_RIGHT] = right_knob
        orders[at, _MOVE], orders[at, _KNOB], orders[at, _LEFT] = right, right_knob, s[_PADDLE_LEFT]
        play_frame(s, left if two else 0, right)
        rows[at], seen[at, 0], seen[at, 1] = s, see(s, 0), see(s, 1)
        at += 1
    return at


@compiled(fastmath=False)
def rehearse_decisions(  # noqa: PLR0917
    states, chance, plans, begin, frame_skip, max_frames, stuck, used, up, rewards, ended, seen
):
    """Play decisions in some games against the CPU; a finished game restarts.

    Args:
        states: Shape (games, len(State)), int32; changed.
        chance: Shape (games,), uint64; changed.
        plans: Shape (games, len(Plan)), int32; changed.
        begin: 1 to start all games first.
        frame_skip: Frames that each decision is held for.
        max_frames: Frames after which a game is cut off.
        stuck: Shape (games, frames), bool: whether the console repeats the last action in a frame; without
            columns it never does, and `decide` is called for whole decisions.
        used: Shape (games,), int64: number of frames played is added to it.
        up: Shape (n, games), bool: receives the decisions.
        rewards: Shape (n, games), int32: receives points won minus points lost.
        ended: Shape (n, games), int32: receives 1 where a game ended, 2 where it was cut off.
        seen: Shape (n, games, 2), int32: receives the codes of the views before and after each decision;
            after a game's last decision, the view before it again, as in the emulator.
    """
    sticky = stuck.shape[1] > 0
    for game in range(len(states)):
        s, plan = states[game], plans[game]
        if begin:
            begin_game(s, 0)
        for t in range(len(up)):
            _choose_plan(chance, game, plan)
            direction = _follow(s[_Y], s[_PADDLE_RIGHT], plan[_AIM])
            if plan[_STYLE] == _HOLD:
                direction = -1 if plan[_HEIGHT] & 1 else 1
            if direction == 0 or plan[_STYLE] == _SHAKE:
                direction = 2 * _below(chance, game, 2) - 1
            reward, before = 0, see(s, 0)
            for _ in range(frame_skip if sticky else 1):
                held, start = direction, s[_FRAMES]
                if sticky and stuck[game, used[game]]:
                    held = s[_HELD_RIGHT]
                reward += decide(s, chance, game, 0, held, 1 if sticky else frame_skip, 0.0, max_frames)
                used[game] += s[_FRAMES] - start
                over = s[_SCORE_LEFT] > 20 or s[_SCORE_RIGHT] > 20
                cut = not over and s[_FRAMES] >= max_frames
                if over or cut:
                    break
            up[t, game], rewards[t, game] = direction < 0, reward
            ended[t, game] = 2 if cut else 1 if over else 0
            seen[t, game, 0], seen[t, game, 1] = before, before if over or cut else see(s, 0)
            if over or cut:
                begin_game(s, 0)
