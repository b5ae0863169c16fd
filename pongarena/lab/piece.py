"""A piece of a training run as a task, from one saved state to the next, on any worker."""

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
"""A training run's state to resume from: arrays, and JSON types."""


class Budget(NamedTuple):
    """The length of a piece: it ends with the first update that reaches either limit.

    Attributes:
        steps: Decisions of the whole training run.
        seconds: Seconds of this piece, without compilation.
    """

    steps: int
    seconds: float


class Row(NamedTuple):
    """An update: points of its batch, decisions so far, and seconds since the piece started."""

    number: int
    steps: int
    won: int
    lost: int
    seconds: float

    def to_metrics(self) -> dict[str, Any]:
        """Return the update as a line of `metrics.jsonl`, without its time."""
        return {
            "kind": "update",
            "episode": self.number,
            "steps": self.steps,
            "won": self.won,
            "lost": self.lost,
        }


@dataclass(frozen=True)
class Piece:
    """The result of a piece.

    Attributes:
        rows: Its updates, at least one.
        state: The state to start the next piece from.
    """

    rows: tuple[Row, ...]
    state: State

    @property
    def seconds(self) -> float:
        """Duration without compilation."""
        return self.rows[-1].seconds


def train_piece(recipe: Recipe, seed: int, state: State | None, budget: Budget) -> Piece:
    """Train for a while, from the previous piece's state or from the beginning.

    If decisions are the limit, the same arguments give the same rows.
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
    """Convert updates to a curve's points."""
    columns = np.array([(row.steps, row.won, row.lost) for row in rows], np.int64).reshape(-1, 3).T
    return Points(*columns)
