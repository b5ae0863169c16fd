"""Training with the a2c recipe: one Adam step along the policy gradient of each rollout."""

from pongarena.core.arrays import FloatArray
from pongarena.training.algorithms.a2c import A2CRecipe
from pongarena.training.algorithms.actor_critic_learner import ActorCritic, Step
from pongarena.training.algorithms.rollout_trainer import RolloutTrainer
from pongarena.training.rollouts import Rollout

__all__ = ["A2C", "A2CTrainer"]


class A2C(ActorCritic[A2CRecipe]):
    """Advantage actor–critic (Mnih et al., 2016), synchronous."""

    def _improve_actor(self, rollout: Rollout, advantage: FloatArray, *, still: bool) -> Step:
        if still:
            return Step(0.0, 0.0)
        actions = rollout.actions.ravel()
        order, norm = rollout.order.ravel()[: len(actions)], 0.0
        old = rollout.logits.reshape(len(actions), -1)
        old_log_p = self._distribution.log_prob(old, actions)
        for rows in self._minibatches(self._actor_rng, rollout):
            # these weights played, so the ratio is 1 and the gradient is that of −Σ A·log p
            errors = self._errors(old[rows], rows, actions, old_log_p, advantage)
            self._actor.backward((rollout.frames, order[rows], errors))
            norm = self._actor_steps.step(
                self.rate * self._annealed(), max_norm=self._recipe.max_gradient_norm
            )
        some = self._actor_rng.integers(0, len(actions), max(1, len(actions) // 4))
        new = self._actor.outputs(rollout.frames, order[some])
        return Step(norm, float(self._distribution.kl(old[some], new).mean()))


class A2CTrainer(RolloutTrainer[A2CRecipe]):
    """Trains a network with the a2c recipe."""

    learner = A2C
