"""The compiled loop of `pongarena.bench.alone`."""

import numpy as np

from pongarena.core.compilation import compiled
from pongarena.game.compiled import State, begin_game, decide, draw, see
from pongarena.training.rollout_kernels import DIFFERENCE_ENTRIES, write_frame

__all__ = ["play_alone"]

_SCORE_LEFT, _SCORE_RIGHT = int(State.SCORE_LEFT), int(State.SCORE_RIGHT)
_FRAMES, _OLDER, _NEWER = int(State.FRAMES), int(State.OLDER), int(State.NEWER)


@compiled
def play_alone(states, chance, steps, frame_skip, sticky, max_frames, places, columns, values, ends):  # noqa: PLR0917
    """Play some decisions in every game, UP and DOWN at random.

    Args:
        states: Shape (n, ≥ len(State)), int32: one row per game; changed.
        chance: Shape (n,), uint64: random states; changed.
        steps: Decisions to play in each game.
        frame_skip: Frames that each decision is held for.
        sticky: Probability that the console repeats the previous action.
        max_frames: Frames after which a game is cut off.
        places: As in `write_frame`.
        columns: Shape (n · steps · `DIFFERENCE_ENTRIES`,), int16: receives the difference frames' inputs.
        values: The same shape, float32.
        ends: Shape (n, steps), int64: receives the end of each frame.
    """
    for game in range(len(states)):
        s = states[game]
        for t in range(steps):
            at = (game * steps + t) * DIFFERENCE_ENTRIES
            ends[game, t] = write_frame(s[_OLDER], s[_NEWER], 1.0, places, columns, values, at)
            move = -1 if draw(chance, game) & np.uint64(1) else 1
            decide(s, chance, game, 0, move, frame_skip, sticky, max_frames)
            s[_OLDER], s[_NEWER] = s[_NEWER], see(s, 0)
            if s[_SCORE_LEFT] > 20 or s[_SCORE_RIGHT] > 20 or s[_FRAMES] >= max_frames:
                begin_game(s, 0)
                s[_OLDER] = s[_NEWER] = see(s, 0)
