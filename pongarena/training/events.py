"""Events that a trainer yields while it works."""

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
    """The compiler works, before any game: only if its cache does not have the code yet.

    Comes before each part that is compiled; training can be stopped in between.
    """

    done: int
    """Parts compiled so far."""
    total: int
    """Parts in all."""
    what: str = "the game and the learner"
    """What is compiled, for display."""

    def __str__(self) -> str:
        return f"compiling {self.what}, once ({self.done} of {self.total})"


@dataclass(frozen=True)
class FellBack:
    """The games run on the emulator instead of the compiled rules. Comes before the first game."""

    why: str
    """What is wrong with the compiled game here, as a sentence."""

    def __str__(self) -> str:
        return f"it trains on the emulator, hundreds of times slower: {self.why}"


@dataclass(frozen=True)
class Tick:
    """Time passed: an opportunity to pause, stop or answer requests. At least once a second."""


@dataclass(frozen=True)
class EpisodeFinished:
    """A game ended. Games come in the order of their numbers, from 1."""

    episode: int
    won: int
    lost: int
    reward: int
    """won − lost, −21..21."""
    running_reward: float
    """0.99·old + 0.01·new, starting with the first game's reward."""
    steps: int
    """Decisions in this game."""
    total_steps: int
    """Decisions learned from, or about to be learned from, so far."""
    truncated: bool
    """Whether it was cut off by the frame limit."""


@dataclass(frozen=True)
class Updated:
    """The weights were updated."""

    update: int
    episode: int
    """The last game that was learned from."""
    gradient_norm: float | None
    """None if none is computed."""
    weight_norm: float
    mean_p_up: float
    """Average of P(UP) over the batch, 0..1."""
    entropy: float
    """Average entropy of the decisions in nats; with two actions from 0 (certain) to 0.693 (undecided)."""
    steps: int
    """Decisions learned from so far, including this batch."""
    won: int
    """Points won in this batch."""
    lost: int
    """Points lost in this batch."""
    kl: float | None = None
    """Mean KL divergence of the update in nats; None when the recipe does not use it."""
    learning_rate: float | None = None
    """The learning rate for the next update; None while it is the recipe's constant."""
    explained: float | None = None
    """Share of the returns' variance that the critic predicted; None without a critic."""
    accepted: float | None = None
    """Accepted share of the first step size tried; None without a line search."""
    moved: float | None = None
    """How far a search moved its weights; None for gradient methods."""
    turns: float | None = None
    """Share of the decisions that differ from the previous one, 0..1."""
    rating: float | None = None
    """Elo rating by points among its older selves, 0 at the start; None without self-play."""
    update_ratios: tuple[float, ...] | None = None
    """‖ΔW‖ ÷ ‖W‖ of each layer, from first to last; None when not measured."""


@dataclass(frozen=True)
class CheckpointDue:
    """A good moment to save: the weights are updated, and `Trainer.resume_state` matches them.

    Comes at most once per `checkpoint_every` games; a session skips those that are too close together.
    """

    episode: int


Event: TypeAlias = Compiling | FellBack | Tick | EpisodeFinished | Updated | CheckpointDue
