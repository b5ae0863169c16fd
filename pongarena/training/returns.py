"""From points to credit: how good was each decision, seen from the end of its rally."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["discounted_returns", "standardise", "turns_of"]


def discounted_returns(rewards: NDArray[Any], gamma: float) -> NDArray[np.float64]:
    """Discounts each point backwards over the decisions that led to it.

    The running sum starts anew at every point, because a rally knows nothing of the next one. Decisions
    after the last point, which exist only in a game that was cut off, get 0: nobody knows how that rally
    would have ended.

    Example: ``discounted_returns([0, 0, 1, 0, -1], 0.9)`` gives ``[0.81, 0.9, 1, -0.9, -1]``.

    Args:
        rewards: Shape (n,): −1, 0 or +1 for each decision of one game, in order.
        gamma: Discount for each decision of delay, 0..1.

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
    """Which decisions differ from the one before; the first never does.

    Args:
        actions: Shape (n, …): one game a column, in order.
    """
    turns = np.zeros(actions.shape, np.bool_)
    np.not_equal(actions[1:], actions[:-1], out=turns[1:])
    return turns


def standardise(returns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shifts and scales to mean 0 and standard deviation 1.

    It sets a rally apart from its game's average, and so may turn the sign of a return. Equal returns, which
    set nothing apart, become 0.

    Args:
        returns: Shape (n,).

    Returns:
        Shape (n,), a new array.
    """
    if len(returns) == 0:
        return returns.copy()
    centred = returns - returns.mean()
    deviation = centred.std()
    # a constant's deviation is not always exactly 0 in floating point
    if deviation <= 1e-9 * max(1.0, float(np.abs(returns).max())):
        return np.zeros_like(returns)
    standardised: NDArray[np.float64] = centred / deviation
    return standardised
