"""A pool of a network's older selves to play against, and its rating among them.

The terms follow ML-Agents' self-play. A copy is saved from time to time and the latest few are kept. Each has
an Elo rating by points: 400 more mean ten points won for one lost. The network's own rating starts at 0 and
changes with every point against an older self; a saved copy keeps the rating it had.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pongarena.core.arrays import FloatArray
from pongarena.envs.observation import PIXELS
from pongarena.nn import network_kernels
from pongarena.nn.sparse_net import SparseNet
from pongarena.nn.spec import AgentSpec

__all__ = ["Pool", "chance_of", "rated"]

_ELO = 400 / math.log(10)
"""Rating points in one unit of log-odds."""

_PRIOR = 8 * _ELO
"""Prior variance of a network's rating before the points of an update: it has learned meanwhile.

With a smaller value the rating lags behind by more than the age of the older selves, and so rises too slowly;
with a larger value it follows noise.
"""

_MOST_RATING = 1e6
"""Larger than any training can reach."""


def chance_of(difference: float) -> float:
    """Return the probability of winning a point against an opponent rated lower by this difference."""
    return 1 / (1 + math.exp(-min(max(difference / _ELO, -500.0), 500.0)))


def rated(rating: float, others: NDArray[np.float64], won: NDArray[Any], lost: NDArray[Any]) -> float:
    """Update a rating from new points.

    The result maximises the product of Bradley and Terry's likelihood and a Gaussian around the old rating.

    Args:
        rating: The old rating.
        others: Shape (n,): the opponents' ratings.
        won: Shape (n,): points won against each.
        lost: Shape (n,): points lost against each.
    """
    met: list[tuple[float, int, int]] = [
        each for each in zip(others.tolist(), won.tolist(), lost.tolist(), strict=True) if sum(each[1:])
    ]
    most = sum(w + b for _, w, b in met) * _PRIOR / _ELO
    low, high = rating - most, rating + most
    for _ in range(60):
        middle = (low + high) / 2
        slope = sum(w - (w + b) * chance_of(middle - other) for other, w, b in met) / _ELO
        if slope > (middle - rating) / _PRIOR:
            low = middle
        else:
            high = middle
    return (low + high) / 2


class Pool:
    """Stacked weights: first the network's, then those of its older selves.

    Attributes:
        tables: Shape (window + 1, `BLOCK`, units), float32: first layers.
        deeper: Shape (window + 1, …), float32: matrices between the hidden layers.
        heads: Shape (window + 1, outputs, units), float32: last layers.
        widths: Units of each hidden layer.
        rating: The network's rating.
        saved: Number of selves saved so far; the latest `window` of them are kept.
    """

    def __init__(self, net: SparseNet, spec: AgentSpec, window: int) -> None:
        """Start with a copy of the network as the only older self."""
        self._spec, self._net = spec, net
        self.tables: FloatArray = np.zeros((window + 1, *net.table.shape), np.float32)
        self.deeper: FloatArray = np.zeros((window + 1, *net.deeper.shape), np.float32)
        self.heads: FloatArray = np.zeros((window + 1, *net.head.shape), np.float32)
        self.widths = net.widths
        self._ratings = np.zeros(window + 1)
        self.rating, self.saved = 0.0, 0
        self.save()

    @property
    def size(self) -> int:
        """Number of older selves to play against."""
        return min(self.saved, len(self.heads) - 1)

    def follow(self) -> None:
        """Copy the network's current weights into the stacks."""
        net = self._net
        self.tables[0], self.deeper[0], self.heads[0] = net.table, net.deeper, net.head

    def save(self) -> None:
        """Save a copy of the network in half precision; it replaces the oldest self when the pool is full."""
        net, place = self._net, 1 + self.saved % (len(self.heads) - 1)
        self._keep(place, _half(net.table[:PIXELS]), _half(net.deeper), _half(net.head))
        self._ratings[place] = self.rating
        self.saved += 1

    def rate(self, opponents: NDArray[np.int64], won: NDArray[Any], lost: NDArray[Any]) -> None:
        """Update the network's rating from points.

        Args:
            opponents: Shape (n,): indices in the stacks; points against the network itself (0) are ignored.
            won: Shape (n,): points won in each game.
            lost: Shape (n,): points lost in each game.
        """
        sums = [np.bincount(opponents, each, len(self.heads))[1:] for each in (won, lost)]
        self.rating = rated(self.rating, self._ratings[1:], *sums)

    def state(self) -> dict[str, NDArray[Any]]:
        """Return copies of the older selves, for `restore`."""
        kept = slice(1, 1 + self.size)
        return {
            "pool_tables": _half(self.tables[kept, :PIXELS]),
            "pool_deeper": _half(self.deeper[kept]),
            "pool_heads": _half(self.heads[kept]),
            "pool_ratings": self._ratings[kept].copy(),
            "pool_rating": np.array([self.rating]),
            "pool_saved": np.array([self.saved], np.int64),
        }

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Restore what `state` returned.

        Raises:
            ValueError: When the pool is missing, damaged, or of networks of another shape.
        """
        missing = [name for name in self.state() if name not in arrays]
        if missing:
            raise ValueError(f"the pool of its older selves is missing: no {', '.join(missing)}")
        saved = arrays["pool_saved"]
        if saved.shape != (1,) or saved.dtype != np.int64 or not saved[0] >= 1:
            raise ValueError(f"its pool is damaged: expected a count of older selves, got {saved!r}")
        self.saved = int(saved[0])
        for name, own in self.state().items():
            given = arrays[name]
            if given.shape != own.shape or given.dtype != own.dtype:
                raise ValueError(
                    f"its pool is damaged, or of networks of another shape, which cannot play each other: "
                    f"expected {name} as {own.shape} {own.dtype}, got {given.shape} {given.dtype}"
                )
            if not np.isfinite(given).all() or ("rating" in name and (abs(given) > _MOST_RATING).any()):
                raise ValueError(f"its pool is damaged: {name} holds numbers out of range")
        tables, deeper, heads = (arrays[f"pool_{each}"] for each in ("tables", "deeper", "heads"))
        for i in range(self.size):
            self._keep(1 + i, tables[i], deeper[i], heads[i])
        self._ratings[1 : 1 + self.size] = arrays["pool_ratings"]
        self.rating = float(arrays["pool_rating"][0])

    def _keep(
        self, place: int, pixels: NDArray[np.float16], deeper: NDArray[np.float16], head: NDArray[np.float16]
    ) -> None:
        table = self.tables[place]
        table[:PIXELS], self.deeper[place], self.heads[place] = pixels, deeper, head
        network_kernels.sum_runs(table, self._spec.observation.places, 0, table.shape[1])


def _half(weights: FloatArray) -> NDArray[np.float16]:
    """Round to half precision: enough for an opponent, in half the memory."""
    most = np.finfo(np.float16).max
    return np.clip(weights, -most, most).astype(np.float16)
