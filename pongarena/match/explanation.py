"""Explain in plain English what a network decides, and what its units look for."""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from pongarena.core.arrays import FloatArray
from pongarena.envs.observation import VIEW_SHAPE
from pongarena.game.paddle import Move
from pongarena.match.inspector import (
    OWN_COLUMNS,
    RIVAL_COLUMNS,
    Push,
    contributions,
    logit_gradient,
    receptive_field,
)
from pongarena.match.players import Decision
from pongarena.nn.policy import PolicyNetwork

__all__ = ["Explainer", "smooth_p_up", "unit_words"]

_SPAN = 8
"""Decisions to average over: about half a second."""

_EVERY = 2
"""Every how many decisions the contributions are computed, which takes a tenth of a millisecond."""

_SURE = 0.6
"""A probability below this counts as undecided."""

_LEVEL = 4.0
"""Rows of the view: two objects closer than this are level."""

_PATCH = 9
"""Pixels on each side of a unit's strongest weight that are examined for motion."""


def smooth_p_up(decision: Decision) -> float:
    """P(UP) averaged over the last half second, calm enough to read."""
    latest = decision.history[-_SPAN:]
    return sum(p_up for p_up, _ in latest) / len(latest)


class Explainer:
    """Writes every half second a sentence about what a network wants and why.

    Attributes:
        sentence: Empty before the first decision.
    """

    def __init__(self, policy: PolicyNetwork) -> None:
        self.sentence = ""
        self._policy = policy
        self._pushes: deque[tuple[float, float, float]] = deque(maxlen=_SPAN // _EVERY)
        self._number = 0

    def hear(self, decision: Decision) -> None:
        """Take in a decision; start over after a jump in time."""
        if decision.number != self._number + 1:
            self._pushes.clear()
        self._number = decision.number
        if decision.number % _EVERY and self._pushes:
            return
        parts = self._parts(decision)
        self._pushes.append((parts[0].value, parts[1].value, parts[2].value))
        if len(self._pushes) == 1 or decision.number % _SPAN == 0:
            means = np.mean(self._pushes, axis=0).tolist()
            self.sentence = self._write(decision, parts, means, *self._likeliest(decision))

    def explain(self, decision: Decision) -> str:
        """Write the sentence of one decision alone, for a match that stands still."""
        parts = self._parts(decision)
        best = int(np.argmax(decision.probabilities))
        move, sure = self._policy.spec.moves[best], decision.probabilities[best]
        return self._write(decision, parts, [part.value for part in parts], move, sure)

    def _parts(self, decision: Decision) -> tuple[Push, Push, Push]:
        pushed = contributions(self._policy, decision.seen, decision.hidden)
        return logit_gradient(decision.seen, pushed, self._policy.spec.observation)

    def _write(
        self,
        decision: Decision,
        parts: tuple[Push, Push, Push],
        pushes: list[float],
        move: Move,
        sure: float,
    ) -> str:
        columns = self._policy.spec.observation.pixels[decision.seen.columns] % VIEW_SHAPE[1]
        silent = "" if decision.hidden.any() else "no unit fires"
        reason = _reason(move, pushes, parts, (columns, decision.seen.values)) or silent
        return _wish(move, sure) + (f": {reason}" if reason else "")

    def _likeliest(self, decision: Decision) -> tuple[Move, float]:
        """The likeliest action and its probability; with two actions, averaged over the last half second."""
        shares = decision.probabilities
        if len(shares) == 2 and len(self._pushes) > 1:
            p_up = smooth_p_up(decision)
            shares = p_up, 1 - p_up
        best = int(np.argmax(shares))
        return self._policy.spec.moves[best], shares[best]


def _wish(move: Move, sure: float) -> str:
    word = move.name.lower()
    if sure < _SURE:
        return f"undecided, {100 * sure:.0f} % for {word}"
    return f"wants {'to stay' if move is Move.STAY else word}, {100 * sure:.0f} % sure"


def _reason(
    move: Move,
    pushes: list[float],
    parts: tuple[Push, Push, Push],
    changed: tuple[NDArray[np.int32], FloatArray],
) -> str:
    """The strongest reason for a move; empty if there is none.

    Args:
        move: The move.
        pushes: Contributions of the other paddle, the ball and the own paddle; positive for UP.
        parts: What the latest decision saw of them.
        changed: Columns in the view, and values, of the pixels that it saw.
    """
    if not len(changed[0]):
        return "nothing has moved"
    signed = [push if move is Move.UP else -push for push in pushes]
    if move is Move.STAY or max(signed) <= 0:
        return ""
    words = (
        _paddle_words("the other paddle", parts[0]),
        _ball_words(parts, *changed),
        _paddle_words("its paddle", parts[2]),
    )
    return words[int(np.argmax(signed))]


def _paddle_words(name: str, push: Push) -> str:
    return f"{name} is {_height(push.row)}" if push.pixels else f"{name} stands still"


def _ball_words(parts: tuple[Push, Push, Push], columns: NDArray[np.int32], values: FloatArray) -> str:
    """Where the ball is, relative to the own paddle if that is visible, and whether it is coming."""
    ball, own = parts[1], parts[2]
    if not ball.pixels:
        return "the ball is out of sight"
    if not own.pixels:
        where = _height(ball.row)
    elif abs(ball.row - own.row) < _LEVEL:
        where = "level with its paddle"
    else:
        where = "above" if ball.row < own.row else "below"
    between = (columns >= RIVAL_COLUMNS[1]) & (columns < OWN_COLUMNS[0])
    now, gone = columns[between & (values > 0)], columns[between & (values < 0)]
    if not len(now) or not len(gone):
        return f"the ball is {where}"
    return f"the ball is {where} and {'coming' if now.mean() > gone.mean() else 'going away'}"


def _height(row: float) -> str:
    return "high up" if row < 27 else "low down" if row >= 53 else "in the middle"


def unit_words(policy: PolicyNetwork, unit: int) -> str:
    """Describe what a unit looks for by its strongest weights: "ball upper right, falling"."""
    field = receptive_field(policy, unit, on_field=True)
    strength = _blurred(np.abs(field))
    row, column = (int(i) for i in np.unravel_index(int(strength.argmax()), strength.shape))
    if not strength[row, column]:
        return "nothing"
    rows, columns = field.shape
    if RIVAL_COLUMNS[0] - 2 <= column <= RIVAL_COLUMNS[1]:
        what = f"other paddle {_third(row, rows, ('high', 'mid', 'low'))}"
    elif OWN_COLUMNS[0] - 2 <= column <= OWN_COLUMNS[1]:
        what = f"own paddle {_third(row, rows, ('high', 'mid', 'low'))}"
    else:
        place = (
            _third(row, rows, ("upper", "mid", "lower")),
            _third(column, columns, ("left", "centre", "right")),
        )
        what = f"ball {place[0]} {place[1]}"
    motion = _motion(field, row, column)
    return f"{what}, {motion}" if motion else what


def _third(at: int, of: int, words: tuple[str, str, str]) -> str:
    return words[min(2, 3 * at // of)]


def _motion(field: FloatArray, row: int, column: int) -> str:
    """The motion that excites the unit there: from negative weights to positive ones."""
    patch = field[max(0, row - _PATCH) : row + _PATCH + 1, max(0, column - _PATCH) : column + _PATCH + 1]
    above, below = np.maximum(patch, 0), np.maximum(-patch, 0)
    if min(above.sum(), below.sum()) < 0.25 * max(above.sum(), below.sum()):
        return ""
    down, right = (a - b for a, b in zip(_centre(above), _centre(below), strict=True))
    if max(abs(down), abs(right)) < 1:
        return ""
    if abs(down) >= abs(right):
        return "falling" if down > 0 else "rising"
    return "coming" if right > 0 else "leaving"


def _centre(weights: FloatArray) -> tuple[float, float]:
    rows, columns = np.indices(weights.shape)
    total = float(weights.sum())
    return float((rows * weights).sum()) / total, float((columns * weights).sum()) / total


def _blurred(values: FloatArray) -> FloatArray:
    """Means over 5×5 pixels, in which noise cancels out."""
    padded = np.pad(values, 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (5, 5))
    means: FloatArray = windows.mean(axis=(2, 3), dtype=np.float32)
    return means
