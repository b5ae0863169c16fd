"""Training with the line-search recipe: halve a step until KL and surrogate allow it.

It takes from trust region policy optimisation (Schulman et al., 2015) the part that the post mentions: a
bound on the divergence between the old and the new policy. Adam gives the direction, and a line search the
length. A step is accepted when KL(old ‖ new) over the whole rollout is within the limit and the surrogate
Σ A·p_new/p_old improves.
"""

import numpy as np
from numpy.typing import NDArray

from pongarena.core.arrays import FloatArray
from pongarena.training.algorithms.actor_critic_learner import ActorCritic, Step
from pongarena.training.algorithms.line_search import LineSearchRecipe
from pongarena.training.algorithms.rollout_trainer import RolloutTrainer
from pongarena.training.rollouts import Rollout

__all__ = ["LineSearch", "LineSearchTrainer"]

_LOWEST_RATE, _HIGHEST_RATE = 1e-6, 5e-2


class LineSearch(ActorCritic[LineSearchRecipe]):
    """Takes one backward pass per rollout, and one forward pass per trial."""

    def _improve_actor(self, rollout: Rollout, advantage: FloatArray, *, still: bool) -> Step:
        if still:
            return Step(0.0, 0.0)
        actions = rollout.actions.ravel()
        rows = np.arange(len(actions))
        order = rollout.order.ravel()[: len(actions)]
        old = rollout.logits.reshape(len(actions), -1)
        old_log_p = self._distribution.log_prob(old, actions)
        errors = self._errors(old, rows, actions, old_log_p, advantage)
        before = self._actor.copy_weights()
        self._actor.backward((rollout.frames, order, errors))
        norm = self._actor_steps.step(self.rate, max_norm=self._recipe.max_gradient_norm)
        after = self._actor.copy_weights()
        limit, share = self._recipe.kl_limit * self._annealed(), 1.0
        for _ in range(self._recipe.halvings + 1):
            new = self._actor.outputs(rollout.frames, order)
            kl = float(self._distribution.kl(old, new).mean())
            if kl <= limit and self._gains(new, actions, old_log_p, advantage):
                self._steer(share)
                return Step(norm, kl, share)
            share /= 2
            part = np.float32(share)
            self._actor.take_weights(
                {name: array + part * (after[name] - array) for name, array in before.items()}
            )
        self._actor.take_weights(before)
        self._steer(share)
        return Step(norm, 0.0, 0.0)

    def _gains(
        self,
        new: FloatArray,
        actions: NDArray[np.int8],
        old_log_p: NDArray[np.float64],
        advantage: FloatArray,
    ) -> bool:
        ratio = np.exp(self._distribution.log_prob(new, actions) - old_log_p)
        return bool((ratio * advantage).mean() > advantage.mean())

    def _steer(self, share: float) -> None:
        """Adapt the step size to try next."""
        if not self.held:
            longer = 2.0 if share == 1.0 else share
            self.rate = min(max(self.rate * longer, _LOWEST_RATE), _HIGHEST_RATE)


class LineSearchTrainer(RolloutTrainer[LineSearchRecipe]):
    """Trains a network with the line-search recipe."""

    learner = LineSearch
    remedy = "a kl limit below {kl_limit:g}"
