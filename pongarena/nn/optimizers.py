"""Optimisers: they update weights in place, and their state can be saved.

`RMSProp` is the post's, on whole arrays. For a `SparseNet`, whose gradients are mostly zero rows, there are
`SparseRMSProp`, with the same rule, and `PooledAdam`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pongarena.core.arrays import FloatArray
from pongarena.envs.observation import PIXELS
from pongarena.nn import adam_kernels, network_kernels
from pongarena.nn.network_kernels import BLOCK
from pongarena.nn.sparse_net import SparseNet

__all__ = ["PooledAdam", "RMSProp", "SparseRMSProp"]

_DECAY_FIRST, _DECAY_SECOND, _EPSILON = 0.9, 0.999, 1e-5
"""Adam's usual values for PPO."""


class RMSProp:
    """Gradient ascent that divides each weight's step by the size of its recent gradients.

    ``square = decay·square + (1 − decay)·gradient²``, then
    ``weight += learning_rate · gradient / (√square + epsilon)``; ε is outside the root, as in the post.

    Attributes:
        learning_rate: Step size; may be changed between two steps.
        squares: The running mean of the squared gradients, by the weights' names.
    """

    def __init__(
        self, parameters: Mapping[str, FloatArray], *, learning_rate: float, decay: float, epsilon: float
    ) -> None:
        """Start with zero means.

        Args:
            parameters: The arrays to change in place, by name.
            learning_rate: Step size.
            decay: Share of the old mean that is kept, 0..1.
            epsilon: Added to the root.
        """
        self._parameters = parameters
        self.learning_rate = learning_rate
        self._decay = np.float32(decay)
        self._epsilon = np.float32(epsilon)
        self.squares: dict[str, FloatArray] = {
            name: np.zeros_like(array) for name, array in parameters.items()
        }

    def ascend(self, gradients: Mapping[str, FloatArray]) -> None:
        """Take one step along the gradients of the objective.

        Note: changes the parameters in place.
        """
        for name, gradient in gradients.items():
            square = self.squares[name]
            scratch = np.square(gradient)
            scratch *= 1 - self._decay
            square *= self._decay
            square += scratch
            np.sqrt(square, out=scratch)
            scratch += self._epsilon
            np.divide(gradient, scratch, out=scratch)
            scratch *= np.float32(self.learning_rate)
            weights = self._parameters[name]
            weights += scratch

    def state(self) -> dict[str, FloatArray]:
        """Return copies of the means, for saving."""
        return {f"square_{name}": square.copy(order="K") for name, square in self.squares.items()}

    def restore(self, arrays: Mapping[str, FloatArray]) -> None:
        """Restore what `state` returned.

        Raises:
            KeyError: When an array is missing.
            ValueError: When one is of another shape.
        """
        for name, square in self.squares.items():
            saved = arrays[f"square_{name}"]
            if saved.shape != square.shape:
                raise ValueError(f"square_{name}: expected shape {square.shape}, got {saved.shape}")
            square[...] = saved


