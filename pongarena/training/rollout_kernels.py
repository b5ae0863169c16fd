"""Whole rollouts in one compiled call: the cartridge's rules, the frames, the network and the sampling.

The calls release the interpreter lock (GIL), so games run on all cores. Each game has its own random stream,
so its course does not depend on the games played beside it.
"""

from typing import NamedTuple

import numpy as np

from pongarena.core.compilation import compiled
from pongarena.game.compiled import POSITIONS, State, begin_game, decide, see, uniform
from pongarena.nn.network_kernels import BLOCK, PIXELS, finish

__all__ = [
    "DIFFERENCE_ENTRIES",
    "ENTRIES",
    "RolloutBuffer",
    "Table",
    "act",
    "choose",
    "ending",
    "look",
    "move_of",
    "play",
    "write_frame",
]

DIFFERENCE_ENTRIES = 10
"""Maximum entries of a difference frame: two paddles and three ball pixels, each appearing and vanishing."""

ENTRIES = DIFFERENCE_ENTRIES + 5
"""The same followed by the lit pixels: two paddles and three ball pixels."""

_SCORE_LEFT, _SCORE_RIGHT = int(State.SCORE_LEFT), int(State.SCORE_RIGHT)
_VARIATION, _FRAMES, _DECISIONS = int(State.VARIATION), int(State.FRAMES), int(State.DECISIONS)
_OLDER, _NEWER = int(State.OLDER), int(State.NEWER)


class Table(NamedTuple):
    """The settings of the games.

    Attributes:
        frame_skip: Frames that each decision is held for.
        sticky: Probability that the console repeats the previous action.
        max_frames: Frames after which a game is cut off.
        fade: Factor of the earlier view before it is subtracted: 1 gives the difference frame.
        endless: 1 to replace a finished game by a new one, 0 to stop there.
        places: Shape (6400,), int16: the input of each pixel of the view; see `Observation.places`.
    """

    frame_skip: int
    sticky: float
    max_frames: int
    fade: float
    endless: int
    places: np.ndarray


class RolloutBuffer(NamedTuple):
    """The results of T decisions in n games; frames include one more, after the last decision.

    Attributes:
        columns: Shape (n, T + 1, `ENTRIES`), int16: the frames' inputs.
        values: The same shape, float32.
        middle: Shape (n, T + 1), int64: end of each difference frame in the flattened `columns`.
        end: Shape (n, T + 1), int64: end of the lit pixels after it.
        logits: Shape (n, T, outputs), float32.
        actions: Shape (n, T), int8: numbered as in `AgentSpec.moves`.
        rewards: Shape (n, T), int8.
        ended: Shape (n, T), int8: 1 where a game ended, 2 where it was cut off.
        final: Shape (n, T, 3), int32: points won, points lost and decisions of a game that ended there.
        played: Shape (n,), int64: number of decisions played.
    """

    columns: np.ndarray
    values: np.ndarray
    middle: np.ndarray
    end: np.ndarray
    logits: np.ndarray
    actions: np.ndarray
    rewards: np.ndarray
    ended: np.ndarray
    final: np.ndarray
    played: np.ndarray


@compiled
def _write_ball(code, base, value, places, columns, values, at):  # noqa: PLR0917
    """Write the ball in a code of `see` as entries; return the next free index."""
    pixel, mask = (code >> 14) & 8191, code >> 27
    while mask:
        if mask & 1 and places[pixel] >= 0:
            columns[at], values[at] = base + places[pixel], value
            at += 1
        pixel += 80
        mask >>= 1
    return at


@compiled
def _write_view(code, base, value, places, columns, values, at):  # noqa: PLR0917
    """Write the view in a code of `see` as entries; return the next free index."""
    columns[at] = base + PIXELS + (code & 127)
    columns[at + 1] = base + PIXELS + POSITIONS + ((code >> 7) & 127)
    values[at] = values[at + 1] = value
    return _write_ball(code, base, value, places, columns, values, at + 2)


@compiled
def write_frame(older, newer, fade, places, columns, values, at):  # noqa: PLR0917
    """Write the later view minus `fade` times the earlier one as entries; return the next free index.

    With ``fade`` 1, equal parts are left out, as in a difference frame. A ball pixel in both views is
    written twice, with values whose sum is 0.
    """
    if fade != 1:
        at = _write_view(newer, 0, np.float32(1), places, columns, values, at)
        return _write_view(older, 0, np.float32(-fade), places, columns, values, at)
    for shift in (0, 7):
        now, before = (newer >> shift) & 127, (older >> shift) & 127
        if now != before:
            run = PIXELS + (POSITIONS if shift else 0)
            columns[at], values[at] = run + now, np.float32(1)
            columns[at + 1], values[at + 1] = run + before, np.float32(-1)
            at += 2
    if newer >> 14 != older >> 14:
        at = _write_ball(newer, 0, np.float32(1), places, columns, values, at)
        at = _write_ball(older, 0, np.float32(-1), places, columns, values, at)
    return at


