"""What a trainer tells the world while it works."""

from dataclasses import dataclass
from typing import TypeAlias

__all__ = [
    "CheckpointDue",
    "Compiling",
    "EpisodeFinished",
    "Event",
    "FellBack",
    "Tick",
    "Updated",
]


@dataclass(frozen=True)
class Compiling:
    """The compiler works, before anything is played: only where its cache does not have the code yet.

    Comes before each part that is to be compiled, and stops come through in between.
    """

    done: int
    """Parts that are compiled."""
    total: int
    """Parts in all."""
    what: str = "the game and the learner"
    """What is compiled, in words for people."""

    def __str__(self) -> str:
        """For whoever waits."""
        return f"compiling {self.what}, once ({self.done} of {self.total})"


@dataclass(frozen=True)
class FellBack:
    """The games are played on the emulator, though the recipe has them compiled. Comes before the first."""

    why: str
    """What is wrong with the compiled game here, as a sentence."""

    def __str__(self) -> str:
        """For whoever trains."""
        return f"it trains on the emulator, hundreds of times slower: {self.why}"


@dataclass(frozen=True)
class Tick:
    """The games went on for a while: a moment to pause, stop or answer. At least one a second."""


@dataclass(frozen=True)
class EpisodeFinished:
    """A game ended. They come in the order of their numbers, from 1."""

    episode: int
    won: int
    lost: int
    reward: int
    """won − lost, −21..21."""
    running_reward: float
    """0.99·old + 0.01·new; the first game's own reward to begin with."""
    steps: int
    """Decisions in this game."""
    total_steps: int
    """Decisions learned from, or about to be, by then."""
    truncated: bool
    """Whether it was cut off by the frame limit."""


@dataclass(frozen=True)
class Updated:
    """The weights took a step."""

    update: int
    episode: int
    """The last game that it learned from."""
    gradient_norm: float | None
    """None where none is computed."""
    weight_norm: float
    mean_p_up: float
    """Average of P(UP) over the batch, 0..1."""
    entropy: float
    """Average entropy of the decisions in nats: 0.693 undecided, 0 sure of everything."""
    steps: int
    """Decisions that the network has learned from, this batch's included."""
    won: int
    """Points won in what this update learned from."""
    lost: int
    """Points lost in it."""
    kl: float | None = None
    """How far the decisions moved, in nats each; None when the recipe does not steer by it."""
    learning_rate: float | None = None
    """The rate for the next update; None while it is the recipe's constant."""
    explained: float | None = None
    """Share of the returns' variance that the critic foretold; None without a critic."""
    accepted: float | None = None
    """Share of the step tried first that was taken in the end; None where no step is tried."""
    moved: float | None = None
    """How far a search moved its weights; None where a gradient does."""
    turns: float | None = None
    """Share of the decisions that differ from the one before, 0..1."""
    rating: float | None = None
    """Among its older selves, on Elo's scale by points, 0 as it began; None where it does not meet them."""
    update_ratios: tuple[float, ...] | None = None
    """‖ΔW‖ ÷ ‖W‖ of each layer, from the first to the last; None where it was not measured."""


@dataclass(frozen=True)
class CheckpointDue:
    """A good moment to save: the weights are updated, and `Trainer.resume_state` is this moment's.

    Comes once in `checkpoint_every` games at the most; a session leaves out those that lie too close.
    """

    episode: int


Event: TypeAlias = Compiling | FellBack | Tick | EpisodeFinished | Updated | CheckpointDue
