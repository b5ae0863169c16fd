"""What every recipe is: how to train, as a frozen dataclass of documented settings.

Each setting tells what it does and which values make sense, so that the command line's help, the app's form
and the validation all read from one place. To add a recipe, write its dataclass and its trainer, and enter it
in `registry`; a package of your own names it as an entry point of the group `pongarena.recipes`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from pongarena.core.errors import InvalidSettingError
from pongarena.envs.observation import CROPS, MOST_SHUFFLES, Observation
from pongarena.game.rules import MAX_FRAMES, MOST_FRAME_SKIP
from pongarena.nn.policy import MAX_HIDDEN_UNITS, PolicyNetwork
from pongarena.nn.spec import AgentSpec
from pongarena.training.settings import setting, setting_label

__all__ = ["GradientRecipe", "Recipe", "settings_of_network"]


@dataclass(frozen=True)
class Recipe:
    """The settings that every recipe has, and that mean the same in each; a recipe may change their defaults.

    Attributes:
        name: A short word, for files and commands.
        summary: What it is good for, in a sentence.
        trainer: What trains by it, as ``module:class``; imported when a training begins. See `BaseTrainer`.
        immaterial: Settings that change nothing in what is learned.
        steers_rate: Whether the learning rate finds its own level.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    trainer: ClassVar[str]
    immaterial: ClassVar[frozenset[str]] = frozenset({"checkpoint_every", "emulator"})
    steers_rate: ClassVar[bool] = False

    hidden_units: int = setting(
        200,
        low=1,
        high=MAX_HIDDEN_UNITS,
        help="Neurons between the picture and the decision. Each learns a pattern to look for.",
        too_low="Below about 50 there are too few to follow the ball.",
        too_high="More patterns, but slower to play and to train, and larger files.",
    )
    learning_rate: float = setting(
        1e-3,
        low=0.0,
        high=1.0,
        exclusive_low=True,
        help="How far each update moves the weights.",
        too_low="Nothing seems to happen for a long time.",
        too_high="The score jumps up, then collapses.",
    )
    sticky: float = setting(
        0.25,
        low=0.0,
        high=1.0,
        exclusive_high=True,
        help="Chance that the console ignores a choice and repeats the last one, as in the standard "
        "benchmark.",
        too_low="0 makes the game easier to learn, and the agent less robust.",
        too_high="Near 1 nobody can steer.",
        late=True,
    )
    frame_skip: int = setting(
        4,
        low=1,
        high=MOST_FRAME_SKIP,
        help="Frames for which each choice is held: a step. Matches are played with 4; 60 are a second.",
        too_low="Finer control, but more choices to get right for each point, so slower to learn.",
        too_high="Too clumsy to hit the ball.",
        late=True,
    )
    max_frames: int = setting(
        MAX_FRAMES,
        low=100,
        high=MAX_FRAMES,
        help="Frames after which a game is cut off, for two players who never miss: 60,000 are a quarter "
        "of an hour.",
        too_low="Games end before anybody has 21 points.",
        too_high="Cannot be more: soon after that the cartridge itself gives up the game.",
        late=True,
    )
    checkpoint_every: int = setting(
        100,
        low=1,
        high=1_000_000,
        help="Games between two saved checkpoints, at least; they come farther apart as a training gets old.",
        too_low="More to choose from and less lost in a crash, but more disk space in use.",
        too_high="Long stretches without a checkpoint to play, fork or go back to.",
        late=True,
    )
    fade: float = setting(
        1.0,
        low=0.0,
        high=1.0,
        help="How much of the view before is subtracted from the present one: 1 shows only what moved, as in "
        "the post; 0.5 shows what is there, with a shadow where it was.",
        too_low="At 0 nothing tells where the ball goes.",
        too_high="At 1 what stands still cannot be seen.",
        late=True,
    )
    jitter_penalty: float = setting(
        0.0,
        low=0.0,
        high=1.0,
        help="What a change of direction costs, where a point is worth 1: 0 as in the post. Each step whose "
        "action differs from the one before it is charged.",
        too_low="At 0 the paddle may tremble as it likes.",
        too_high="It holds still, even where it should move: 0.01 is much already.",
        late=True,
    )
    l2: float = setting(
        0.0,
        low=0.0,
        high=0.1,
        help="Share of every weight that is lost with each update (weight decay): 0 as in the post. What the "
        "score does not keep up fades, and the pictures of the weights become cleaner.",
        too_low="Weights of pixels that hardly matter keep their first, random values.",
        too_high="It forgets as fast as it learns: 0.001 is much already.",
        late=True,
    )
    actions: int = setting(
        2,
        low=2,
        high=3,
        help="What the network chooses from: 2 are UP and DOWN, as in the post; 3 are UP, STAY and DOWN.",
        too_low="It trembles where it would stand still.",
        too_high="It can rest, and has more to find out.",
        late=True,
    )
    second_layer: int = setting(
        0,
        low=0,
        high=1024,
        help="Neurons of a second hidden layer, behind the first; 0 for none, as in the post.",
        too_low="The decision is a plain sum of what the first layer found.",
        too_high="It can combine what was found, learns slower at first, and costs time.",
        late=True,
    )
    third_layer: int = setting(
        0,
        low=0,
        high=1024,
        help="Neurons of a third hidden layer; 0 for none. It needs a second one.",
        too_low="Fewer layers learn sooner.",
        too_high="More combinations, for more time.",
        late=True,
    )
    crop: int = setting(
        0,
        low=0,
        high=len(CROPS) - 1,
        help="What of the view it sees: 0 all of it, 80×80; 1 all but the five lowest rows, 75×80, as some "
        "forks of the post's program; 2 only from paddle to paddle, 80×64: a ball that has passed is gone.",
        too_low="At 0 it sees everything.",
        too_high="Fewer pixels to learn from.",
        late=True,
    )
    shuffle: int = setting(
        0,
        low=0,
        high=MOST_SHUFFLES - 1,
        help="0 shows the pixels in their places; any other number shuffles them, always in the same way. "
        "Then only what changes together tells which pixels are neighbours.",
        too_low="At 0 it sees a picture.",
        too_high="Another number is another order, nothing more.",
        late=True,
    )
    emulator: int = setting(
        0,
        low=0,
        high=1,
        help="What it plays on: 0 the cartridge's rules, compiled, 1 the emulator itself. Both are the same "
        "game, bit for bit.",
        too_low="Seconds and minutes.",
        too_high="A hundred times as long, or more, for the same.",
        late=True,
    )

    @property
    def spec(self) -> AgentSpec:
        """What its networks are shown, what they may do, and how long their decisions last."""
        return AgentSpec(Observation(self.fade, self.crop, self.shuffle), self.frame_skip, self.actions)

    @property
    def layers(self) -> tuple[int, ...]:
        """Sizes of its networks' hidden layers."""
        return tuple(each for each in (self.hidden_units, self.second_layer, self.third_layer) if each)

    def new_network(self, rng: np.random.Generator) -> PolicyNetwork:
        """Random weights to begin with."""
        return PolicyNetwork.random(self.hidden_units, rng, self.spec, deeper=self.layers[1:])

    def check_start(self, policy: PolicyNetwork) -> None:
        """Looks whether a training may begin with this network.

        Raises:
            InvalidSettingError: When it is of another size, sees or does something else. Its decisions may
                have lasted longer or shorter.
        """
        for name, value in settings_of_network(policy).items():
            own = getattr(self, name)
            if own != value and name != "frame_skip":
                raise InvalidSettingError(
                    f"expected {setting_label(name)} to be {value:g}, as in the network to start from, "
                    f"got {own:g}; leave the setting away or use the same number"
                )

    @classmethod
    def upgrade(cls, settings: Mapping[str, Any]) -> dict[str, Any]:
        """The settings in an older file: what did not exist then is set to what it was."""
        return {"fade": 1.0, **settings}


@dataclass(frozen=True)
class GradientRecipe(Recipe):
    """A recipe that credits every decision with the points after it."""

    gamma: float = setting(
        0.99,
        low=0.0,
        high=1.0,
        help="How much a point counts for the moves before it: 0.99 spreads it over the last 100 or so.",
        too_low="Only the last moments count, where it is too late to move.",
        too_high="At 1 all moves of a rally count alike, and luck drowns what mattered.",
    )


def settings_of_network(policy: PolicyNetwork) -> dict[str, int | float]:
    """The settings of a recipe that makes networks like this one."""
    observation, layers = policy.spec.observation, (*policy.layers, 0, 0)
    return {
        "hidden_units": layers[0],
        "fade": observation.fade,
        "frame_skip": policy.spec.frame_skip,
        "actions": policy.spec.actions,
        "second_layer": layers[1],
        "third_layer": layers[2],
        "crop": observation.crop,
        "shuffle": observation.shuffle,
    }