class SparseRMSProp:
    """Gradient ascent along what a network's `backward` collected; rows without a gradient cost nothing."""

    def __init__(self, net: SparseNet, *, decay: float, epsilon: float) -> None:
        """Start with zero means; the arguments are those of `RMSProp`."""
        self.net = net
        self._decay, self._epsilon = decay, np.float32(epsilon)
        self._square: FloatArray = np.zeros_like(net.table[:PIXELS])
        self._age: NDArray[np.int64] = np.zeros(PIXELS, np.int64)
        self._small = {name: np.zeros_like(array) for name, array in net.small.items()}
        self._updates = 0

    def norm(self) -> float:
        """Return the L2 norm of the collected gradient; infinite or NaN when an entry is."""
        self.net.spread_runs()
        squares = [
            float(np.square(self.net.small_gradients[name], dtype=np.float64).sum()) for name in self._small
        ]
        return float(np.sqrt(self.net.table_square() + sum(squares)))

    def ascend(self, rate: float) -> None:
        """Take one step along the collected gradient, and clear it."""
        net, length = self.net, np.float32(rate)
        net.spread_runs()
        self._updates += 1

        def part(first: int, last: int) -> None:
            network_kernels.rmsprop(
                net.table,
                self._square,
                self._age,
                net.gradient,
                net.touched,
                first,
                last,
                self._updates,
                length,
                self._decay,
                self._epsilon,
            )

        net.threads.split(part, PIXELS)
        for name, square in self._small.items():
            gradient = net.small_gradients[name]
            square[...] = np.float32(self._decay) * square + np.float32(1 - self._decay) * np.square(gradient)
            net.small[name][...] += length * gradient / (np.sqrt(square) + self._epsilon)
        net.sum_runs()
        net.forget_gradient()

    def state(self) -> dict[str, NDArray[Any]]:
        """Return the state by name: the arrays themselves, except for the ages."""
        small = {f"square_{_w(name)}": array for name, array in self._small.items()}
        return {"square_w1": self._square.T, **small, "square_age": self._updates - self._age}

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Restore what `state` returned.

        Raises:
            KeyError: When an array is missing.
            ValueError: When one is of another shape.
        """
        own = self.state()
        age = arrays.get("square_age")  # older files lack it: all their squares are up to date
        if age is not None and (age.shape != self._age.shape or (age < 0).any()):
            raise ValueError(f"square_age: expected {PIXELS} numbers from 0 on")
        del own["square_age"]
        for name, array in own.items():
            if arrays[name].shape != array.shape:
                raise ValueError(f"{name}: expected shape {array.shape}, got {arrays[name].shape}")
            array[...] = arrays[name]
        self._updates = 0
        self._age[:] = 0 if age is None else -age.astype(np.int64)


class PooledAdam:
    """Adam (Kingma and Ba, 2014), downhill, with weights shared between neighbours.

    The first layer is the sum of five tables. In them, groups of 1, 2, 4, 8 and 16 pixels in a column share a
    weight, so what is learned at one height of the screen carries over to its neighbours: the largest single
    gain in learning speed that was measured. Only the sum is stored and plays.
    """

    def __init__(self, net: SparseNet, *, ball: float = 1.0, far: float = 1.0) -> None:
        """Start with zero moments.

        Adam moves all weights at the same pace. A paddle covers sixteen pixels and the ball two, so without a
        correction the paddles take up most of the change in the outputs that a step allows.

        Args:
            net: The network.
            ball: Pace of the weights of all columns without a paddle; the near paddle's columns have 1.
            far: Pace of the weights of the far paddle's columns.
        """
        self.net = net
        self._paces = net.by_column(far=far, near=1.0, others=ball)
        self._tree = adam_kernels.pool_tree()
        nodes = len(net.pixels) * net.blocks * len(self._tree)
        self._first: FloatArray = np.zeros((nodes, net.table.shape[1]), np.float32)
        self._second: FloatArray = np.zeros_like(self._first)
        self._small = {
            name: (np.zeros_like(array), np.zeros_like(array)) for name, array in net.small.items()
        }
        self._updates = 0

    def step(self, rate: float, *, max_norm: float) -> float:
        """Take one step downhill, and clear the gradient.

        Args:
            rate: Step size.
            max_norm: Clip the gradient to this L2 norm.

        Returns:
            The gradient's norm before clipping; no weight changes when it is not finite.
        """
        net = self.net
        net.spread_runs()
        squares = [float(np.square(net.small_gradients[name]).sum()) for name in self._small]
        norm = float(np.sqrt(net.table_square() + sum(squares)))
        if not np.isfinite(norm):
            net.forget_gradient()
            return norm
        self._updates += 1
        scale = np.float32(min(1.0, max_norm / (norm + 1e-9)))
        length = np.float32(rate / (1 - _DECAY_FIRST**self._updates))
        self._step_table(scale, length)
        self._step_small(scale, length)
        net.sum_runs()
        net.forget_gradient()
        return norm

    def _step_table(self, scale: np.float32, length: np.float32) -> None:
        net, nodes = self.net, len(self._first) // len(self.net.pixels)

        def part(first: int, last: int) -> None:
            for i, pixels in enumerate(net.pixels):
                mine, moments = slice(i * BLOCK, i * BLOCK + PIXELS), slice(i * nodes, (i + 1) * nodes)
                adam_kernels.adam_pooled(
                    pixels,
                    net.gradient[mine],
                    net.touched[mine],
                    self._first[moments],
                    self._second[moments],
                    self._tree,
                    self._paces,
                    net.width,
                    first,
                    last,
                    scale,
                    length,
                    np.float32(_DECAY_FIRST),
                    np.float32(_DECAY_SECOND),
                    self._correction(),
                    np.float32(_EPSILON),
                )

        net.threads.split(part, net.blocks)

    def _step_small(self, scale: np.float32, length: np.float32) -> None:
        b1, b2 = np.float32(_DECAY_FIRST), np.float32(_DECAY_SECOND)
        for name, (m, v) in self._small.items():
            gradient = self.net.small_gradients[name] * scale
            m[...] += (1 - b1) * (gradient - m)
            v[...] += (1 - b2) * (np.square(gradient) - v)
            step = length * m / (np.sqrt(v * self._correction()) + np.float32(_EPSILON))
            self.net.small[name][...] -= step

    def _correction(self) -> np.float32:
        return np.float32(1 / (1 - _DECAY_SECOND**self._updates))

    def forget(self) -> None:
        """Reset the moments."""
        for array in (self._first, self._second, *(each for both in self._small.values() for each in both)):
            array[:] = 0
        self._updates = 0

    def state(self, prefix: str) -> dict[str, NDArray[Any]]:
        """Return weights and state under names that begin with `prefix`: the arrays themselves."""
        arrays: dict[str, NDArray[Any]] = {
            f"{prefix}_{name}": _flat(name, array) for name, array in self.net.weights().items()
        }
        arrays |= {f"{prefix}_table_first": self._first, f"{prefix}_table_second": self._second}
        for name, both in self._small.items():
            for order, array in zip(("first", "second"), both, strict=True):
                arrays[f"{prefix}_{name}_{order}"] = _flat(name, array)
        return {**arrays, f"{prefix}_updates": np.array([self._updates])}

    def restore(self, arrays: Mapping[str, NDArray[Any]], prefix: str) -> None:
        """Restore what `state` returned.

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
        saved_weights = {name: arrays[f"{prefix}_{name}"] for name in ("table", *self._small)}
        self.net.take_weights(saved_weights)
        self._updates = int(arrays[f"{prefix}_updates"][0])


def _flat(name: str, array: FloatArray) -> FloatArray:
    """Reshape a head with one output to (units,), as in files."""
    return array[0] if name == "head" and len(array) == 1 else array


def _w(name: str) -> str:
    """Return the name used in files."""
    return "w2" if name == "head" else name
