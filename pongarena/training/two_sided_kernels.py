"""Rollouts of two networks of a stack in one compiled call; the left one sees the mirror image."""

import numpy as np

from pongarena.core.compilation import compiled
from pongarena.game.compiled import State, begin_game, decide, see, uniform
from pongarena.training.rollout_kernels import act, look, note

__all__ = ["play_both"]

_SCORE_LEFT, _SCORE_RIGHT = int(State.SCORE_LEFT), int(State.SCORE_RIGHT)
_VARIATION, _OLDER, _NEWER = int(State.VARIATION), int(State.OLDER), int(State.NEWER)
_OLDER_LEFT, _NEWER_LEFT = int(State.OLDER_LEFT), int(State.NEWER_LEFT)


@compiled
def play_both(  # noqa: PLR0917
    states, chance, players, first, last, steps, rules, tables, deeper, widths, heads, buffer
):
    """Plays some of n games of two players. The right seat of game i is seat i, the left one seat n + i.

    Args:
        states: Shape (n, ≥ len(State)), int32: a row a game; changed.
        chance: Shape (n,), uint64; changed.
        players: Shape (2, n), int64: which network of the stack plays on the right, and which on the left.
        first: Range of the games.
        last: Its end.
        steps: Decisions to play in each.
        rules: A `Table`.
        tables: Shape (k, `BLOCK`, units): first layers.
        deeper: Shape (k, …): the matrices between the hidden layers; see `network_kernels.finish`.
        widths: Units of the hidden layers.
        heads: Shape (k, outputs, units): last layers.
        buffer: `RolloutBuffer` with room for both seats of every game.
    """
    h = np.empty(widths.sum(), np.float32)
    nothing = np.zeros(heads.shape[1], np.float32)
    for right in range(first, last):
        left, s = states.shape[0] + right, states[right]
        one, other = players[0, right], players[1, right]
        buffer.played[right] = buffer.played[left] = 0
        for t in range(steps + 1):
            look(s[_OLDER], s[_NEWER], right, t, rules, buffer)
            look(s[_OLDER_LEFT], s[_NEWER_LEFT], left, t, rules, buffer)
            if t == steps:
                break
            near = act(
                right,
                t,
                uniform(chance, right),
                tables[one],
                deeper[one],
                widths,
                heads[one],
                h,
                nothing,
                buffer,
            )
            far = act(
                left,
                t,
                uniform(chance, right),
                tables[other],
                deeper[other],
                widths,
                heads[other],
                h,
                nothing,
                buffer,
            )
            reward = decide(s, chance, right, far, near, rules.frame_skip, rules.sticky, rules.max_frames)
            s[_OLDER], s[_NEWER] = s[_NEWER], see(s, 0)
            s[_OLDER_LEFT], s[_NEWER_LEFT] = s[_NEWER_LEFT], see(s, 1)
            note(s, left, t, -reward, s[_SCORE_LEFT], s[_SCORE_RIGHT], rules, buffer)
            if note(s, right, t, reward, s[_SCORE_RIGHT], s[_SCORE_LEFT], rules, buffer):
                begin_game(s, s[_VARIATION])
                s[_OLDER] = s[_NEWER] = see(s, 0)
                s[_OLDER_LEFT] = s[_NEWER_LEFT] = see(s, 1)
