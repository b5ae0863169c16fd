"""Whoever learns in an arm, seen by the lab: points won and lost, now and then, and a state to go on from."""

import time
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from numpy.typing import NDArray

from pongarena.training import registry
from pongarena.training.events import Compiling, Updated
from pongarena.training.recipe import Recipe

__all__ = ["Learner", "Progress"]


class Progress(NamedTuple):
    """What one update brought."""

    number: int
    steps: int
    """Decisions so far."""
    won: int
    lost: int


class Learner:
    """A training.

    Attributes:
        idle_s: Seconds before the first game, in which the compiler worked.
    """

    def __init__(
        self,
        recipe: Recipe,
        seed: int,
        saved: tuple[Mapping[str, NDArray[Any]], Mapping[str, Any]] | None = None,
    ) -> None:
        """Begins it, or goes on from what `state` gave.

        Raises:
            CheckpointError: When the saved state is of something else.
        """
        self.idle_s = 0.0
        self._trainer = (
            registry.resume_trainer(recipe, *saved) if saved else registry.new_trainer(recipe, seed=seed)
        )

    def run(self) -> Iterator[Progress | None]:
        """Learns for as long as it is asked; None at moments where it can be stopped."""
        begun, waits = time.monotonic(), True
        for event in self._trainer.events():
            if waits:
                self.idle_s, waits = time.monotonic() - begun, isinstance(event, Compiling)
            if isinstance(event, Updated):
                yield Progress(event.update, event.steps, event.won, event.lost)
            else:
                yield None

    def state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Everything to go on from, as of the last progress: arrays, and JSON types."""
        return self._trainer.resume_state()

    def close(self) -> None:
        """Lets the games go."""
        self._trainer.close()
