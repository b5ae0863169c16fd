"""The settings of the a2c recipe; see `a2c_trainer`."""

from dataclasses import dataclass
from typing import ClassVar

from pongarena.training.algorithms.actor_critic import ActorCriticRecipe
from pongarena.training.settings import setting, with_default

__all__ = ["A2CRecipe"]


@dataclass(frozen=True)
class A2CRecipe(ActorCriticRecipe):
    """The plain actor–critic: a few decisions in every game, then one step of each network.

    The advantage of a decision is the n-step return (the rewards of the next few decisions plus the critic's
    value after them) minus the critic's value before (Mnih et al., 2016).
    """

    name: ClassVar[str] = "a2c"
    summary: ClassVar[str] = "The plain actor–critic: an update every few moves, without safety limits."
    trainer: ClassVar[str] = "pongarena.training.algorithms.a2c_trainer:A2CTrainer"

    games: int = with_default(ActorCriticRecipe, "games", 64)
    rollout_steps: int = with_default(ActorCriticRecipe, "rollout_steps", 16)
    gae_lambda: float = with_default(ActorCriticRecipe, "gae_lambda", 1.0)
    learning_rate: float = setting(
        3e-4,
        low=0.0,
        high=1.0,
        exclusive_low=True,
        help="How far each update moves the weights. Unlike in turbo, no clipping limits it.",
        too_low="Slow: each rollout is used for a single small step.",
        too_high="It becomes sure of things it does not know yet, or falls back suddenly.",
    )
