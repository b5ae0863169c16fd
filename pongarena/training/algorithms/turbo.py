"""The settings of the turbo recipe; `turbo_trainer` trains by it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from pongarena.training.algorithms.actor_critic import ActorCriticRecipe
from pongarena.training.settings import setting

__all__ = ["TurboRecipe"]


@dataclass(frozen=True)
class TurboRecipe(ActorCriticRecipe):
    """An actor and a critic, many games, clipped steps of steered length: the same network, sooner.

    The result depends on all settings.

    What is learned best a second changes on the way: in the beginning few games and short steps; later many
    games and longer steps, because the signal fades into the noise.
    """

    name: ClassVar[str] = "turbo"
    summary: ClassVar[str] = "The same network on many parallel games: the CPU's equal in less than a minute."
    trainer: ClassVar[str] = "pongarena.training.algorithms.turbo_trainer:TurboTrainer"
    steers_rate: ClassVar[bool] = True

    games: int = setting(
        512,
        low=1,
        high=4096,
        help="Games played in parallel, in the end.",
        too_low="All games tell the same story, and updates follow their luck.",
        too_high="Each update is steadier, and rarer; more memory is used.",
    )
    first_games: int = setting(
        128,
        low=1,
        high=4096,
        help="Games played in parallel in the beginning, when much can be learned from little. Their number "
        "is doubled now and then, up to that of the setting before; with it grows what an update may change.",
        too_low="The first updates are quick, and lead astray.",
        too_high="Not more than in the end; as many means that nothing grows.",
    )
    growth_steps: int = setting(
        300_000,
        low=1000,
        high=1_000_000_000,
        help="Steps after which the number of games is doubled for the first time; each next time comes "
        "2.8 times later.",
        too_low="Updates become rare before they need to.",
        too_high="Updates stay noisy, and it settles for a poor way to play.",
    )
    kl_target: float = setting(
        0.013,
        low=0.0,
        high=1.0,
        exclusive_low=True,
        help="How far each update may change the policy (in nats); the learning rate is steered by it.",
        too_low="Slow: each update changes next to nothing.",
        too_high="It becomes sure of things it does not know yet, and stops improving.",
    )
    learning_rate: float = setting(
        5e-3,
        low=0.0,
        high=1.0,
        exclusive_low=True,
        help="Where the steered learning rate begins. It finds its own level within a few updates.",
        too_low="The first seconds are slow, nothing more.",
        too_high="The first updates may spoil the network before the steering has an effect.",
    )
    clip: float = setting(
        0.1,
        low=0.0,
        high=1.0,
        exclusive_low=True,
        help="How far the probability of an action may move in an update before its step no longer counts: "
        "0.1 is a tenth of it.",
        too_low="Slow: most of what was played is ignored after the first step.",
        too_high="Single lucky points pull too hard.",
    )
    epochs: int = setting(
        3,
        low=1,
        high=32,
        help="How often each update goes through what was played.",
        too_low="Much of what was played is wasted.",
        too_high="It takes longer, and learns by heart what happened to happen.",
    )
    minibatches: int = setting(
        4,
        low=1,
        high=64,
        help="Parts that what was played is learned in, one after the other; fewer while fewer games are "
        "played.",
        too_low="Few and steady steps in an update.",
        too_high="More and noisier steps.",
    )

    def games_after(self, steps: int) -> int:
        """Games to play at once after so many decisions."""
        games = min(self.first_games, self.games)
        while games < self.games and steps > self.growth_steps * (games / self.first_games) ** 1.5:
            games = min(2 * games, self.games)
        return games

    def passes_with(self, games: int) -> tuple[int, int]:
        """How often a rollout of so many games is gone through, and in how many parts."""
        return self.epochs, min(self.minibatches, max(2, self.minibatches * games // self.games))

    def kl_target_with(self, games: int) -> float:
        """How far an update may go from a rollout of so many games: noise shrinks with their root."""
        return self.kl_target * math.sqrt(games / self.games)

    @classmethod
    def upgrade(cls, settings: Mapping[str, Any]) -> dict[str, Any]:
        """As `Recipe.upgrade`; the number of games did not grow once."""
        older = super().upgrade(settings)
        return {"first_games": older["games"], **older} if "games" in older else older
