"""The settings of the line-search recipe; see `line_search_trainer`."""

from dataclasses import dataclass
from typing import ClassVar

from pongarena.training.algorithms.actor_critic import ActorCriticRecipe
from pongarena.training.settings import setting, with_default

__all__ = ["LineSearchRecipe"]


@dataclass(frozen=True)
class LineSearchRecipe(ActorCriticRecipe):
    """A minimal trust-region method: try a step, and halve it until it is safe."""

    name: ClassVar[str] = "line-search"
    summary: ClassVar[str] = "TRPO's idea: halve each step until the policy changes little and gains."
    trainer: ClassVar[str] = "pongarena.training.algorithms.line_search_trainer:LineSearchTrainer"
    steers_rate: ClassVar[bool] = True

    games: int = with_default(ActorCriticRecipe, "games", 128)
    rollout_steps: int = with_default(ActorCriticRecipe, "rollout_steps", 64)
    kl_limit: float = setting(
        0.003,
        low=0.0,
        high=1.0,
        exclusive_low=True,
        help="How far one update may change the policy, in nats: a longer step is halved.",
        too_low="Slow: nearly every step is halved many times.",
        too_high="It takes steps that the rollout does not justify.",
    )
    halvings: int = setting(
        8,
        low=0,
        high=30,
        help="How often a step is halved before it is given up.",
        too_low="Many updates change nothing.",
        too_high="More trials for steps that hardly move.",
    )
    learning_rate: float = setting(
        1e-2,
        low=0.0,
        high=1.0,
        exclusive_low=True,
        help="The step size to try first. It doubles after a full step; otherwise it continues from the "
        "accepted size.",
        too_low="Only the first seconds are slow.",
        too_high="Only the first updates need more halvings.",
    )

    def passes_with(self, games: int) -> tuple[int, int]:
        """As `ActorCriticRecipe`, for the critic only: the actor takes one step per rollout."""
        return 3, 2
