"""A piece of a training, as a task: from one saved state to the next, wherever it is done."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pongarena.lab.learners import Learner
from pongarena.library.curve import Points
from pongarena.training.recipe import Recipe

__all__ = ["Budget", "Piece", "Row", "State", "points_of", "train_piece"]

State = tuple[Mapping[str, NDArray[Any]], Mapping[str, Any]]
"""What a training goes on from: arrays, and JSON types."""


class Budget(NamedTuple):
    """How long a piece lasts: until either is reached, and the update after it is done.

    Attributes:
        steps: Decisions of the whole training so far.
        seconds: Of this piece, without the compiler's.
    """

    steps: int
    seconds: float


class Row(NamedTuple):
    """An update.

    Attributes:
        number: Counts the updates.
        steps: Decisions by then.
        won: Points won in what it learned from.
        lost: Points lost.
        seconds: Since the piece began.
    """

    number: int
    steps: int
    won: int
    lost: int
    seconds: float

    def to_metrics(self) -> dict[str, Any]:
        """The update as a line of `metrics.jsonl`, without its time."""
        return {
            "kind": "update",
            "episode": self.number,
            "steps": self.steps,
            "won": self.won,
            "lost": self.lost,
        }


@dataclass(frozen=True)
class Piece:
    """What came of it.

    Attributes:
        rows: Its updates, one at least.
        state: What the next piece begins with.
    """

    rows: tuple[Row, ...]
    state: State

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.rows[-1].seconds


def train_piece(recipe: Recipe, seed: int, state: State | None, budget: Budget) -> Piece:
    """Train for a while; the same arguments give the same rows where decisions are the limit.

    Args:
        recipe: How.
        seed: Of the weights and all games.
        state: Of the piece before; None for the first.
        budget: How long.
    """
    learner = Learner(recipe, seed, state)
    rows = []
    begun = time.monotonic()
    try:
        for progress in learner.run():
            if progress is None:
                continue
            seconds = round(time.monotonic() - begun - learner.idle_s, 3)
            rows.append(Row(*progress, seconds))
            if progress.steps >= budget.steps or seconds >= budget.seconds:
                break
        return Piece(tuple(rows), learner.state())
    finally:
        learner.close()


def points_of(rows: list[Row]) -> Points:
    """The points of a training's updates."""
    columns = np.array([(row.steps, row.won, row.lost) for row in rows], np.int64).reshape(-1, 3).T
    return Points(*columns)
