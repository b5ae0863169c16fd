"""The plain training loop that `pongarena bench` compares with: one game, dense matrix products.

It is the algorithm of the karpathy recipe in its usual form: multiply the full 6,400-pixel frame by the
weights for every decision, and compute the gradient of a game with one matrix product.
"""

from time import perf_counter

import numpy as np

from pongarena.core.arrays import FloatArray
from pongarena.envs.observation import PIXELS
from pongarena.envs.vector import VectorPong
from pongarena.training.algorithms.karpathy import KarpathyRecipe
from pongarena.training.returns import discounted_returns, standardise

__all__ = ["ReferenceLoop"]


class ReferenceLoop:
    """Training without any of pongarena's optimisations."""

    def __init__(self, recipe: KarpathyRecipe, *, seed: int) -> None:
        rng = np.random.default_rng(seed)
        hidden = recipe.hidden_units
        self._recipe = recipe
        self._rng = rng
        self._weights = {
            "w1": (rng.standard_normal((hidden, PIXELS)) / np.sqrt(PIXELS)).astype(np.float32),
            "w2": (rng.standard_normal(hidden) / np.sqrt(hidden)).astype(np.float32),
        }
        self._sums = {name: np.zeros_like(array) for name, array in self._weights.items()}
        self._squares = {name: np.zeros_like(array) for name, array in self._weights.items()}
        self._game = VectorPong(
            1, frame_skip=recipe.frame_skip, sticky=recipe.sticky, max_frames=recipe.max_frames
        )
        self._episode = 0
        self.steps = 0
        self._begin()

    def run(self, steps: int) -> float:
        """Play and learn for a number of decisions.

        Returns:
            The duration in seconds.
        """
        started = perf_counter()
        for _ in range(steps):
            self._decide()
        return perf_counter() - started

    def close(self) -> None:
        """Close the console."""
        self._game.close()

    def _begin(self) -> None:
        self._frame = self._game.reset(None).dense()[0]
        self._frames: list[FloatArray] = []
        self._hidden: list[FloatArray] = []
        self._errors: list[float] = []
        self._rewards: list[int] = []

    def _decide(self) -> None:
        frame = self._frame
        hidden = self._weights["w1"] @ frame
        hidden[hidden < 0] = 0
        p_up = 1 / (1 + np.exp(-(self._weights["w2"] @ hidden)))
        up = bool(self._rng.random() < p_up)
        step = self._game.step(np.array([-1 if up else 1]))
        self._frames.append(frame)
        self._hidden.append(hidden)
        self._errors.append(up - float(p_up))
        self._rewards.append(int(step.rewards[0]))
        self._frame = step.frames.dense()[0]
        self.steps += 1
        if step.over[0] or step.truncated[0]:
            self._learn()
            self._begin()

    def _learn(self) -> None:
        frames, hidden = np.vstack(self._frames), np.vstack(self._hidden)
        advantages = standardise(discounted_returns(np.array(self._rewards), self._recipe.gamma))
        errors = (np.array(self._errors) * advantages).astype(np.float32)
        dhidden = np.outer(errors, self._weights["w2"])
        dhidden[hidden <= 0] = 0
        self._sums["w2"] += hidden.T @ errors
        self._sums["w1"] += dhidden.T @ frames
        self._episode += 1
        if self._episode % self._recipe.batch_episodes == 0:
            self._ascend()

    def _ascend(self) -> None:
        recipe = self._recipe
        for name, gradient in self._sums.items():
            self._squares[name] = recipe.decay * self._squares[name] + (1 - recipe.decay) * gradient**2
            root = np.sqrt(self._squares[name])
            self._weights[name] += recipe.learning_rate * gradient / (root + recipe.epsilon)
            gradient[...] = 0
