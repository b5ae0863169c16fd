"""The settings of all recipes with an actor and a critic."""

from dataclasses import dataclass

from pongarena.training.recipe import GradientRecipe
from pongarena.training.settings import setting, with_default

__all__ = ["ActorCriticRecipe"]


@dataclass(frozen=True)
class ActorCriticRecipe(GradientRecipe):
    """Settings for `actor_critic_learner`. By default, each rollout is one batch, used once."""

    games: int = setting(
        512,
        low=1,
        high=4096,
        help="Games played in parallel.",
        too_low="All games are alike, and updates follow luck.",
        too_high="Updates are steadier but rarer, and use more memory.",
    )
    rollout_steps: int = setting(
        64,
        low=8,
        high=256,
        help="Steps played in each game between two updates.",
        too_low="More updates, each from less experience.",
        too_high="Steadier, but it learns from what an older version did.",
    )
    gae_lambda: float = setting(
        0.95,
        low=0.0,
        high=1.0,
        help="What judges a move: 0 the critic's opinion one step later, 1 only the point itself.",
        too_low="It learns fast, but from opinions that may be wrong.",
        too_high="It learns from the truth, but slowly, because a point involves much luck.",
    )
    entropy_bonus: float = setting(
        0.012,
        low=0.0,
        high=1.0,
        help="Reward for staying undecided, so that it keeps exploring.",
        too_low="At 0 it may settle early on a poor way to play.",
        too_high="It dithers and misses easy balls.",
    )
    settle_steps: int = setting(
        8_000_000,
        low=1000,
        high=1_000_000_000,
        help="Steps after which the allowed change per update and the reward for staying undecided "
        "are halved; after twice as many they are a fifth, after three times a tenth.",
        too_low="It settles on what it can do by then.",
        too_high="It explores for longer, and plays less surely meanwhile.",
    )
    critic_learning_rate: float = setting(
        1.5e-3,
        low=0.0,
        high=1.0,
        exclusive_low=True,
        help="How fast the critic learns, a second network that judges positions during training.",
        too_low="Its opinions lag behind the player's skill.",
        too_high="Its opinions jump about and mislead the player.",
    )
    critic_units: int = setting(
        128,
        low=1,
        high=1024,
        help="Neurons of the critic.",
        too_low="It judges coarsely, and much of each update is noise.",
        too_high="More time and memory for little gain.",
    )
    max_gradient_norm: float = setting(
        0.5,
        low=0.0,
        high=1000.0,
        exclusive_low=True,
        help="A longer gradient is shortened to this norm, so that no single batch throws the network off.",
        too_low="Every step is shortened, and learning slows down.",
        too_high="It never applies: one odd batch can undo much.",
    )
    ball_pace: float = setting(
        1.0,
        low=0.0,
        high=100.0,
        exclusive_low=True,
        help="How fast the weights of the field, where the ball is, change: 1 as fast as those of the own "
        "paddle. A ball has 2 pixels, a paddle 16, so at 1 it notices the ball late.",
        too_low="It looks at the paddles, and hardly at the ball.",
        too_high="It overreacts to the ball, and learning is unstable.",
        late=True,
    )
    far_pace: float = setting(
        1.0,
        low=0.0,
        high=100.0,
        help="How fast the weights of the other side's paddle change: 1 as fast as those of the own. "
        "The CPU's paddle shows where the ball is, another player's does not.",
        too_low="At 0 it never learns what the other paddle shows.",
        too_high="It relies on where the other paddle stands.",
        late=True,
    )
    checkpoint_every: int = with_default(GradientRecipe, "checkpoint_every", 10)
    fade: float = with_default(GradientRecipe, "fade", 0.5)

    def games_after(self, steps: int) -> int:
        """Return the number of parallel games after this many decisions."""
        return self.games

    def passes_with(self, games: int) -> tuple[int, int]:
        """Return the epochs per rollout of this many games, and the minibatches per epoch."""
        return 1, 1
