"""Returns: how good each decision was, judged by the end of its rally."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["discounted_returns", "standardise", "turns_of"]


def discounted_returns(rewards: NDArray[Any], gamma: float) -> NDArray[np.float64]:
    """Discount each point backwards over the decisions that led to it.

    The sum restarts at every point, because rallies are independent. Decisions after the last point, which
    exist only in a game that was cut off, get 0: the outcome of that rally is unknown.

    Example: ``discounted_returns([0, 0, 1, 0, -1], 0.9)`` gives ``[0.81, 0.9, 1, -0.9, -1]``.

    Args:
        rewards: Shape (n,): −1, 0 or +1 for each decision of one game, in order.
        gamma: Discount per decision, 0..1.

    Returns:
        Shape (n,).
    """
    returns = np.zeros(len(rewards))
    first = 0
    for point in np.flatnonzero(rewards).tolist():
        delay = np.arange(point - first, -1, -1, dtype=np.float64)
        returns[first : point + 1] = rewards[point] * gamma**delay
        first = point + 1
    return returns


def turns_of(actions: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which decisions, shape (n, …), differ from the previous one along n; the first never does."""
    turns = np.zeros(actions.shape, np.bool_)
    np.not_equal(actions[1:], actions[:-1], out=turns[1:])
    return turns


def standardise(returns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shift and scale returns, shape (n,), to mean 0 and standard deviation 1, in a new array.

    Each return is then relative to its game's average, so its sign may change. If all returns are equal,
    they become 0.
    """
    if len(returns) == 0:
        return returns.copy()
    centred = returns - returns.mean()
    deviation = centred.std()
    # in floating point, a constant's deviation is not always exactly 0
    if deviation <= 1e-9 * max(1.0, float(np.abs(returns).max())):
        return np.zeros_like(returns)
    standardised: NDArray[np.float64] = centred / deviation
    return standardised
