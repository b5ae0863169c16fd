"""Compiled functions that play a decision in many games, and update their observations."""

from pongarena.core.compilation import compiled
from pongarena.game.compiled import State, begin_game, decide, draw, see, uniform

__all__ = ["begin", "draw_all", "play", "write_changes"]

_SERVER, _VY = int(State.SERVER), int(State.BALL_VY)
_OLDER, _NEWER, _FRAMES = int(State.OLDER), int(State.NEWER), int(State.FRAMES)
_SCORE_LEFT, _SCORE_RIGHT = int(State.SCORE_LEFT), int(State.SCORE_RIGHT)


@compiled
def begin(s, chance, game, variation, mirrored):
    """Start a game; with two external players, the direction of the first serve is random."""
    begin_game(s, variation)
    if variation >= 2:
        direction = draw(chance, game) >> 62
        s[_SERVER] = 4 + (direction & 1)
        s[_VY] = 1 if direction & 2 else 255
    s[_OLDER] = s[_NEWER] = see(s, mirrored)


@compiled
def draw_all(chance, draws):
    """Draw a number from 0 up to 1 from each game's random stream into `draws`, shape (n,), float32."""
    for game in range(len(chance)):
        draws[game] = uniform(chance, game)


@compiled
def play(states, chance, resets, moves, rules, rewards, over, truncated):  # noqa: PLR0917
    """Play a decision in each game, or restart it.

    Args:
        states: Shape (n, len(State)), int32; changed.
        chance: Shape (n,), uint64: random states; changed.
        resets: Shape (n,), bool: the games to restart instead; their moves are ignored.
        moves: Shape (n, 2), int8: moves of the left and the right side.
        rules: (variation, frame skip, stickiness, frame limit, 1 for an agent on the left).
        rewards: Shape (n,), float64: receives the agent's points.
        over: Shape (n,), bool: receives whether a side has 21 points.
        truncated: Shape (n,), bool: receives whether the frame limit ended the game.
    """
    variation, frame_skip, sticky, max_frames, mirrored = rules
    for game in range(len(states)):
        s = states[game]
        rewards[game] = 0
        over[game] = truncated[game] = False
        if resets[game]:
            begin(s, chance, game, variation, mirrored)
            continue
        points = decide(s, chance, game, moves[game, 0], moves[game, 1], frame_skip, sticky, max_frames)
        rewards[game] = -points if mirrored else points
        over[game] = s[_SCORE_LEFT] > 20 or s[_SCORE_RIGHT] > 20
        truncated[game] = not over[game] and s[_FRAMES] >= max_frames
        s[_OLDER] = s[_NEWER]
        s[_NEWER] = see(s, mirrored)


@compiled
def _add(code, value, view):
    """Add a value to the pixels of a view that are lit in a code of `see`."""
    for shift in (0, 7):
        top = ((code >> shift) & 127) - 32
        column = 70 if shift else 8
        for row in range(max(top, 0), min(top + 8, 80)):
            view[row, column] += value
            view[row, column + 1] += value
    pixel, mask = (code >> 14) & 8191, code >> 27
    while mask:
        if mask & 1:
            view[pixel // 80, pixel % 80] += value
        pixel += 80
        mask >>= 1


@compiled
def write_changes(written, states, views, difference):
    """Update observations, touching only what changes.

    Args:
        written: Shape (n, 2), int32: the codes shown in `views`, the later and the earlier one; changed.
        states: The games.
        views: Shape (n, 80, 80): zeros where nothing was written yet; changed.
        difference: 1 to subtract the earlier view from the later one, 0 for the later one only.
    """
    for game in range(len(states)):
        older, newer = states[game, _OLDER], states[game, _NEWER]
        if written[game, 0] != 0:
            _add(written[game, 0], -1, views[game])
            if difference:
                _add(written[game, 1], 1, views[game])
        _add(newer, 1, views[game])
        if difference:
            _add(older, -1, views[game])
        written[game, 0], written[game, 1] = newer, older
