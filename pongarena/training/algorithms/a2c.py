"""The settings of the a2c recipe; `a2c_trainer` trains by it."""

from dataclasses import dataclass
from typing import ClassVar

from pongarena.training.algorithms.actor_critic import ActorCriticRecipe
from pongarena.training.settings import setting, with_default

__all__ = ["A2CRecipe"]


@dataclass(frozen=True)
class A2CRecipe(ActorCriticRecipe):
    """The plain actor–critic: a few decisions in every game, one step of each network, and on.

    The advantage of a decision is what came in the next few decisions, and what the critic expects after
    them, less what it expected before (n-step returns, Mnih et al., 2016).
    """

    name: ClassVar[str] = "a2c"
    summary: ClassVar[str] = "The plain actor–critic: a step after every few moves, without safety belts."
    trainer: ClassVar[str] = "pongarena.training.algorithms.a2c_trainer:A2CTrainer"

    games: int = with_default(ActorCriticRecipe, "games", 64)
    rollout_steps: int = with_default(ActorCriticRecipe, "rollout_steps", 16)
    gae_lambda: float = with_default(ActorCriticRecipe, "gae_lambda", 1.0)
    learning_rate: float = setting(
        3e-4,
        low=0.0,
        high=1.0,
        exclusive_low=True,
        help="How far each update moves the weights. Nothing holds it back here, as turbo's clipping does.",
        too_low="Slow: each rollout is used for a single small step.",
        too_high="It becomes sure of things it does not know yet, or falls back suddenly.",
    )
