"""A decision in many compiled games at once, and what their players see of it."""

from pongarena.core.compilation import compiled
from pongarena.game.compiled import State, begin_game, decide, draw, see, uniform

__all__ = ["begin", "draw_all", "play", "write_changes"]

_SERVER, _VY = int(State.SERVER), int(State.BALL_VY)
_OLDER, _NEWER, _FRAMES = int(State.OLDER), int(State.NEWER), int(State.FRAMES)
_SCORE_LEFT, _SCORE_RIGHT = int(State.SCORE_LEFT), int(State.SCORE_RIGHT)


@compiled
def begin(s, chance, game, variation, mirrored):
    """Starts a game; with two players outside, its chance directs the first serve."""
    begin_game(s, variation)
    if variation >= 2:
        direction = draw(chance, game) >> 62
        s[_SERVER] = 4 + (direction & 1)
        s[_VY] = 1 if direction & 2 else 255
    s[_OLDER] = s[_NEWER] = see(s, mirrored)


@compiled
def draw_all(chance, draws):
    """Writes a number of each game's chance, 0 up to 1, to `draws`, shape (n,), float32."""
    for game in range(len(chance)):
        draws[game] = uniform(chance, game)


@compiled
def play(states, chance, resets, moves, rules, rewards, over, truncated):  # noqa: PLR0917
    """Plays a decision in each game, or starts it anew.

    Args:
        states: Shape (n, len(State)), int32; changed.
        chance: Shape (n,), uint64; changed.
        resets: Shape (n,), bool: which games are started instead; their moves are ignored.
        moves: Shape (n, 2), int8: of the left and the right side.
        rules: (variation, frame skip, stickiness, cap of frames, 1 for an agent on the left).
        rewards: Shape (n,), float64: the agent's points, written.
        over: Shape (n,), bool, written.
        truncated: Shape (n,), bool, written.
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
    """Adds a value to the pixels of a view that are lit in a code of `see`."""
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
    """Brings observations up to date, touching only what changes.

    Args:
        written: Shape (n, 2), int32: the codes that `views` shows: the later and the earlier one; changed.
        states: The games.
        views: Shape (n, 80, 80): all zero where nothing was written yet; changed.
        difference: 1 to take the earlier view off the later one, 0 for the later one alone.
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
