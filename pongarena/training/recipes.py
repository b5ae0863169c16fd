"""How to train: the named recipes.

A recipe is a frozen dataclass of documented settings. Each field tells what it does and which values make
sense, so that the command line's help, the app's form and the validation all read from one place. To add a
recipe: write its dataclass here, its learner in a module of its own, and enter both in `RECIPES` and in the
trainer's table of learners.
"""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, TypeAlias

from pongarena.core.errors import UnknownNameError
from pongarena.game.rules import MAX_FRAMES
from pongarena.nn.policy import MAX_HIDDEN_UNITS
from pongarena.training.settings import check_setting, setting

__all__ = [
    "DEFAULT_RECIPE",
    "RECIPES",
    "KarpathyRecipe",
    "Recipe",
    "TurboRecipe",
    "from_json",
    "recipe",
    "to_json",
]

# settings that every recipe has, and that mean the same in each


def _hidden_units() -> int:
    return setting(
        200,
        low=1,
        high=MAX_HIDDEN_UNITS,
        help="Neurons between the picture and the decision. Each learns a pattern to look for.",
        too_low="Below about 50 there are too few to follow the ball.",
        too_high="More patterns, but slower to play and to train, and larger files.",
    )


def _gamma() -> float:
    return setting(
        0.99,
        low=0.0,
        high=1.0,
        help="How much a point counts for the moves before it: 0.99 spreads it over the last 100 or so.",
        too_low="Only the last moments count, where it is too late to move.",
        too_high="At 1 all moves of a rally count alike, and luck drowns what mattered.",
    )


def _sticky() -> float:
    return setting(
        0.25,
        low=0.0,
        high=1.0,
        exclusive_high=True,
        help="Chance that the console ignores a decision and repeats the last one, as in the standard "
        "benchmark.",
        too_low="0 makes the game easier to learn, and the agent less robust.",
        too_high="Near 1 nobody can steer.",
    )


def _frame_skip() -> int:
    return setting(
        4,
        low=1,
        high=16,
        help="Frames for which each decision is held; 60 frames are a second. Matches are played with 4.",
        too_low="Finer control, but more decisions to get right for each point, so slower to learn.",
        too_high="Too clumsy to hit the ball.",
    )


def _max_frames() -> int:
    return setting(
        MAX_FRAMES,
        low=100,
        high=MAX_FRAMES,
        help="Frames after which a game is cut off, for two players who never miss: 60,000 are a quarter "
        "of an hour.",
        too_low="Games end before anybody has 21 points.",
        too_high="Cannot be more: soon after that the cartridge itself gives up the game.",
    )


def _checkpoint_every(default: int) -> int:
    return setting(
        default,
        low=1,
        high=1_000_000,
        help="Games between two saved checkpoints, at least; they come farther apart as a training gets old.",
        too_low="More to choose from and less lost in a crash, but more disk space in use.",
        too_high="Long stretches without a checkpoint to play, fork or go back to.",
    )


def _fade(default: float) -> float:
    return setting(
        default,
        low=0.0,
        high=1.0,
        help="How much of the view before is subtracted from the present one: 1 shows only what moved, as in "
        "the post; 0.5 shows what is there, with a shadow where it was.",
        too_low="At 0 nothing tells where the ball goes.",
        too_high="At 1 what stands still cannot be seen.",
    )


def _emulator() -> int:
    return setting(
        0,
        low=0,
        high=1,
        help="What it plays on: 0 the cartridge's rules, compiled, 1 the emulator itself. Both are the same "
        "game, bit for bit.",
        too_low="Seconds and minutes.",
        too_high="A hundred times as long, or more, for the same.",
    )


