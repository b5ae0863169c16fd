"""Relative size of an update for each layer: ‖ΔW‖ ÷ ‖W‖.

About a thousandth is usual. Copying the weights takes a few milliseconds, so not every update is measured.
"""

from collections.abc import Mapping

import numpy as np

from pongarena.core.arrays import FloatArray
from pongarena.nn.policy import PolicyNetwork

__all__ = ["UpdateRatios"]

_EVERY = 16
"""Measure every 16th update, and all of the first 15."""

_MOST = 1 << 21
"""Maximum number of weights to measure per layer; in a larger one, units are sampled evenly."""


class UpdateRatios:
    """Measures some of the updates of a network."""

    def __init__(self) -> None:
        self._before: Mapping[str, FloatArray] = {}

    def begin(self, policy: PolicyNetwork, update: int) -> None:
        """Copy the weights before an update.

        Args:
            policy: The network.
            update: The update's number, from 1; it decides whether this one is measured.
        """
        measured = update < _EVERY or update % _EVERY == 0
        self._before = {name: each.copy() for name, each in _parts(policy).items()} if measured else {}

    def end(self, policy: PolicyNetwork) -> tuple[float, ...] | None:
        """Return the ratios after the update, from first to last layer; None when it is not measured."""
        if not self._before:
            return None
        return tuple(_ratio(self._before[name], now) for name, now in _parts(policy).items())


def _parts(policy: PolicyNetwork) -> dict[str, FloatArray]:
    layers = {
        "w1": policy.w1,
        **{f"deeper{i}": each for i, each in enumerate(policy.deeper)},
        "w2": policy.w2,
    }
    return {name: each[:: max(1, each.size // _MOST)] for name, each in layers.items()}


def _ratio(before: FloatArray, now: FloatArray) -> float:
    size = float(np.linalg.norm(before))
    return float(np.linalg.norm(now - before)) / size if size else 0.0
