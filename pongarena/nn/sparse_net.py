"""A network of one hidden layer that learns from sparse frames, with weights shared between neighbours.

What `PolicyNetwork` is for playing, this is for learning at speed: the actor of the turbo recipe is one of
these around a `PolicyNetwork`'s own arrays, and its critic another. Its first layer is the sum of five tables
in which pixels above one another share their weights by 1, 2, 4, 8 and 16, so that what is learned at one
height of the screen is known at its neighbours (the largest single gain in speed that was measured); the sum
is what is stored and plays.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pongarena.core.arrays import FloatArray
from pongarena.envs.observation import PIXELS
from pongarena.nn import adam_kernels as kernels
from pongarena.nn import network_kernels
from pongarena.nn.frames import Frames
from pongarena.nn.network_kernels import BLOCK
from pongarena.nn.threads import GRAIN, Threads, side_by_side

__all__ = ["SparseNet", "extended"]

_DECAY_FIRST, _DECAY_SECOND, _EPSILON = 0.9, 0.999, 1e-5
"""Adam's, as PPO is usually run."""


def extended(pixels: FloatArray) -> FloatArray:
    """A table of pixels' rows, (6400·k, units), with room for the rows that stand for a paddle."""
    blocks = len(pixels) // PIXELS
    table = np.zeros((blocks * BLOCK, pixels.shape[1]), np.float32)
    for block in range(blocks):
        table[block * BLOCK : block * BLOCK + PIXELS] = pixels[block * PIXELS : (block + 1) * PIXELS]
    network_kernels.sum_runs(table, 0, pixels.shape[1])
    return table