@dataclass(frozen=True)
class KarpathyRecipe:
    """Policy gradients exactly as in "Deep Reinforcement Learning: Pong from Pixels" (2016).

    The result depends on all settings but `games`, which only sets how much of the machine is used.
    """

    name: ClassVar[str] = "karpathy"
    summary: ClassVar[str] = (
        "Policy gradients as in the blog post of 2016: simple and honest. The AI's equal in a few minutes."
    )

    hidden_units: int = _hidden_units()
    learning_rate: float = setting(
        1e-4,
        low=0.0,
        high=1.0,
        exclusive_low=True,
        help="How far each update moves the weights.",
        too_low="Nothing seems to happen for minutes. The 1e-4 of the blog post is on the careful side.",
        too_high="The score jumps up, then collapses. 1e-3 learns several times faster; 3e-3 is unstable.",
    )
    gamma: float = _gamma()
    decay: float = setting(
        0.99,
        low=0.0,
        high=1.0,
        exclusive_high=True,
        help="Memory of RMSProp, which scales each weight's step by its recent gradients: 0.99 remembers "
        "about 100 updates.",
        too_low="Steps become erratic: one odd batch sets their size.",
        too_high="It adapts too slowly when the gradients change.",
    )
    epsilon: float = setting(
        1e-5,
        low=0.0,
        high=1.0,
        exclusive_low=True,
        help="Added to RMSProp's divisor so that weights with hardly any gradient do not leap.",
        too_low="Weights that hardly ever matter may take huge steps.",
        too_high="The rarely used weights stop learning.",
    )
    batch_episodes: int = setting(
        10,
        low=1,
        high=1000,
        help="Games played before each update.",
        too_low="More updates, but noisier ones, which may lead astray.",
        too_high="Steadier, but slower to improve: each update waits for more games.",
    )
    games: int = setting(
        10,
        low=1,
        high=256,
        help="Games played at once. Changes the speed and the memory used, never the result.",
        too_low="Slower: some of the processor's cores wait.",
        too_high="More than the games of a batch are not used.",
    )
    sticky: float = _sticky()
    frame_skip: int = _frame_skip()
    max_frames: int = _max_frames()
    checkpoint_every: int = _checkpoint_every(100)
    fade: float = _fade(1.0)
    emulator: int = _emulator()


@dataclass(frozen=True)
class TurboRecipe:
    """An actor and a critic, many games, clipped steps of steered length: the same network, sooner.

    The result depends on all settings.

    What is learned best a second changes on the way: in the beginning few games and short steps; later many
    games and longer steps, because the signal fades into the noise.
    """

    name: ClassVar[str] = "turbo"
    summary: ClassVar[str] = "The same network on many games at once: the AI's equal in less than a minute."

    hidden_units: int = _hidden_units()
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
    gamma: float = _gamma()
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
    sticky: float = _sticky()
    frame_skip: int = _frame_skip()
    max_frames: int = _max_frames()
    checkpoint_every: int = _checkpoint_every(10)
    fade: float = _fade(0.5)
    emulator: int = _emulator()

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


Recipe: TypeAlias = KarpathyRecipe | TurboRecipe
"""Any recipe."""

RECIPES: Mapping[str, type[Recipe]] = MappingProxyType(
    {kind.name: kind for kind in (TurboRecipe, KarpathyRecipe)}
)
"""Every recipe by its name, in the order in which they are offered."""

DEFAULT_RECIPE = TurboRecipe.name
"""What a form offers first."""


def recipe(name: str, **settings: object) -> Recipe:
    """Builds a recipe, with its own defaults for the settings not given.

    Args:
        name: One of `RECIPES`.
        settings: Values, or texts as typed.

    Raises:
        UnknownNameError: When there is no such recipe.
        InvalidSettingError: When a setting is unknown, no number, or out of its range.
    """
    if name not in RECIPES:
        raise UnknownNameError(
            f"expected a recipe, one of {', '.join(sorted(RECIPES))}, got {name!r}; choose one of them"
        )
    kind = RECIPES[name]
    checked: dict[str, Any] = {key: check_setting(kind, key, value) for key, value in settings.items()}
    return kind(**checked)


def to_json(recipe: Recipe) -> dict[str, Any]:
    """A recipe as an object of JSON types: its name and every setting."""
    return {"name": recipe.name, **dataclasses.asdict(recipe)}


def from_json(values: Mapping[str, Any]) -> Recipe:
    """Builds the recipe that `to_json` described; settings that it does not name take their defaults.

    Raises:
        UnknownNameError: When there is no such recipe.
        InvalidSettingError: When a setting is unknown, no number, or out of its range.
    """
    settings = {key: value for key, value in values.items() if key != "name"}
    # before there was a choice, whatever the recipe's own is today
    settings.setdefault("fade", 1.0)
    if values.get("name") == TurboRecipe.name and "games" in settings:
        settings.setdefault("first_games", settings["games"])
    return recipe(str(values.get("name")), **settings)
