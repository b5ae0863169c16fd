"""The learner of the karpathy recipe: policy gradients with discounted, standardised returns.

∇E[f] = E[f·∇log p]: it makes the decisions that led to points more likely, the others less. Then a step of
RMSProp: ``square = decay·square + (1 − decay)·gradient²``, ``weight += rate · gradient / (√square + ε)``;
ε stands outside the root, as in the post.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pongarena.core.arrays import FloatArray
from pongarena.envs.observation import PIXELS
from pongarena.nn import adam_kernels as kernels
from pongarena.nn import network_kernels
from pongarena.nn.threads import GRAIN, Threads, side_by_side
from pongarena.training.algorithms.karpathy import KarpathyRecipe
from pongarena.training.games import Game

__all__ = ["Reinforce"]


class Reinforce:
    """Gathers a batch's gradient game by game, then takes a step.

    The sums run in the order of the games, unit by unit: so they do not depend on threads.

    Attributes:
        learning_rate: Size of the steps.
    """

    def __init__(self, recipe: KarpathyRecipe, table: FloatArray, head: FloatArray, threads: Threads) -> None:
        """Starts without memory.

        Args:
            recipe: The settings.
            table: The network's first layer, as `extended` makes it; changed in place.
            head: Its second layer; changed in place.
            threads: Do the work.
        """
        self.learning_rate = recipe.learning_rate
        self._recipe = recipe
        self._threads = threads
        self._table, self._head = table, head
        self._gradient = side_by_side(*table.shape)
        self._head_sum = side_by_side(len(head))
        self._head_gradient = self._head_sum[: len(head)]
        self._touched: NDArray[np.uint8] = np.zeros(len(table), np.uint8)
        self._square: FloatArray = np.zeros_like(table[:PIXELS])
        self._head_square: FloatArray = np.zeros_like(head)
        self._age: NDArray[np.int64] = np.zeros(PIXELS, np.int64)
        self._updates = 0

    def gather(self, games: Sequence[Game], *, standardised: bool = True) -> None:
        """Adds the gradient of Σ advantage·log p(decision) over all decisions of the games, in their order.

        Args:
            games: Whole games, played with the present weights.
            standardised: Whether the advantage is the standardised return of the game, or the plain one.
        """
        errors = [np.empty(len(game.up), np.float32) for game in games]
        for game, error in zip(games, errors, strict=True):
            network_kernels.reinforce_errors(
                game.up, game.logits, game.rewards, self._recipe.gamma, standardised, error
            )
            for frames, rows in game.parts:
                network_kernels.mark(frames.columns, frames.begin, frames.middle, rows, self._touched)
        bias = np.zeros_like(self._head)

        def part(low: int, high: int) -> None:
            nowhere = np.zeros_like(bias)
            for game, error in zip(games, errors, strict=True):
                first = 0
                for frames, rows in game.parts:
                    network_kernels.accumulate(
                        frames.columns,
                        frames.values,
                        frames.begin,
                        frames.middle,
                        rows,
                        error[first : first + len(rows)],
                        self._table,
                        bias,
                        self._head,
                        self._gradient,
                        nowhere,
                        self._head_sum,
                        low,
                        high,
                    )
                    first += len(rows)

        self._threads.split(part, len(self._head), grain=GRAIN)

    def norm(self) -> float:
        """Euclidean length of what was gathered; infinite or NaN when an entry is."""
        self._spread()
        head = float(np.square(self._head_gradient, dtype=np.float64).sum())
        squares = np.zeros(PIXELS // kernels.POOL)
        kernels.squared_norms(self._gradient[:PIXELS], self._touched[:PIXELS], 0, len(squares), squares)
        return float(np.sqrt(squares.sum() + head))

    def ascend(self) -> None:
        """Takes one step along what was gathered, and forgets it.

        Note: changes the network.
        """
        self._spread()
        recipe = self._recipe
        rate, epsilon = np.float32(self.learning_rate), np.float32(recipe.epsilon)
        self._updates += 1

        def part(first: int, last: int) -> None:
            network_kernels.rmsprop(
                self._table,
                self._square,
                self._age,
                self._gradient,
                self._touched,
                first,
                last,
                self._updates,
                rate,
                recipe.decay,
                epsilon,
            )

        self._threads.split(part, PIXELS)
        self._head_square *= np.float32(recipe.decay)
        self._head_square += np.float32(1 - recipe.decay) * np.square(self._head_gradient)
        self._head += rate * self._head_gradient / (np.sqrt(self._head_square) + epsilon)
        self._sum_runs()
        self.forget()

    def forget(self) -> None:
        """Drops what was gathered."""
        self._gradient[:] = 0
        self._touched[:] = 0
        self._head_gradient[:] = 0

    def state(self) -> dict[str, NDArray[Any]]:
        """Weights, as the network has them, and the optimiser's memory by name: the arrays themselves."""
        return {**self._arrays(), "square_age": self._updates - self._age}

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Takes up what `state` gave.

        Raises:
            KeyError: When an array is missing.
            ValueError: When one is of another shape.
        """
        own = self._arrays()
        for name, array in own.items():
            if arrays[name].shape != array.shape:
                raise ValueError(f"{name}: expected shape {array.shape}, got {arrays[name].shape}")
        age = arrays.get("square_age")  # files from before this was kept have all squares up to date
        if age is not None and (age.shape != self._age.shape or (age < 0).any()):
            raise ValueError(f"square_age: expected {PIXELS} numbers from 0 on")
        for name, array in own.items():
            array[...] = arrays[name]
        self._updates = 0
        self._age[:] = 0 if age is None else -age.astype(np.int64)
        self._sum_runs()

    def _arrays(self) -> dict[str, FloatArray]:
        return {
            "w1": self._table[:PIXELS].T,
            "w2": self._head[None],
            "square_w1": self._square.T,
            "square_w2": self._head_square[None],
        }

    def _spread(self) -> None:
        """Hands the paddles' gradients to their pixels; a second time does nothing."""

        def part(low: int, high: int) -> None:
            network_kernels.spread_runs(self._gradient, self._touched, low, high)

        self._threads.split(part, len(self._head), grain=GRAIN)

    def _sum_runs(self) -> None:
        def part(low: int, high: int) -> None:
            network_kernels.sum_runs(self._table, low, high)

        self._threads.split(part, len(self._head), grain=GRAIN)