class SparseNet:
    """output = ReLU(frame · table + bias) · head + head_bias.

    Attributes:
        table: Shape (`BLOCK`·k, units), float32: one row an input; with k = 2 it sees what is lit, too.
        head: Shape (units,), float32.
        bias: Shape (units,), float32.
        head_bias: Shape (1,), float32.
    """

    def __init__(self, table: FloatArray, head: FloatArray, *, biases: bool, threads: Threads) -> None:
        """Takes over the arrays, and changes them in place when it learns.

        Args:
            table: As `extended` makes it.
            head: Shape (units,).
            biases: Whether it learns biases; they stay 0 otherwise.
            threads: Do the work.
        """
        inputs, units = table.shape
        self.table, self.head = table, head
        self._threads = threads
        self.bias: FloatArray = np.zeros(units, np.float32)
        self.head_bias: FloatArray = np.zeros(1, np.float32)
        self._pixels = [table[base : base + PIXELS] for base in range(0, inputs, BLOCK)]
        self._tree = kernels.pool_tree()
        self._squares = np.zeros((len(self._pixels), PIXELS // kernels.POOL))
        self._first: FloatArray = np.zeros((self._squares.size * len(self._tree), units), np.float32)
        self._second: FloatArray = np.zeros_like(self._first)
        small = {"head": head, **({"bias": self.bias, "head_bias": self.head_bias} if biases else {})}
        self._small = {
            name: (array, np.zeros_like(array), np.zeros_like(array)) for name, array in small.items()
        }
        self._updates = 0
        self._gradient = side_by_side(*table.shape)
        self._touched: NDArray[np.uint8] = np.zeros(inputs, np.uint8)
        self._sums = {"bias": side_by_side(units), "head": side_by_side(units)}
        self._small_gradients = {
            **{name: array[:units] for name, array in self._sums.items()},
            "head_bias": np.zeros(1, np.float32),
        }

    def outputs(self, frames: Frames, rows: NDArray[np.int64]) -> FloatArray:
        """The outputs for some of the frames, shape (n,)."""
        out = np.empty(len(rows), np.float32)

        def part(first: int, last: int) -> None:
            network_kernels.outputs(
                frames.columns,
                frames.values,
                frames.begin,
                self._ends(frames),
                rows,
                first,
                last,
                self.table,
                self.bias,
                self.head,
                self.head_bias[0],
                out,
            )

        self._threads.split(part, len(rows))
        return out

    def backward(self, frames: Frames, rows: NDArray[np.int64], dout: FloatArray) -> None:
        """Adds to the gradient of the loss; `step` uses and clears it.

        Args:
            frames: Frames.
            rows: Which of them.
            dout: Shape (n,), float32: the loss's derivative by each output.
        """
        ends = self._ends(frames)
        network_kernels.mark(frames.columns, frames.begin, ends, rows, self._touched)

        def part(low: int, high: int) -> None:
            network_kernels.accumulate(
                frames.columns,
                frames.values,
                frames.begin,
                ends,
                rows,
                dout,
                self.table,
                self.bias,
                self.head,
                self._gradient,
                self._sums["bias"],
                self._sums["head"],
                low,
                high,
            )

        self._threads.split(part, len(self.head), grain=GRAIN)
        self._small_gradients["head_bias"] += dout.sum()

    def step(self, rate: float, *, max_norm: float) -> float:
        """Takes one step downhill by Adam, and forgets the gradient.

        Args:
            rate: How long.
            max_norm: A longer gradient is shortened to this length.

        Returns:
            The gradient's length before that; nothing is changed when it is not finite.
        """
        self._spread_runs()
        squares = [float(np.square(self._small_gradients[name]).sum()) for name in self._small]
        norm = float(np.sqrt(self._squared_norm() + sum(squares)))
        if not np.isfinite(norm):
            self.forget_gradient()
            return norm
        scale = np.float32(min(1.0, max_norm / (norm + 1e-9)))
        self._updates += 1
        length = np.float32(rate / (1 - _DECAY_FIRST**self._updates))
        correct = np.float32(1 / (1 - _DECAY_SECOND**self._updates))
        b1, b2, epsilon = np.float32(_DECAY_FIRST), np.float32(_DECAY_SECOND), np.float32(_EPSILON)

        def part(first: int, last: int) -> None:
            for i, pixels in enumerate(self._pixels):
                mine = slice(i * BLOCK, i * BLOCK + PIXELS)
                moments = slice(i * nodes, (i + 1) * nodes)
                kernels.adam_pooled(
                    pixels,
                    self._gradient[mine],
                    self._touched[mine],
                    self._first[moments],
                    self._second[moments],
                    self._tree,
                    first,
                    last,
                    scale,
                    length,
                    b1,
                    b2,
                    correct,
                    epsilon,
                )

        nodes = len(self._first) // len(self._pixels)
        self._threads.split(part, PIXELS // kernels.POOL)
        for name, arrays in self._small.items():
            weights, m, v = arrays
            gradient = self._small_gradients[name] * scale
            m += (1 - b1) * (gradient - m)
            v += (1 - b2) * (np.square(gradient) - v)
            weights -= length * m / (np.sqrt(v * correct) + epsilon)
        self._sum_runs()
        self.forget_gradient()
        return norm

    def forget_gradient(self) -> None:
        """Drops what `backward` collected."""
        self._touched[:] = 0
        self._gradient[:] = 0
        for array in self._small_gradients.values():
            array[:] = 0

    def _spread_runs(self) -> None:
        def part(low: int, high: int) -> None:
            network_kernels.spread_runs(self._gradient, self._touched, low, high)

        self._threads.split(part, len(self.head), grain=GRAIN)

    def _squared_norm(self) -> float:
        def part(first: int, last: int) -> None:
            for i, squares in enumerate(self._squares):
                mine = slice(i * BLOCK, i * BLOCK + PIXELS)
                kernels.squared_norms(self._gradient[mine], self._touched[mine], first, last, squares)

        self._threads.split(part, PIXELS // kernels.POOL)
        return float(self._squares.sum())

    def _sum_runs(self) -> None:
        def part(low: int, high: int) -> None:
            network_kernels.sum_runs(self.table, low, high)

        self._threads.split(part, len(self.head), grain=GRAIN)

    def _ends(self, frames: Frames) -> NDArray[np.int64]:
        return frames.middle if len(self._pixels) == 1 else frames.end

    def gradients(self) -> dict[str, FloatArray]:
        """The gradient collected so far, by the arrays' names: copies."""
        gradient, touched, units = self._gradient.copy(), self._touched.copy(), len(self.head)
        network_kernels.spread_runs(gradient, touched, 0, units)
        return {
            "table": _pixels_of(gradient)[:, :units],
            **{name: array.copy() for name, array in self._small_gradients.items() if name in self._small},
        }

    def forget_moments(self) -> None:
        """Begins Adam's memory anew."""
        for array in (self._first, self._second, *(x for _, *both in self._small.values() for x in both)):
            array[:] = 0
        self._updates = 0

    def weights(self) -> dict[str, FloatArray]:
        """What it has learned, by name; the table without the rows that stand for a paddle."""
        return {
            "table": _pixels_of(self.table),
            **{name: array for name, (array, _, _) in self._small.items()},
        }

    def copy_weights(self) -> dict[str, FloatArray]:
        """The weights, for `take_weights`: copies."""
        return {name: array.copy() for name, array in self.weights().items()}

    def take_weights(self, weights: Mapping[str, NDArray[Any]]) -> None:
        """Takes up weights as `weights` gives them."""
        for i, pixels in enumerate(self._pixels):
            pixels[...] = weights["table"][i * PIXELS : (i + 1) * PIXELS]
        for name, (array, _, _) in self._small.items():
            array[...] = weights[name]
        self._sum_runs()

    def is_finite(self) -> bool:
        """Whether no weight is NaN or infinite."""
        return all(
            bool(np.isfinite(array).all()) for array in (self.table, *(a for a, _, _ in self._small.values()))
        )

    def state(self, prefix: str) -> dict[str, NDArray[Any]]:
        """Weights and Adam's memory under names that begin with `prefix`: the arrays themselves."""
        arrays: dict[str, NDArray[Any]] = {
            f"{prefix}_{name}": array for name, array in self.weights().items()
        }
        arrays |= {f"{prefix}_table_first": self._first, f"{prefix}_table_second": self._second}
        for name, (_, first, second) in self._small.items():
            arrays |= {f"{prefix}_{name}_first": first, f"{prefix}_{name}_second": second}
        return {**arrays, f"{prefix}_updates": np.array([self._updates])}

    def restore(self, arrays: Mapping[str, NDArray[Any]], prefix: str) -> None:
        """Takes up what `state` gave.

        Raises:
            KeyError: When an array is missing.
            ValueError: When one is of another shape.
        """
        for name, array in self.state(prefix).items():
            saved = arrays[name]
            if saved.shape != array.shape:
                raise ValueError(f"{name}: expected shape {array.shape}, got {saved.shape}")
            if name != f"{prefix}_table":
                array[...] = saved
        self.take_weights({name: arrays[f"{prefix}_{name}"] for name in ("table", *self._small)})
        self._updates = int(arrays[f"{prefix}_updates"][0])


def _pixels_of(table: FloatArray) -> FloatArray:
    """The pixels' rows alone, shape (6400·k, units): a view for one block, else a copy."""
    parts = [table[base : base + PIXELS] for base in range(0, len(table), BLOCK)]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
