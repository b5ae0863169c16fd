"""The learner of the turbo recipe: proximal policy optimisation with a KL-adaptive learning rate.

PPO (Schulman et al., 2017) with two additions that matter for this network:

- The actor's learning rate follows the divergence KL(old ‖ new) of each rollout, so that the policy neither
  stalls nor leaps: early advantages are noise, and would make it confident without reason.
- The target divergence and the entropy bonus shrink as 1 / (1 + (steps / settle_steps)²): with constant
  ones the network stays at the CPU's level.
"""

import numpy as np

from pongarena.core.arrays import FloatArray
from pongarena.nn.sparse_net import SparseNet
from pongarena.training.algorithms.actor_critic_learner import ActorCritic, Step
from pongarena.training.algorithms.turbo import TurboRecipe
from pongarena.training.rollouts import Rollout

__all__ = ["PPO"]

_KL_BAND = 1.3
"""When the divergence misses its target by more than this factor, the learning rate changes by it."""

_LOWEST_RATE, _HIGHEST_RATE = 1e-6, 5e-2


class PPO(ActorCritic[TurboRecipe]):
    """Takes several epochs over minibatches of each rollout."""

    def __init__(self, recipe: TurboRecipe, net: SparseNet, rng: np.random.Generator) -> None:
        super().__init__(recipe, net, rng)
        self.clip = recipe.clip

    def _improve_actor(self, rollout: Rollout, advantage: FloatArray, *, still: bool) -> Step:
        recipe, frames, games = self._recipe, rollout.frames, rollout.actions.shape[1]
        actions = rollout.actions.ravel()
        order = rollout.order.ravel()[: len(actions)]
        old = rollout.logits.reshape(len(actions), -1)
        old_log_p = self._distribution.log_prob(old, actions)
        norm = 0.0
        for rows in self._minibatches(self._actor_rng, rollout):
            if still:
                continue
            logits = self._actor.outputs(frames, order[rows])
            errors = self._errors(logits, rows, actions, old_log_p, advantage)
            self._actor.backward((frames, order[rows], errors))
            norm = self._actor_steps.step(self.rate, max_norm=recipe.max_gradient_norm)
        some = self._actor_rng.integers(0, len(actions), max(1, len(actions) // 4))
        kl = float(self._distribution.kl(old[some], self._actor.outputs(frames, order[some])).mean())
        if not still and not self.held:
            self._steer(kl, recipe.kl_target_with(games) * self._annealed())
        return Step(norm, kl)

    def _steer(self, kl: float, target: float) -> None:
        if kl > target * _KL_BAND:
            self.rate = max(self.rate / _KL_BAND, _LOWEST_RATE)
        elif kl < target / _KL_BAND:
            self.rate = min(self.rate * _KL_BAND, _HIGHEST_RATE)
