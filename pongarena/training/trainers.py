"""Which trainer belongs to which recipe."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from numpy.typing import NDArray

from pongarena.nn.policy import PolicyNetwork
from pongarena.training.algorithms.karpathy import KarpathyTrainer
from pongarena.training.events import Event
from pongarena.training.recipes import Recipe, TurboRecipe

if TYPE_CHECKING:
    from pongarena.training.algorithms.turbo import TurboTrainer

__all__ = ["Trainer", "new_trainer", "resume_trainer"]


class Trainer(Protocol):
    """What every trainer offers; see `KarpathyTrainer` and `TurboTrainer`."""

    seed: int
    policy: PolicyNetwork
    episode: int
    updates: int
    steps: int

    @property
    def recipe(self) -> Recipe:
        """How it trains."""

    @property
    def game(self) -> str:
        """What the games are played on: "emulator" or "compiled"."""

    def events(self) -> Iterator[Event]:
        """Trains for as long as it is asked for the next event."""

    def resume_state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Everything needed to go on from the last update: arrays, and JSON types."""

    def set_learning_rate(self, rate: float | None) -> None:
        """Goes on with another learning rate; None for the recipe's own way."""

    def count_on(self, counters: Mapping[str, int], running_reward: float | None) -> None:
        """Takes up the numbers of a checkpoint whose state to resume from was lost."""

    def close(self) -> None:
        """Switches the consoles off."""


def new_trainer(recipe: Recipe, *, seed: int, policy: PolicyNetwork | None = None) -> Trainer:
    """A training from the beginning, with random weights or those of `policy`, copied.

    Raises:
        InvalidSettingError: When the seed or the weights' size do not fit.
    """
    if isinstance(recipe, TurboRecipe):
        return _turbo()(recipe, seed=seed, policy=policy)
    return KarpathyTrainer(recipe, seed=seed, policy=policy)


def resume_trainer(recipe: Recipe, arrays: Mapping[str, NDArray[Any]], state: Mapping[str, Any]) -> Trainer:
    """A training that goes on from what `Trainer.resume_state` gave.

    Raises:
        CheckpointError: When the state is not one of this recipe.
    """
    if isinstance(recipe, TurboRecipe):
        return _turbo().resume(recipe, arrays, state)
    return KarpathyTrainer.resume(recipe, arrays, state)


def _turbo() -> "type[TurboTrainer]":
    """The turbo trainer, whose compiler takes a while to import."""
    from pongarena.training.algorithms.turbo import TurboTrainer  # noqa: PLC0415

    return TurboTrainer