@compiled(inline="always")
def choose(logits, noise):
    """Sample an action, given noise that is uniform in 0..1; see `distributions.draw`."""
    if logits.shape[0] == 1:
        return 0 if noise < 1.0 / (1.0 + np.exp(-np.float64(logits[0]))) else 1
    top, total = np.float64(logits[0]), 0.0
    for a in range(logits.shape[0]):
        top = max(top, np.float64(logits[a]))
    for a in range(logits.shape[0]):
        total += np.exp(np.float64(logits[a]) - top)
    reached, action = 0.0, 0
    for a in range(logits.shape[0] - 1):
        reached += np.exp(np.float64(logits[a]) - top)
        if noise * total >= reached:
            action = a + 1
    return action


@compiled
def move_of(action, outputs):
    """Convert an action's number to −1 (up), 0 (stay) or +1 (down)."""
    return action - 1 if outputs > 1 else 2 * action - 1


@compiled
def look(older, newer, fade, places, columns, values, at):  # noqa: PLR0917
    """Write what a seat sees, from codes of `see`, as entries; return the ends of its two parts."""
    middle = write_frame(older, newer, fade, places, columns, values, at)
    return middle, _write_view(newer, BLOCK, np.float32(1), places, columns, values, middle)


@compiled(inline="always")
def act(columns, values, start, stop, noise, table, deeper, widths, head, h, nothing, z):  # noqa: PLR0917
    """Choose an action for a frame; return its number.

    It takes arrays instead of the `RolloutBuffer`, and is inlined into its callers, because numba counts
    references to every part of its arguments, and calls cost as much as the sums.

    Args:
        columns: Each entry's input.
        values: Each entry's value.
        start: Start of the frame's entries.
        stop: End of the frame's entries.
        noise: Uniform in 0..1.
        table: Shape (`BLOCK` or more, units): the network's first layer.
        deeper: The matrices between its hidden layers; see `network_kernels.finish`.
        widths: Units of each hidden layer.
        head: Shape (outputs, units): its last layer.
        h: Scratch space for its hidden layers.
        nothing: Shape (outputs,): zeros.
        z: Shape (outputs,): receives the logits.
    """
    units = np.uint64(table.shape[1])
    for j in range(units):
        h[j] = 0
    for k in range(start, stop):
        column, value = np.uint64(columns[k]), values[k]
        for j in range(units):
            h[j] += value * table[column, j]
    finish(deeper, widths, head, nothing, h, z)
    return choose(z, noise)


@compiled
def ending(won, lost, frames, max_frames):
    """Return 1 when a game is over by points, 2 when it is cut off, else 0."""
    return 1 if won > 20 or lost > 20 else 2 if frames >= max_frames else 0


@compiled
def play(states, chance, first, last, steps, rules, table, deeper, widths, head, buffer):  # noqa: PLR0917
    """Play some games with one network on the right side, and record everything.

    Args:
        states: Shape (n, ≥ len(State)), int32: one row per game; changed.
        chance: Shape (n,), uint64: random states; changed.
        first: Start of the range of games.
        last: End of the range, exclusive.
        steps: Decisions to play in each game.
        rules: A `Table`.
        table: As in `act`.
        deeper: As in `act`.
        widths: As in `act`.
        head: As in `act`.
        buffer: Receives the results; a `RolloutBuffer` for at least these games and steps.
    """
    h = np.empty(widths.sum(), np.float32)
    nothing, z = np.zeros(head.shape[0], np.float32), np.empty(head.shape[0], np.float32)
    columns, values = buffer.columns.reshape(-1), buffer.values.reshape(-1)
    for game in range(first, last):
        s = states[game]
        for t in range(steps + 1):
            buffer.played[game] = t
            start = (game * buffer.middle.shape[1] + t) * ENTRIES
            middle, end = look(s[_OLDER], s[_NEWER], rules.fade, rules.places, columns, values, start)
            buffer.middle[game, t], buffer.end[game, t] = middle, end
            if t == steps:
                break
            noise = uniform(chance, game)
            action = act(columns, values, start, middle, noise, table, deeper, widths, head, h, nothing, z)
            buffer.actions[game, t] = action
            for output in range(z.shape[0]):
                buffer.logits[game, t, output] = z[output]
            move = move_of(action, z.shape[0])
            reward = decide(s, chance, game, 0, move, rules.frame_skip, rules.sticky, rules.max_frames)
            s[_OLDER], s[_NEWER] = s[_NEWER], see(s, 0)
            ended = ending(s[_SCORE_RIGHT], s[_SCORE_LEFT], s[_FRAMES], rules.max_frames)
            buffer.rewards[game, t], buffer.ended[game, t] = reward, ended
            if ended:
                buffer.final[game, t, 0], buffer.final[game, t, 1] = s[_SCORE_RIGHT], s[_SCORE_LEFT]
                buffer.final[game, t, 2] = s[_DECISIONS]
                if not rules.endless:
                    buffer.played[game] = t + 1
                    break
                begin_game(s, s[_VARIATION])
                s[_OLDER] = s[_NEWER] = see(s, 0)
