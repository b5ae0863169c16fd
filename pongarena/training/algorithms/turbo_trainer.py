"""Training with the turbo recipe: `rollout_trainer` with the learner `ppo`."""

from dataclasses import replace

from pongarena.training.algorithms.ppo import PPO
from pongarena.training.algorithms.rollout_trainer import RolloutTrainer
from pongarena.training.algorithms.turbo import TurboRecipe

__all__ = ["TurboTrainer"]


class TurboTrainer(RolloutTrainer[TurboRecipe]):
    """Trains a network with the turbo recipe."""

    learner = PPO
    remedy = "a kl target below {kl_target:g}, a learning rate below {learning_rate:g}"

    def _smallest(self) -> TurboRecipe:
        return replace(super()._smallest(), first_games=1, minibatches=1)
