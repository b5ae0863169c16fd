"""A network for fast learning from sparse frames: forward and backward on all cores.

`PolicyNetwork` is for playing, `SparseNet` for learning. A recipe's actor is a `SparseNet` that shares its
arrays with a `PolicyNetwork`; its critic is another `SparseNet`. `nn.optimizers` updates the weights.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from pongarena.core.arrays import FloatArray
from pongarena.envs.observation import PIXELS, VIEW_SHAPE, Observation
from pongarena.nn import adam_kernels, network_kernels
from pongarena.nn.frames import Frames
from pongarena.nn.network_kernels import BLOCK, FAR_COLUMN, NEAR_COLUMN
from pongarena.nn.policy import PolicyNetwork
from pongarena.nn.spec import AgentSpec
from pongarena.nn.threads import GRAIN, Threads, side_by_side

__all__ = ["Part", "SparseNet", "extended"]

Part = tuple[Frames, NDArray[np.int64], FloatArray]
"""Frames, the indices of n of them, and the loss's derivatives by their outputs, shape (n, outputs)."""


def extended(pixels: FloatArray, observation: Observation | None = None) -> FloatArray:
    """Copy a table of input rows, (inputs·k, units), and append the rows that stand for paddles."""
    shown = observation or Observation()
    blocks = len(pixels) // shown.inputs
    table = np.zeros((blocks * BLOCK, pixels.shape[1]), np.float32)
    for block in range(blocks):
        rows = pixels[block * shown.inputs : (block + 1) * shown.inputs]
        table[block * BLOCK : block * BLOCK + shown.inputs] = rows
    network_kernels.sum_runs(table, shown.places, 0, pixels.shape[1])
    return table


