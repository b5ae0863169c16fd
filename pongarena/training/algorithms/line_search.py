"""The settings of the line-search recipe; `line_search_trainer` trains by it."""

from dataclasses import dataclass
from typing import ClassVar

from pongarena.training.algorithms.actor_critic import ActorCriticRecipe
from pongarena.training.settings import setting, with_default

__all__ = ["LineSearchRecipe"]


@dataclass(frozen=True)
class LineSearchRecipe(ActorCriticRecipe):
    """Trust regions in their simplest form: a step is tried, and halved until it is known to be safe."""

    name: ClassVar[str] = "line-search"
    summary: ClassVar[str] = "TRPO's idea: a step is halved until the policy changes little and gains."
    trainer: ClassVar[str] = "pongarena.training.algorithms.line_search_trainer:LineSearchTrainer"
    steers_rate: ClassVar[bool] = True

    games: int = with_default(ActorCriticRecipe, "games", 128)
    rollout_steps: int = with_default(ActorCriticRecipe, "rollout_steps", 64)
    kl_limit: float = setting(
        0.003,
        low=0.0,
        high=1.0,
        exclusive_low=True,
        help="How far one update may change the policy, in nats each: a longer step is halved.",
        too_low="Slow: nearly every step is halved many times.",
        too_high="Steps are taken that the rollout cannot vouch for.",
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
        help="The step that is tried first. It doubles after a step that was taken whole, and goes on from "
        "what was taken otherwise.",
        too_low="The first seconds are slow, nothing more.",
        too_high="The first updates need more halvings, nothing more.",
    )

    def passes_with(self, games: int) -> tuple[int, int]:
        """As `ActorCriticRecipe`; for the critic alone: the actor takes one step along all of a rollout."""
        return 3, 2
