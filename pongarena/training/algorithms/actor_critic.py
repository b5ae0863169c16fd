"""Settings of all recipes with an actor and a critic."""

from dataclasses import dataclass

from pongarena.training.recipe import GradientRecipe
from pongarena.training.settings import setting, with_default

__all__ = ["ActorCriticRecipe"]


@dataclass(frozen=True)
class ActorCriticRecipe(GradientRecipe):
    """What `actor_critic_learner` needs to know. Each rollout is learned from as a whole, once."""

    games: int = setting(
        512,
        low=1,
        high=4096,
        help="Games played at once, in the end.",
        too_low="All games tell the same story, and updates follow their luck.",
        too_high="Each update is steadier, and rarer; more memory is used.",
    )
    rollout_steps: int = setting(
        64,
        low=8,
        high=256,
        help="Steps played in each game between two updates.",
        too_low="More updates, each from less experience.",
        too_high="Steadier, but it learns from what an older self did.",
    )
    gae_lambda: float = setting(
        0.95,
        low=0.0,
        high=1.0,
        help="Whom to believe about a move: 0 the critic's opinion one step later, 1 only the point itself.",
        too_low="It learns fast, from opinions that may be wrong.",
        too_high="It learns from the truth, slowly, because a point depends on much luck.",
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
        help="Steps after which the change an update may make and the reward for staying undecided "
        "are halved; after twice as many they are a fifth, after three times a tenth.",
        too_low="It settles on what it can do by then.",
        too_high="It goes on trying for longer, and plays less surely meanwhile.",
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
    max_gradient_norm: float = setting(
        0.5,
        low=0.0,
        high=1000.0,
        exclusive_low=True,
        help="A longer gradient is shortened to this, so that no single batch throws the network off.",
        too_low="Every step is shortened, and learning slows down.",
        too_high="Never used: one odd batch can undo much.",
    )
    ball_pace: float = setting(
        1.0,
        low=0.0,
        high=100.0,
        exclusive_low=True,
        help="How fast the weights of the field are moved, where the ball is: 1 as fast as those of the own "
        "paddle. A ball is 2 pixels, a paddle 16, so at 1 it is seen late.",
        too_low="It looks at the paddles, and hardly at the ball.",
        too_high="What the ball teaches is followed too eagerly to hold.",
        late=True,
    )
    far_pace: float = setting(
        1.0,
        low=0.0,
        high=100.0,
        help="How fast the weights of the other side's paddle are moved: 1 as fast as those of the own. "
        "The CPU's paddle shows where the ball is, another player's does not.",
        too_low="At 0 it never learns what the other paddle tells.",
        too_high="It relies on where the other paddle stands.",
        late=True,
    )
    checkpoint_every: int = with_default(GradientRecipe, "checkpoint_every", 10)
    fade: float = with_default(GradientRecipe, "fade", 0.5)

    def games_after(self, steps: int) -> int:
        """Games to play at once after so many decisions."""
        return self.games

    def passes_with(self, games: int) -> tuple[int, int]:
        """How often a rollout of so many games is gone through, and in how many parts."""
        return 1, 1
