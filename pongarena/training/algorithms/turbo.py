"""The settings of the turbo recipe; see `turbo_trainer`."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from pongarena.training.algorithms.actor_critic import ActorCriticRecipe
from pongarena.training.settings import setting

__all__ = ["TurboRecipe"]


@dataclass(frozen=True)
class TurboRecipe(ActorCriticRecipe):
    """PPO with an actor, a critic and many games: trains the same network faster.

    The result depends on all settings.

    The most efficient batch changes during training: first few games and short steps; later many games and
    longer steps, because the signal gets weaker than the noise.
    """

    name: ClassVar[str] = "turbo"
    summary: ClassVar[str] = "The same network on many parallel games: the CPU's equal in less than a minute."
    trainer: ClassVar[str] = "pongarena.training.algorithms.turbo_trainer:TurboTrainer"
    steers_rate: ClassVar[bool] = True

    games: int = setting(
        512,
        low=1,
        high=4096,
        help="Final number of parallel games.",
        too_low="All games are alike, and updates follow luck.",
        too_high="Updates are steadier but rarer, and use more memory.",
    )
    first_games: int = setting(
        128,
        low=1,
        high=4096,
        help="Games played in parallel at first, when few suffice. Their number doubles from time to time, "
        "up to the final one, and with it the allowed change per update.",
        too_low="The first updates are quick but misleading.",
        too_high="Not more than in the end; with as many, nothing grows.",
    )
    growth_steps: int = setting(
        300_000,
        low=1000,
        high=1_000_000_000,
        help="Steps until the number of games doubles for the first time; each further doubling comes 2.8 "
        "times later.",
        too_low="Updates become rare too early.",
        too_high="Updates stay noisy, and it settles on a poor way to play.",
    )
    kl_target: float = setting(
        0.013,
        low=0.0,
        high=1.0,
        exclusive_low=True,
        help="How far each update may change the policy (in nats); the learning rate adapts to it.",
        too_low="Slow: each update changes hardly anything.",
        too_high="It becomes sure of things it does not know yet, and stops improving.",
    )
    learning_rate: float = setting(
        5e-3,
        low=0.0,
        high=1.0,
        exclusive_low=True,
        help="Initial learning rate. It adapts within a few updates.",
        too_low="Only the first seconds are slow.",
        too_high="The first updates may spoil the network before the rate adapts.",
    )
    clip: float = setting(
        0.1,
        low=0.0,
        high=1.0,
        exclusive_low=True,
        help="How far an update may move the probability of one move before the move no longer counts: 0.1 "
        "is a tenth of it.",
        too_low="Slow: most moves are ignored after the first step.",
        too_high="Single lucky points pull too hard.",
    )
    epochs: int = setting(
        3,
        low=1,
        high=32,
        help="How often each update goes through the games of its rollout.",
        too_low="Much of the experience is wasted.",
        too_high="It takes longer, and memorises chance events.",
    )
    minibatches: int = setting(
        4,
        low=1,
        high=64,
        help="Parts that each rollout is divided into, with one step per part; fewer while fewer games are "
        "played.",
        too_low="Fewer, steadier steps per update.",
        too_high="More, noisier steps.",
    )

    def games_after(self, steps: int) -> int:
        """Return the number of parallel games after this many decisions."""
        games = min(self.first_games, self.games)
        while games < self.games and steps > self.growth_steps * (games / self.first_games) ** 1.5:
            games = min(2 * games, self.games)
        return games

    def passes_with(self, games: int) -> tuple[int, int]:
        """Return the epochs per rollout of this many games, and the minibatches per epoch."""
        return self.epochs, min(self.minibatches, max(2, self.minibatches * games // self.games))

    def kl_target_with(self, games: int) -> float:
        """Return the KL target for a rollout of this many games: noise shrinks with their square root."""
        return self.kl_target * math.sqrt(games / self.games)

    @classmethod
    def upgrade(cls, settings: Mapping[str, Any]) -> dict[str, Any]:
        """As `Recipe.upgrade`; in older files the number of games did not grow."""
        older = super().upgrade(settings)
        return {"first_games": older["games"], **older} if "games" in older else older
