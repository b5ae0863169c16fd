"""Rollouts of two stacked networks in one compiled call; the left one sees the mirror image."""

import numpy as np

from pongarena.core.compilation import compiled
from pongarena.game.compiled import State, begin_game, decide, see, uniform
from pongarena.training.rollout_kernels import ENTRIES, act, ending, look, move_of

__all__ = ["play_both"]

_SCORE_LEFT, _SCORE_RIGHT = int(State.SCORE_LEFT), int(State.SCORE_RIGHT)
_VARIATION, _FRAMES, _DECISIONS = int(State.VARIATION), int(State.FRAMES), int(State.DECISIONS)
_OLDER, _NEWER = int(State.OLDER), int(State.NEWER)
_OLDER_LEFT, _NEWER_LEFT = int(State.OLDER_LEFT), int(State.NEWER_LEFT)


@compiled
def play_both(  # noqa: PLR0917
    states, chance, players, first, last, steps, rules, tables, deeper, widths, heads, buffer
):
    """Play some of n two-player games. In game i, the right side is seat i and the left side seat n + i.

    Args:
        states: Shape (n, ≥ len(State)), int32: one row per game; changed.
        chance: Shape (n,), uint64: random states; changed.
        players: Shape (2, n), int64: index in the stack of the network on the right and on the left.
        first: Start of the range of games.
        last: End of the range, exclusive.
        steps: Decisions to play in each game.
        rules: A `Table`.
        tables: Shape (k, `BLOCK`, units): first layers.
        deeper: Shape (k, …): the matrices between the hidden layers; see `network_kernels.finish`.
        widths: Units of each hidden layer.
        heads: Shape (k, outputs, units): last layers.
        buffer: Receives the results; a `RolloutBuffer` with both seats of every game.
    """
    h = np.empty(widths.sum(), np.float32)
    nothing, z = np.zeros(heads.shape[1], np.float32), np.empty(heads.shape[1], np.float32)
    columns, values = buffer.columns.reshape(-1), buffer.values.reshape(-1)
    moves, per_seat = np.zeros(2, np.int64), buffer.middle.shape[1]
    for game in range(first, last):
        s, seats = states[game], (game, states.shape[0] + game)
        for t in range(steps + 1):
            for side in range(2):
                seat, player = seats[side], players[side, game]
                buffer.played[seat] = t
                older, newer = s[_OLDER], s[_NEWER]
                if side:
                    older, newer = s[_OLDER_LEFT], s[_NEWER_LEFT]
                start = (seat * per_seat + t) * ENTRIES
                middle, end = look(older, newer, rules.fade, rules.places, columns, values, start)
                buffer.middle[seat, t], buffer.end[seat, t] = middle, end
                if t < steps:
                    noise = uniform(chance, game)
                    action = act(
                        columns,
                        values,
                        start,
                        middle,
                        noise,
                        tables[player],
                        deeper[player],
                        widths,
                        heads[player],
                        h,
                        nothing,
                        z,
                    )
                    moves[side] = move_of(action, z.shape[0])
                    buffer.actions[seat, t] = action
                    for output in range(z.shape[0]):
                        buffer.logits[seat, t, output] = z[output]
            if t == steps:
                break
            reward = decide(
                s, chance, game, moves[1], moves[0], rules.frame_skip, rules.sticky, rules.max_frames
            )
            s[_OLDER], s[_NEWER] = s[_NEWER], see(s, 0)
            s[_OLDER_LEFT], s[_NEWER_LEFT] = s[_NEWER_LEFT], see(s, 1)
            ended = ending(s[_SCORE_RIGHT], s[_SCORE_LEFT], s[_FRAMES], rules.max_frames)
            for side in range(2):
                seat = seats[side]
                buffer.rewards[seat, t], buffer.ended[seat, t] = -reward if side else reward, ended
                if ended:
                    buffer.final[seat, t, side] = s[_SCORE_RIGHT]
                    buffer.final[seat, t, 1 - side] = s[_SCORE_LEFT]
                    buffer.final[seat, t, 2] = s[_DECISIONS]
            if ended:
                begin_game(s, s[_VARIATION])
                s[_OLDER] = s[_NEWER] = see(s, 0)
                s[_OLDER_LEFT] = s[_NEWER_LEFT] = see(s, 1)
