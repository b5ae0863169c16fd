"""A training run as the lab sees it: progress in points won and lost, and a state to resume from."""

import time
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from numpy.typing import NDArray

from pongarena.training import registry
from pongarena.training.events import Compiling, Updated
from pongarena.training.recipe import Recipe

__all__ = ["Learner", "Progress"]


class Progress(NamedTuple):
    """The result of one update."""

    number: int
    steps: int
    """Decisions so far."""
    won: int
    lost: int


class Learner:
    """A training run.

    Attributes:
        idle_s: Seconds of compilation before the first game.
    """

    def __init__(
        self,
        recipe: Recipe,
        seed: int,
        saved: tuple[Mapping[str, NDArray[Any]], Mapping[str, Any]] | None = None,
    ) -> None:
        """Start a new run, or continue from what `state` returned.

        Raises:
            CheckpointError: When the saved state does not belong to the recipe.
        """
        self.idle_s = 0.0
        self._trainer = (
            registry.resume_trainer(recipe, *saved) if saved else registry.new_trainer(recipe, seed=seed)
        )

    def run(self) -> Iterator[Progress | None]:
        """Train while the caller asks for more; yield None wherever it can be stopped."""
        begun, waits = time.monotonic(), True
        for event in self._trainer.events():
            if waits:
                self.idle_s, waits = time.monotonic() - begun, isinstance(event, Compiling)
            if isinstance(event, Updated):
                yield Progress(event.update, event.steps, event.won, event.lost)
            else:
                yield None

    def state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return all that is needed to continue from the last progress: arrays, and JSON types."""
        return self._trainer.resume_state()

    def close(self) -> None:
        """Close the games and stop the threads."""
        self._trainer.close()
