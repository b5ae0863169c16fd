"""Action distributions from logits: Bernoulli for two actions, categorical for more.

Probabilities always have one column per action, in the order of `AgentSpec.moves`, so callers need not know
the distribution. The compiled inner loops repeat the same formulas.
"""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pongarena.core.arrays import FloatArray

__all__ = ["BERNOULLI", "CATEGORICAL", "Distribution", "distribution_of", "draw", "likeliest", "sigmoid"]

_SURE = 1e-6
"""Probabilities are clipped this far from 0 and 1 before taking logarithms."""


class Distribution(Protocol):
    """A distribution over actions, numbered from 0, given logits of shape (n, outputs)."""

    def probabilities(self, logits: NDArray[Any]) -> FloatArray:
        """Return the probabilities, shape (n, actions), in the dtype of the logits."""

    def log_prob(self, logits: NDArray[Any], actions: NDArray[Any]) -> NDArray[np.float64]:
        """Return the log-probabilities of the actions taken, shape (n,), in nats."""

    def entropy(self, logits: NDArray[Any]) -> NDArray[np.float64]:
        """Return the entropy, shape (n,), in nats."""

    def kl(self, old: NDArray[Any], new: NDArray[Any]) -> NDArray[np.float64]:
        """Return KL(old ‖ new) of two sets of logits, shape (n,), in nats."""

    def score(self, logits: NDArray[Any], actions: NDArray[Any]) -> FloatArray:
        """Return ∂ `log_prob` / ∂ logits, shape (n, outputs), float32; equations (1) and (2)."""


class _Bernoulli:
    """One logit: P(UP) is its sigmoid, and P(DOWN) the rest."""

    def probabilities(self, logits: NDArray[Any]) -> FloatArray:
        up = sigmoid(logits[:, 0])
        both: FloatArray = np.stack((up, 1 - up), axis=1)
        return both

    def log_prob(self, logits: NDArray[Any], actions: NDArray[Any]) -> NDArray[np.float64]:
        p = _probability(logits)
        logs: NDArray[np.float64] = np.log(np.where(actions == 0, p, 1 - p))
        return logs

    def entropy(self, logits: NDArray[Any]) -> NDArray[np.float64]:
        p = _probability(logits)
        return -(p * np.log(p) + (1 - p) * np.log(1 - p))

    def kl(self, old: NDArray[Any], new: NDArray[Any]) -> NDArray[np.float64]:
        p, q = _probability(old), _probability(new)
        return p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))

    def score(self, logits: NDArray[Any], actions: NDArray[Any]) -> FloatArray:
        up = (actions == 0).astype(np.float32)
        uphill: FloatArray = (up - sigmoid(logits[:, 0]))[:, None]
        return uphill


class _Categorical:
    """One logit per action."""

    def probabilities(self, logits: NDArray[Any]) -> FloatArray:
        raised = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares: FloatArray = raised / raised.sum(axis=1, keepdims=True)
        return shares

    def log_prob(self, logits: NDArray[Any], actions: NDArray[Any]) -> NDArray[np.float64]:
        logs: NDArray[np.float64] = _log_softmax(logits)[np.arange(len(logits)), actions]
        return logs

    def entropy(self, logits: NDArray[Any]) -> NDArray[np.float64]:
        logs = _log_softmax(logits)
        total: NDArray[np.float64] = -(np.exp(logs) * logs).sum(axis=1)
        return total

    def kl(self, old: NDArray[Any], new: NDArray[Any]) -> NDArray[np.float64]:
        before, after = _log_softmax(old), _log_softmax(new)
        total: NDArray[np.float64] = (np.exp(before) * (before - after)).sum(axis=1)
        return total

    def score(self, logits: NDArray[Any], actions: NDArray[Any]) -> FloatArray:
        taken = np.zeros_like(logits)
        taken[np.arange(len(logits)), actions] = 1
        return taken - self.probabilities(logits)


BERNOULLI: Distribution = _Bernoulli()
CATEGORICAL: Distribution = _Categorical()


def distribution_of(outputs: int) -> Distribution:
    """Return the distribution of a network with this many logits."""
    return BERNOULLI if outputs == 1 else CATEGORICAL


def draw(probabilities: FloatArray, noise: NDArray[np.float64]) -> NDArray[np.int8]:
    """Sample one action per row.

    Args:
        probabilities: Shape (n, actions).
        noise: Shape (n,): uniform in 0..1. A number below the first action's probability gives that action.

    Returns:
        The actions, shape (n,).
    """
    reached = np.cumsum(probabilities[:, :-1], axis=1)
    passed: NDArray[np.int8] = (noise[:, None] >= reached).sum(axis=1, dtype=np.int8)
    return passed


def likeliest(probabilities: FloatArray) -> NDArray[np.int8]:
    """Return each row's most probable action; the first one on a tie."""
    chosen: NDArray[np.int8] = probabilities.argmax(axis=1).astype(np.int8)
    return chosen


def sigmoid(x: FloatArray) -> FloatArray:
    """Compute 1 / (1 + e⁻ˣ) without overflow at either end, in the dtype of `x`."""
    small = np.exp(-np.abs(x))
    result: FloatArray = np.where(x >= 0, 1, small) / (1 + small)
    return result


def _probability(logits: NDArray[Any]) -> NDArray[np.float64]:
    """Return P(UP), clipped away from 0 and 1."""
    clipped = np.clip(logits[:, 0].astype(np.float64), -50, 50)
    p: NDArray[np.float64] = np.clip(1 / (1 + np.exp(-clipped)), _SURE, 1 - _SURE)
    return p


def _log_softmax(logits: NDArray[Any]) -> NDArray[np.float64]:
    z = logits.astype(np.float64)
    z -= z.max(axis=1, keepdims=True)
    logs: NDArray[np.float64] = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    bounded: NDArray[np.float64] = np.maximum(logs, np.log(_SURE))
    return bounded
