"""What every recipe is: how to train, as a frozen dataclass of documented settings.

Each setting tells what it does and which values make sense, so that the command line's help, the app's form
and the validation all read from one place. To add a recipe, write its dataclass and its trainer, and enter it
in `registry`; a package of your own names it as an entry point of the group `pongarena.recipes`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from pongarena.game.rules import MAX_FRAMES, MOST_FRAME_SKIP
from pongarena.nn.policy import MAX_HIDDEN_UNITS
from pongarena.nn.spec import AgentSpec
from pongarena.training.settings import setting

__all__ = ["Recipe"]


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
    gamma: float = setting(
        0.99,
        low=0.0,
        high=1.0,
        help="How much a point counts for the moves before it: 0.99 spreads it over the last 100 or so.",
        too_low="Only the last moments count, where it is too late to move.",
        too_high="At 1 all moves of a rally count alike, and luck drowns what mattered.",
    )
    sticky: float = setting(
        0.25,
        low=0.0,
        high=1.0,
        exclusive_high=True,
        help="Chance that the console ignores a decision and repeats the last one, as in the standard "
        "benchmark.",
        too_low="0 makes the game easier to learn, and the agent less robust.",
        too_high="Near 1 nobody can steer.",
        late=True,
    )
    frame_skip: int = setting(
        4,
        low=1,
        high=MOST_FRAME_SKIP,
        help="Frames for which each decision is held; 60 frames are a second. Matches are played with 4.",
        too_low="Finer control, but more decisions to get right for each point, so slower to learn.",
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
        """What its networks are shown, and how long their decisions last."""
        return AgentSpec(self.fade, self.frame_skip)

    @classmethod
    def upgrade(cls, settings: Mapping[str, Any]) -> dict[str, Any]:
        """The settings in an older file: what did not exist then is set to what it was."""
        return {"fade": 1.0, **settings}
