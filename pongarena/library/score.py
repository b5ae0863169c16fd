"""Convert a share of points into the mean score of a game, and back."""

import math
from functools import lru_cache

from pongarena.game.rules import POINTS_TO_WIN

__all__ = ["score_of", "share_of"]

_CLOSE = 1e-6


@lru_cache(4096)
def score_of(share: float) -> float:
    """Compute the mean score of a game to 21 in which each point is won with this probability.

    >>> round(score_of(0.5), 1), round(score_of(0.9), 1), round(score_of(0.39), 1), score_of(0.0)
    (0.0, 18.7, -7.5, -21.0)
    """
    to = POINTS_TO_WIN
    lost = 1 - share
    mean = sum(
        math.comb(to - 1 + points, points)
        * (to - points)
        * (share**to * lost**points - lost**to * share**points)
        for points in range(to)
    )
    return max(-float(to), min(mean, float(to)))  # rounding may take the sum past the bounds


@lru_cache(4096)
def share_of(score: float) -> float:
    """Compute the share of points that gives a mean score: the inverse of `score_of`.

    >>> round(share_of(0.0), 2), round(share_of(12.2), 2), share_of(21.0)
    (0.5, 0.7, 1.0)
    """
    low, high = 0.0, 1.0
    while high - low > _CLOSE:
        middle = (low + high) / 2
        low, high = (middle, high) if score_of(middle) < score else (low, middle)
    return round((low + high) / 2, 5)
