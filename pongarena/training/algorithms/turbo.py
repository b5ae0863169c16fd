"""The settings of the turbo recipe; `turbo_trainer` trains by it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from pongarena.training.recipe import Recipe
from pongarena.training.settings import setting, with_default

__all__ = ["TurboRecipe"]


@dataclass(frozen=True)
class TurboRecipe(Recipe):
    """An actor and a critic, many games, clipped steps of steered length: the same network, sooner.

    The result depends on all settings.

    What is learned best a second changes on the way: in the beginning few games and short steps; later many
    games and longer steps, because the signal fades into the noise.
    """

    name: ClassVar[str] = "turbo"
    summary: ClassVar[str] = "The same network on many games at once: the AI's equal in less than a minute."
    trainer: ClassVar[str] = "pongarena.training.algorithms.turbo_trainer:TurboTrainer"
    steers_rate: ClassVar[bool] = True

    games: int = setting(
        512,
        low=1,
        high=4096,
        help="Games played at once, in the end.",
        too_low="All games tell the same story, and updates follow their luck.",
        too_high="Each update is steadier, and rarer; more memory is used.",
    )
    first_games: int = setting(
        128,
        low=1,
        high=4096,
        help="Games played at once in the beginning, when much can be learned from little. Their number is "
        "doubled now and then, up to that of the setting before; with it grows what an update may change.",
        too_low="The first updates are quick, and lead astray.",
        too_high="Not more than in the end; as many means that nothing grows.",
    )
    growth_steps: int = setting(
        300_000,
        low=1000,
        high=1_000_000_000,
        help="Decisions after which the number of games is doubled for the first time; each next time comes "
        "2.8 times later.",
        too_low="Updates become rare before they need to.",
        too_high="Updates stay noisy, and it settles for a poor way to play.",
    )
    rollout_steps: int = setting(
        64,
        low=8,
        high=256,
        help="Decisions played in each game between two updates.",
        too_low="More updates, each from less experience.",
        too_high="Steadier, but it learns from what an older self did.",
    )
    gae_lambda: float = setting(
        0.95,
        low=0.0,
        high=1.0,
        help="Whom to believe about a move: 0 the critic's opinion one decision later, 1 only the point "
        "itself.",
        too_low="It learns fast, from opinions that may be wrong.",
        too_high="It learns from the truth, slowly, because a point depends on much luck.",
    )
    kl_target: float = setting(
        0.013,
        low=0.0,
        high=1.0,
        exclusive_low=True,
        help="How far each update may change the decisions (in nats); the learning rate is steered by it.",
        too_low="Slow: each update changes next to nothing.",
        too_high="It becomes sure of things it does not know yet, and stops improving.",
    )
    entropy_bonus: float = setting(
        0.012,
        low=0.0,
        high=1.0,
        help="Reward for staying undecided, so that it goes on trying things.",
        too_low="At 0 it may settle early for a poor way to play.",
        too_high="It dithers, and misses easy balls.",
    )
    settle_steps: int = setting(
        8_000_000,
        low=1000,
        high=1_000_000_000,
        help="Decisions after which the change an update may make and the reward for staying undecided "
        "are halved; after twice as many they are a fifth, after three times a tenth.",
        too_low="It settles on what it can do by then.",
        too_high="It goes on trying for longer, and plays less surely meanwhile.",
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
    critic_learning_rate: float = setting(
        1.5e-3,
        low=0.0,
        high=1.0,
        exclusive_low=True,
        help="How fast the critic learns, a second network that judges positions while training.",
        too_low="Its opinions lag behind what the player can do.",
        too_high="Its opinions jump about, and mislead the player.",
    )
    critic_units: int = setting(
        128,
        low=1,
        high=1024,
        help="Neurons of the critic.",
        too_low="It judges coarsely, and much of each update is noise.",
        too_high="More cost time and memory, and learn little more.",
    )
    clip: float = setting(
        0.1,
        low=0.0,
        high=1.0,
        exclusive_low=True,
        help="How far the probability of one decision may move in an update before it stops to count: 0.1 "
        "is a tenth of it.",
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
    max_gradient_norm: float = setting(
        0.5,
        low=0.0,
        high=1000.0,
        exclusive_low=True,
        help="A longer gradient is shortened to this, so that no single batch throws the network off.",
        too_low="Every step is shortened, and learning slows down.",
        too_high="Never used: one odd batch can undo much.",
    )
    checkpoint_every: int = with_default(Recipe, "checkpoint_every", 10)
    fade: float = with_default(Recipe, "fade", 0.5)

    def games_after(self, steps: int) -> int:
        """Games to play at once after so many decisions."""
        games = min(self.first_games, self.games)
        while games < self.games and steps > self.growth_steps * (games / self.first_games) ** 1.5:
            games = min(2 * games, self.games)
        return games

    def minibatches_with(self, games: int) -> int:
        """Parts to learn a rollout of so many games in."""
        return min(self.minibatches, max(2, self.minibatches * games // self.games))

    def kl_target_with(self, games: int) -> float:
        """How far an update may go from a rollout of so many games: noise shrinks with their root."""
        return self.kl_target * math.sqrt(games / self.games)

    @classmethod
    def upgrade(cls, settings: Mapping[str, Any]) -> dict[str, Any]:
        """As `Recipe.upgrade`; the number of games did not grow once."""
        older = super().upgrade(settings)
        return {"first_games": older["games"], **older} if "games" in older else older
