"""The learner of the karpathy recipe: policy gradients with discounted, standardised returns."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pongarena.agent.policy import Gradient, PolicyNetwork, frames_between
from pongarena.game.vision import FloatArray, SparseFrames
from pongarena.training.optimizers import RMSProp
from pongarena.training.recipes import KarpathyRecipe
from pongarena.training.returns import discounted_returns, standardise
from pongarena.training.rollout import Episode

__all__ = ["Reinforce"]

_CHUNK = 4096
"""Decisions whose hidden activations are held at once: 3 MB at 200 units, however long the games are."""


class Reinforce:
    """∇E[f] = E[f·∇log p]: makes the decisions that led to points more likely, the others less.

    Attributes:
        policy: The network that it changes, in place.
    """

    def __init__(self, recipe: KarpathyRecipe, policy: PolicyNetwork) -> None:
        self.policy = policy
        self._gamma = recipe.gamma
        self._optimizer = RMSProp(
            policy.parameters(),
            learning_rate=recipe.learning_rate,
            decay=recipe.decay,
            epsilon=recipe.epsilon,
        )

    @property
    def learning_rate(self) -> float:
        """Size of the optimiser's steps."""
        return self._optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, rate: float) -> None:
        self._optimizer.learning_rate = rate

    def gradient(self, episodes: Sequence[Episode], *, standardised: bool = True) -> Gradient:
        """The gradient of Σ advantage·log p(decision) over all decisions of the games, in their order.

        Args:
            episodes: Whole games.
            standardised: Whether the advantage is the standardised return of the game, or the plain one.
        """
        frames = SparseFrames.concatenate([episode.frames for episode in episodes])
        returns = [discounted_returns(each.rewards, self._gamma) for each in episodes]
        if standardised:
            returns = [standardise(each) for each in returns]
        up = np.concatenate([episode.up for episode in episodes])
        p_up = np.concatenate([episode.p_up for episode in episodes])
        # equations (1) and (2), weighted: (y − P(UP))·advantage
        dlogit = ((up - p_up) * np.concatenate(returns)).astype(np.float32)
        parts = (self._chunk(frames, dlogit, first) for first in range(0, len(frames), _CHUNK))
        total = next(parts)
        for part in parts:
            np.add(total.w1, part.w1, out=total.w1)
            np.add(total.w2, part.w2, out=total.w2)
        return total

    def ascend(self, gradient: Gradient) -> None:
        """Takes one step of the optimiser.

        Note: changes the policy.
        """
        self._optimizer.ascend({"w1": gradient.w1, "w2": gradient.w2})

    def state(self) -> dict[str, FloatArray]:
        """Weights and the optimiser's memory: copies, by name."""
        weights = {name: array.copy(order="K") for name, array in self.policy.parameters().items()}
        return {**weights, **self._optimizer.state()}

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Takes up what `state` gave.

        Raises:
            KeyError: When an array is missing.
            ValueError: When one is of another shape.
        """
        for name, weights in self.policy.parameters().items():
            if arrays[name].shape != weights.shape:
                raise ValueError(f"{name}: expected shape {weights.shape}, got {arrays[name].shape}")
            weights[...] = arrays[name]
        self._optimizer.restore(arrays)

    def _chunk(self, frames: SparseFrames, dlogit: FloatArray, first: int) -> Gradient:
        chunk = frames_between(frames, first, first + _CHUNK)
        return self.policy.gradient(chunk, self.policy.forward(chunk), dlogit[first : first + _CHUNK])
