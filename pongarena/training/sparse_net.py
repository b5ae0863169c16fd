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

from pongarena.game.vision import FloatArray, SparseFrames
from pongarena.training import kernels

__all__ = ["SparseNet"]

_DECAY_FIRST, _DECAY_SECOND, _EPSILON = 0.9, 0.999, 1e-5
"""Adam's, as PPO is usually run."""


_CHUNK = 4096
"""Frames whose hidden activations are held at once."""


class SparseNet:
    """output = ReLU(frame · table + bias) · head + head_bias.

    Attributes:
        table: Shape (inputs, units), float32: one row an input.
        head: Shape (units,), float32.
        bias: Shape (units,), float32.
        head_bias: Shape (1,), float32.
    """

    def __init__(self, table: FloatArray, head: FloatArray, *, biases: bool) -> None:
        """Takes over the arrays, and changes them in place when it learns.

        Args:
            table: Shape (6400·k, units), in C order.
            head: Shape (units,).
            biases: Whether it learns biases; they stay 0 otherwise.
        """
        inputs, units = table.shape
        self.table, self.head = table, head
        self.bias: FloatArray = np.zeros(units, np.float32)
        self.head_bias: FloatArray = np.zeros(1, np.float32)
        blocks = inputs // kernels.POOL
        nodes = 2 * kernels.POOL - 1
        self._first: FloatArray = np.zeros((blocks * nodes, units), np.float32)
        self._second: FloatArray = np.zeros_like(self._first)
        small = {"head": head, **({"bias": self.bias, "head_bias": self.head_bias} if biases else {})}
        self._small = {
            name: (array, np.zeros_like(array), np.zeros_like(array)) for name, array in small.items()
        }
        self._updates = 0
        self._gradient: FloatArray = np.zeros_like(table)
        self._touched: NDArray[np.uint8] = np.zeros(inputs, np.uint8)
        self._small_gradients = {
            "bias": np.zeros(units, np.float32),
            "head": np.zeros(units, np.float32),
            "head_bias": np.zeros(1, np.float32),
        }

    def forward(
        self, frames: SparseFrames, rows: NDArray[np.int64] | None = None
    ) -> tuple[FloatArray, FloatArray]:
        """Computes some frames, or all.

        Returns:
            The hidden activations, shape (n, units), and the outputs, shape (n,).
        """
        chosen = np.arange(len(frames)) if rows is None else rows
        hidden = np.empty((len(chosen), self.table.shape[1]), np.float32)
        out = np.empty(len(chosen), np.float32)
        kernels.forward(
            frames.starts,
            frames.columns,
            frames.values,
            chosen,
            self.table,
            self.bias,
            self.head,
            self.head_bias[0],
            hidden,
            out,
        )
        return hidden, out

    def outputs(self, frames: SparseFrames, rows: NDArray[np.int64] | None = None) -> FloatArray:
        """The outputs alone, shape (n,), without holding all hidden activations at once."""
        chosen = np.arange(len(frames)) if rows is None else rows
        parts = np.split(chosen, range(_CHUNK, len(chosen), _CHUNK))
        return np.concatenate([self.forward(frames, part)[1] for part in parts])

    def backward(
        self, frames: SparseFrames, rows: NDArray[np.int64], hidden: FloatArray, dout: FloatArray
    ) -> None:
        """Adds to the gradient of the loss; `step` uses and clears it.

        Args:
            frames: As given to `forward`.
            rows: As given to `forward`.
            hidden: What `forward` gave.
            dout: Shape (n,), float32: the loss's derivative by each output.
        """
        small = self._small_gradients
        kernels.backward(
            frames.starts,
            frames.columns,
            frames.values,
            rows,
            hidden,
            self.head,
            dout,
            self._gradient,
            self._touched,
            small["bias"],
            small["head"],
        )
        small["head_bias"] += dout.sum()

    def gradients(self) -> dict[str, FloatArray]:
        """The gradient collected so far, by the arrays' names: copies."""
        table = np.where(self._touched[:, None] > 0, self._gradient, np.float32(0))
        return {
            "table": table,
            **{name: array.copy() for name, array in self._small_gradients.items() if name in self._small},
        }

    def step(self, rate: float, *, max_norm: float) -> float:
        """Takes one step downhill by Adam, and forgets the gradient.

        Args:
            rate: How long.
            max_norm: A longer gradient is shortened to this length.

        Returns:
            The gradient's length before that; nothing is changed when it is not finite.
        """
        squares = [float(np.square(self._small_gradients[name]).sum()) for name in self._small]
        norm = float(np.sqrt(kernels.squared_norm(self._gradient, self._touched) + sum(squares)))
        if not np.isfinite(norm):
            self.forget_gradient()
            return norm
        scale = np.float32(min(1.0, max_norm / (norm + 1e-9)))
        self._updates += 1
        length = np.float32(rate / (1 - _DECAY_FIRST**self._updates))
        correct = np.float32(1 / (1 - _DECAY_SECOND**self._updates))
        b1, b2, epsilon = np.float32(_DECAY_FIRST), np.float32(_DECAY_SECOND), np.float32(_EPSILON)
        kernels.adam_pooled(
            self.table,
            self._gradient,
            self._touched,
            self._first,
            self._second,
            scale,
            length,
            b1,
            b2,
            correct,
            epsilon,
        )
        for name, arrays in self._small.items():
            weights, m, v = arrays
            gradient = self._small_gradients[name] * scale
            m += (1 - b1) * (gradient - m)
            v += (1 - b2) * (np.square(gradient) - v)
            weights -= length * m / (np.sqrt(v * correct) + epsilon)
        self.forget_gradient()
        return norm

    def forget_gradient(self) -> None:
        """Drops what `backward` collected."""
        self._touched[:] = 0
        for array in self._small_gradients.values():
            array[:] = 0

    def forget_moments(self) -> None:
        """Begins Adam's memory anew."""
        for array in (self._first, self._second, *(x for _, *both in self._small.values() for x in both)):
            array[:] = 0
        self._updates = 0

    def weights(self) -> dict[str, FloatArray]:
        """What it has learned, by name: the arrays themselves."""
        return {"table": self.table, **{name: array for name, (array, _, _) in self._small.items()}}

    def is_finite(self) -> bool:
        """Whether no weight is NaN or infinite."""
        return all(bool(np.isfinite(array).all()) for array in self.weights().values())

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
            array[...] = saved
        self._updates = int(arrays[f"{prefix}_updates"][0])
