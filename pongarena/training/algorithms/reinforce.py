"""The learner of the karpathy recipe: policy gradients with discounted, standardised returns.

∇E[f] = E[f·∇log p]: decisions that led to points become more likely, the others less. Then RMSProp takes a
step: ``square = decay·square + (1 − decay)·gradient²``, ``weight += rate · gradient / (√square + ε)``; ε is
outside the root, as in the post.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pongarena.core.arrays import FloatArray
from pongarena.nn import network_kernels
from pongarena.nn.optimizers import SparseRMSProp
from pongarena.nn.sparse_net import SparseNet
from pongarena.training.algorithms.karpathy import KarpathyRecipe
from pongarena.training.games import Game
from pongarena.training.returns import standardise

__all__ = ["Reinforce"]

_BY_BATCH = 2
"""Value of the setting `normalise`: by batch."""

_KEPT = 0.9
"""Share of the old baseline that each batch keeps."""


class Reinforce:
    """Collects a batch's gradient game by game, then takes a step.

    Sums follow the order of the games, unit by unit, so they do not depend on threads.

    Attributes:
        learning_rate: Step size.
        baseline: Exponential average of the returns of earlier batches; 0 without a baseline.
    """

    def __init__(self, recipe: KarpathyRecipe, net: SparseNet) -> None:
        """Start with a zero gradient; `net` is changed in place."""
        self.learning_rate = recipe.learning_rate
        self._recipe = recipe
        self._net = net
        self._waiting: list[Game] = []
        self._sums = np.zeros(2)
        self.baseline = 0.0
        self._optimizer = SparseRMSProp(net, decay=recipe.decay, epsilon=recipe.epsilon)

    def gather(self, games: Sequence[Game]) -> None:
        """Add the gradient of Σ advantage·log p(decision) over all decisions of the games, in order.

        The games must be whole, and played with the current weights.
        """
        if self._recipe.normalise == _BY_BATCH:
            self._waiting += games
            return
        self._add(games, [self._returns(game, standardised=self._recipe.normalise == 1) for game in games])

    def close_batch(self) -> None:
        """Add the games that had to wait for the end of the batch."""
        if self._waiting:
            returns = [self._returns(game, standardised=False) for game in self._waiting]
            together = standardise(np.concatenate(returns))
            parts = np.split(together, np.cumsum([len(each) for each in returns])[:-1])
            self._add(self._waiting, parts)
            self._waiting = []

    def _add(self, games: Sequence[Game], advantages: Sequence[NDArray[np.float64]]) -> None:
        parts = []
        for game, advantage in zip(games, advantages, strict=True):
            errors, first = np.empty_like(game.logits), 0
            network_kernels.reinforce_errors(game.actions, game.logits, advantage, errors)
            for frames, rows in game.parts:
                parts.append((frames, rows, errors[first : first + len(rows)]))
                first += len(rows)
        self._net.backward(*parts)

    def norm(self) -> float:
        """Return the L2 norm of the collected gradient; infinite or NaN when an entry is."""
        return self._optimizer.norm()

    def ascend(self) -> None:
        """Take one step along the collected gradient, and clear it.

        Note: changes the network.
        """
        self._optimizer.ascend(self.learning_rate)
        if self._sums[1]:
            self.baseline = _KEPT * self.baseline + (1 - _KEPT) * float(self._sums[0] / self._sums[1])
            self._sums[:] = 0

    def forget(self) -> None:
        """Clear the collected gradient."""
        self._net.forget_gradient()
        self._waiting, self._sums[:] = [], 0

    def state(self) -> dict[str, NDArray[Any]]:
        """Return the weights and the optimiser's state by name: the arrays themselves."""
        return {**self._weights(), **self._optimizer.state()}

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Restore what `state` returned.

        Raises:
            KeyError: When an array is missing.
            ValueError: When one is of another shape.
        """
        own = self._weights()
        for name, array in own.items():
            if arrays[name].shape != array.shape:
                raise ValueError(f"{name}: expected shape {array.shape}, got {arrays[name].shape}")
        self._optimizer.restore(arrays)
        for name, array in own.items():
            array[...] = arrays[name]
        self._net.sum_runs()

    def _returns(self, game: Game, *, standardised: bool) -> NDArray[np.float64]:
        """Return the discounted returns of a game's decisions minus the baseline."""
        recipe, returns = self._recipe, np.empty(len(game.actions))
        network_kernels.reinforce_advantages(
            game.rewards, game.turns, recipe.jitter_penalty, recipe.gamma, standardised, returns
        )
        if recipe.baseline:
            self._sums += returns.sum(), len(returns)
            returns -= self.baseline
        return returns

    def _weights(self) -> dict[str, FloatArray]:
        """Return the weights under the names used in files."""
        weights = self._net.weights()
        return {"w1": weights.pop("table").T, "w2": weights.pop("head"), **weights}
