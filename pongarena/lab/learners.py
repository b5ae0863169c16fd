"""Whoever learns in an arm, seen by the lab: points won and lost, now and then, and a state to go on from."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Protocol

from numpy.typing import NDArray

from pongarena.core.errors import CheckpointError
from pongarena.lab.experiments import Arm
from pongarena.training import registry
from pongarena.training.algorithms.search import CrossEntropy, RandomSearch, Search
from pongarena.training.events import Updated

__all__ = ["Learner", "Progress", "open_learner"]


class Progress(NamedTuple):
    """What one update, or one test of a search, brought."""

    number: int
    steps: int
    """Decisions so far."""
    won: int
    lost: int


class Learner(Protocol):
    """A training or a search."""

    def run(self) -> Iterator[Progress | None]:
        """Learns for as long as it is asked; None at moments where it can be stopped."""

    def state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Everything to go on from, as of the last progress: arrays, and JSON types."""

    def close(self) -> None:
        """Switches the consoles off."""


def open_learner(
    arm: Arm, seed: int, saved: tuple[Mapping[str, NDArray[Any]], Mapping[str, Any]] | None = None
) -> Learner:
    """The learner of an arm, from the beginning or from what `Learner.state` gave.

    Raises:
        CheckpointError: When the saved state is of something else.
    """
    if arm.method in registry.RECIPES:
        return _Training(arm, seed, saved)
    strategy = CrossEntropy() if arm.method == "cross-entropy" else _random_search(arm)
    search = Search(strategy, seed=seed)
    if saved is not None:
        try:
            search.restore(*saved)
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(
                f"expected the saved state of a search, got something else ({error!r}); "
                "delete it to search anew"
            ) from error
    return _Searching(search)


class _Training:
    def __init__(
        self, arm: Arm, seed: int, saved: tuple[Mapping[str, NDArray[Any]], Mapping[str, Any]] | None
    ) -> None:
        recipe = registry.recipe(arm.method, **{**arm.settings, **_varied(arm, seed)})
        self._trainer = (
            registry.resume_trainer(recipe, *saved) if saved else registry.new_trainer(recipe, seed=seed)
        )

    def run(self) -> Iterator[Progress | None]:
        for event in self._trainer.events():
            if isinstance(event, Updated):
                yield Progress(event.update, event.steps, event.won, event.lost)
            else:
                yield None

    def state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        return self._trainer.resume_state()

    def close(self) -> None:
        self._trainer.close()


class _Searching:
    def __init__(self, search: Search) -> None:
        self._search = search

    def run(self) -> Iterator[Progress | None]:
        for tested in self._search.run():
            yield Progress(tested.round, tested.steps, tested.won, tested.lost) if tested else None

    def state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        return self._search.state()

    def close(self) -> None:
        self._search.close()


def _varied(arm: Arm, seed: int) -> dict[str, int]:
    """The settings for what an arm is shown, and how it takes its returns; each seed has its own shuffle."""
    returns = {} if arm.normalised else {"normalise": 0}
    return returns | {"permuted": {"shuffle": 1 + seed}, "cropped": {"crop": 2}}.get(arm.sight, {})


def _random_search(arm: Arm) -> RandomSearch:
    hidden = int(arm.settings["hidden_units"])
    return RandomSearch(hidden_units=hidden or None)
