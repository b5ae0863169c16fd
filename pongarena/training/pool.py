"""Older selves of a network to play against, and its rating among them.

The words are those of ML-Agents' self-play. A self is saved now and then, the latest few are kept, and all of
them have a rating on Elo's scale by points: 400 more make ten points won for one that is lost. The network's
own begins at 0, and moves with every point against an older self; a saved self keeps the one it had.
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
"""Variance of a network's rating before the points of an update are known: it has learned meanwhile.

With less the rating lags behind by more than the age of the selves that it is measured by, and so rises too
slowly; with more it follows chance.
"""

_MOST_RATING = 1e6
"""Beyond any chain of selves that can be trained."""


def chance_of(difference: float) -> float:
    """Of winning a point against somebody whose rating is so much lower."""
    return 1 / (1 + math.exp(-min(max(difference / _ELO, -500.0), 500.0)))


def rated(rating: float, others: NDArray[np.float64], won: NDArray[Any], lost: NDArray[Any]) -> float:
    """The rating that explains new points best, and does not lie far from the one before.

    The maximum of Bradley and Terry's likelihood and a Gaussian around the old rating.

    Args:
        rating: Before.
        others: Shape (n,): the opponents' ratings.
        won: Shape (n,): points won against each.
        lost: Shape (n,): points lost.
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
    """A network and its older selves in stacks of weights: the network first, then the selves.

    Attributes:
        tables: Shape (window + 1, `BLOCK`, units), float32: first layers.
        deeper: Shape (window + 1, …), float32: what is between the hidden layers.
        heads: Shape (window + 1, outputs, units), float32: last layers.
        widths: Units of the hidden layers.
        rating: The network's.
        saved: Selves that were saved so far; the latest `window` of them are kept.
    """

    def __init__(self, net: SparseNet, spec: AgentSpec, window: int) -> None:
        """Begins with the network as its own only older self."""
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
        """Older selves to play against."""
        return min(self.saved, len(self.heads) - 1)

    def follow(self) -> None:
        """Takes the network's present weights into the stacks."""
        net = self._net
        self.tables[0], self.deeper[0], self.heads[0] = net.table, net.deeper, net.head

    def save(self) -> None:
        """Keeps the network as it is now, to half precision; it takes the place of the oldest self."""
        net, place = self._net, 1 + self.saved % (len(self.heads) - 1)
        self._keep(place, _half(net.table[:PIXELS]), _half(net.deeper), _half(net.head))
        self._ratings[place] = self.rating
        self.saved += 1

    def rate(self, opponents: NDArray[np.int64], won: NDArray[Any], lost: NDArray[Any]) -> None:
        """Learns the network's rating from points.

        Args:
            opponents: Shape (n,): places in the stacks; points against the network itself tell nothing.
            won: Shape (n,): points won in each game.
            lost: Shape (n,): points lost.
        """
        sums = [np.bincount(opponents, each, len(self.heads))[1:] for each in (won, lost)]
        self.rating = rated(self.rating, self._ratings[1:], *sums)

    def state(self) -> dict[str, NDArray[Any]]:
        """The older selves, for `restore`: copies."""
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
        """Takes up what `state` gave.

        Raises:
            ValueError: When the pool is missing or damaged, or is one of other networks.
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
                raise ValueError(f"its pool is damaged: {name} holds numbers that no network has")
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
    """In half the memory: an opponent need not be more exact."""
    most = np.finfo(np.float16).max
    return np.clip(weights, -most, most).astype(np.float16)