class SparseNet:
    """Compute outputs = ReLU(frame · table + bias) · headᵀ + head_bias, with optional further hidden layers.

    Attributes:
        table: Shape (`BLOCK`·k, units), float32: one row per input; with k = 2 it sees the lit pixels, too.
        head: Shape (outputs, units of the last hidden layer), float32.
        bias: Shape (units,), float32.
        head_bias: Shape (outputs,), float32.
        deeper: The matrices between the hidden layers in one array; see `network_kernels.finish`.
        widths: Units of each hidden layer.
        width: Columns of the observation.
        blocks: Number of blocks of 16 pixels in a column, whose weights `PooledAdam` moves together.
        small: All trainable arrays except the table, by name.
        gradient: What `backward` collected for the table; its rows are padded.
        touched: Shape (inputs,): 1 where there is a gradient.
        small_gradients: What `backward` collected for `small`.
    """

    def __init__(
        self,
        table: FloatArray,
        head: FloatArray,
        *,
        biases: bool,
        threads: Threads,
        observation: Observation | None = None,
        deeper: Sequence[FloatArray] = (),
    ) -> None:
        """Use the given table and head as weights; learning changes them in place.

        Args:
            table: From `extended`.
            head: Shape (outputs, units).
            biases: Whether to learn biases; otherwise they stay 0.
            threads: Threads to compute with.
            observation: What the frames show; the full view if None.
            deeper: The matrices between the hidden layers, each of shape (units, units of the layer
                before); copied.
        """
        inputs, units = table.shape
        self.table, self.head, self.threads = table, head, threads
        self._observation = observation or Observation()
        self._places, self.width = self._observation.places, self._observation.shape[1]
        self.blocks = self.width * VIEW_SHAPE[0] // adam_kernels.POOL
        self.bias: FloatArray = np.zeros(units, np.float32)
        self.head_bias: FloatArray = np.zeros(len(head), np.float32)
        self.deeper: FloatArray = np.concatenate(
            [np.zeros(0, np.float32), *(each.ravel() for each in deeper)]
        )
        self.widths = np.array([units, *(len(each) for each in deeper)], np.int64)
        self.pixels = [table[base : base + PIXELS] for base in range(0, inputs, BLOCK)]
        self.small = {"head": head}
        self.small |= {"bias": self.bias, "head_bias": self.head_bias} if biases else {}
        self.small |= {"deeper": self.deeper} if deeper else {}
        self.gradient = side_by_side(*table.shape)
        self.touched: NDArray[np.uint8] = np.zeros(inputs, np.uint8)
        self._sums = {"bias": side_by_side(units), "head": side_by_side(*head.shape)}
        self.small_gradients = {
            "bias": self._sums["bias"][:units],
            "head": self._sums["head"][:, : head.shape[1]],
            "head_bias": np.zeros_like(self.head_bias),
            "deeper": np.zeros_like(self.deeper),
        }

    @classmethod
    def of(cls, policy: PolicyNetwork, threads: Threads) -> Self:
        """Create one with copies of a policy's weights; `policy` is the inverse."""
        observation = policy.spec.observation
        table = extended(np.ascontiguousarray(policy.w1.T), observation)
        return cls(
            table,
            policy.w2.copy(),
            biases=False,
            threads=threads,
            observation=observation,
            deeper=policy.deeper,
        )

    def policy(self, spec: AgentSpec) -> PolicyNetwork:
        """Return a network for playing that shares these arrays: it changes as this one learns."""
        matrices, at = [], 0
        for before, units in zip(self.widths[:-1].tolist(), self.widths[1:].tolist(), strict=True):
            matrices.append(self.deeper[at : at + units * before].reshape(units, before))
            at += units * before
        return PolicyNetwork(self.table[: spec.observation.inputs].T, self.head, spec, matrices)

    def outputs(self, frames: Frames, rows: NDArray[np.int64]) -> FloatArray:
        """Compute the outputs for the frames with these indices, shape (n, outputs)."""
        out = np.empty((len(rows), len(self.head)), np.float32)

        def part(first: int, last: int) -> None:
            network_kernels.outputs(*self._entries(frames), rows, first, last, *self._weights(), out)

        self.threads.split(part, len(rows))
        return out

    def backward(self, *parts: Part) -> None:
        """Add to the gradient of the loss, in the order of the parts; an optimiser uses and clears it."""
        for frames, rows, _ in parts:
            network_kernels.mark(frames.columns, frames.begin, self._ends(frames), rows, self.touched)
        if len(self.widths) == 1:
            self._backward_through_one(parts)
        else:
            for each in parts:
                self._backward_through_all(*each)
        for _, _, dout in parts:
            self.small_gradients["head_bias"] += dout.sum(axis=0)

    def _backward_through_one(self, parts: Sequence[Part]) -> None:
        def work(low: int, high: int) -> None:
            for frames, rows, dout in parts:
                network_kernels.accumulate(
                    *self._entries(frames),
                    rows,
                    dout,
                    self.table,
                    self.bias,
                    self.head,
                    self.gradient,
                    self._sums["bias"],
                    self._sums["head"],
                    low,
                    high,
                )

        self.threads.split(work, self.table.shape[1], grain=GRAIN)

    def _backward_through_all(self, frames: Frames, rows: NDArray[np.int64], dout: FloatArray) -> None:
        entries, weights = self._entries(frames), self._weights()
        shape = len(rows), int(self.widths.sum())
        active, delta = np.empty(shape, np.float32), np.empty(shape, np.float32)
        logits = np.empty_like(dout)

        def through(first: int, last: int) -> None:
            network_kernels.activations(*entries, rows, first, last, *weights, active, logits)
            network_kernels.deltas(dout, active, self.deeper, self.widths, self.head, first, last, delta)

        def sums(part: int, _: int) -> None:
            network_kernels.accumulate_deeper(
                dout,
                active,
                delta,
                self.widths,
                self.small_gradients["deeper"],
                self._sums["head"],
                part,
                self.threads.count,
            )

        def inputs(low: int, high: int) -> None:
            network_kernels.accumulate_inputs(
                *entries, rows, delta, self.gradient, self._sums["bias"], low, high
            )

        self.threads.split(through, len(rows))
        self.threads.split(sums, self.threads.count)
        self.threads.split(inputs, self.table.shape[1], grain=GRAIN)

    def by_column(self, *, far: float, near: float, others: float) -> FloatArray:
        """Return a number per input, by whether its pixel is in a paddle's column: shape (6400,), float32."""
        numbers = np.full(PIXELS, others, np.float32)
        for column, number in ((FAR_COLUMN, far), (NEAR_COLUMN, near)):
            places = self._places.reshape(VIEW_SHAPE)[:, column : column + 2]
            numbers[places[places >= 0]] = number
        return numbers

    def spread_runs(self) -> None:
        """Add the paddles' gradients to their pixels' gradients; a second call does nothing."""

        def part(low: int, high: int) -> None:
            network_kernels.spread_runs(self.gradient, self.touched, self._places, low, high)

        self.threads.split(part, self.table.shape[1], grain=GRAIN)

    def sum_runs(self) -> None:
        """Recompute the table's rows that stand for a paddle; call it after changing the table."""

        def part(low: int, high: int) -> None:
            network_kernels.sum_runs(self.table, self._places, low, high)

        self.threads.split(part, self.table.shape[1], grain=GRAIN)

    def table_square(self) -> float:
        """Return the squared L2 norm of the table's gradient; call `spread_runs` first."""
        squares = np.zeros((len(self.pixels), self.blocks))

        def part(first: int, last: int) -> None:
            for i, sums in enumerate(squares):
                mine = slice(i * BLOCK, i * BLOCK + PIXELS)
                adam_kernels.squared_norms(
                    self.gradient[mine], self.touched[mine], self.width, first, last, sums
                )

        self.threads.split(part, self.blocks)
        return float(squares.sum())

    def forget_gradient(self) -> None:
        """Clear what `backward` collected."""
        self.touched[:] = 0
        self.gradient[:] = 0
        for array in (*self._sums.values(), *self.small_gradients.values()):
            array[:] = 0

    def gradients(self) -> dict[str, FloatArray]:
        """Return copies of the gradients collected so far, by the weights' names."""
        gradient, touched, units = self.gradient.copy(), self.touched.copy(), self.table.shape[1]
        network_kernels.spread_runs(gradient, touched, self._places, 0, units)
        small = {name: self.small_gradients[name].copy() for name in self.small}
        return {"table": _pixels_of(gradient)[:, :units], **small}

    def weights(self) -> dict[str, FloatArray]:
        """Return the weights by name; the table without the rows that stand for a paddle."""
        return {"table": _pixels_of(self.table), **self.small}

    def copy_weights(self) -> dict[str, FloatArray]:
        """Return copies of the weights, for `take_weights`."""
        return {name: array.copy() for name, array in self.weights().items()}

    def take_weights(self, weights: Mapping[str, NDArray[Any]]) -> None:
        """Set the weights from what `weights` returned.

        Raises:
            KeyError: When an array is missing.
            ValueError: When one is of another shape.
        """
        for i, pixels in enumerate(self.pixels):
            pixels[...] = weights["table"][i * PIXELS : (i + 1) * PIXELS]
        for name, array in self.small.items():
            array[...] = weights[name]
        self.sum_runs()

    def shrink(self, share: float) -> None:
        """Multiply all weights by 1 − share."""
        for array in (self.table, *self.small.values()):
            np.multiply(array, np.float32(1 - share), out=array)

    def is_finite(self) -> bool:
        """Return whether all weights are finite."""
        return all(bool(np.isfinite(array).all()) for array in (self.table, *self.small.values()))

    def _ends(self, frames: Frames) -> NDArray[np.int64]:
        return frames.middle if len(self.pixels) == 1 else frames.end

    def _entries(self, frames: Frames) -> tuple[NDArray[Any], ...]:
        return frames.columns, frames.values, frames.begin, self._ends(frames)

    def _weights(self) -> tuple[NDArray[Any], ...]:
        return self.table, self.bias, self.deeper, self.widths, self.head, self.head_bias


def _pixels_of(table: FloatArray) -> FloatArray:
    """Return only the pixels' rows, shape (6400·k, units): a view for one block, else a copy."""
    parts = [table[base : base + PIXELS] for base in range(0, len(table), BLOCK)]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
