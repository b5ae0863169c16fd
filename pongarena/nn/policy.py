"""The network that plays: 6,400 pixels → hidden ReLU units → one logit → P(UP), without biases.

The input is a difference frame with about 25 pixels that are not zero, so the product with the first
layer's weights is a sum of about 25 rows of a (6400, hidden) table, and its gradient a sum of rows as well.

Sums are made by numpy's own reductions, frame by frame and in the order of the frames, never by a matrix
product: so a frame's result depends on nothing but the frame and the weights, neither on how many others
are computed with it nor on the number of BLAS threads. Training relies on it to be repeatable bit for bit.

The equations (1)–(6) are those of the derivation notes to Andrej Karpathy's "Pong from Pixels"; the learner
brings (1) and (2), that is ``dlogit``, and `PolicyNetwork.gradient` the rest.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from pongarena.core.arrays import BoolArray, FloatArray
from pongarena.envs.observation import PIXELS, SparseFrames
from pongarena.nn.spec import CLASSIC, AgentSpec

__all__ = ["MAX_HIDDEN_UNITS", "Forward", "Gradient", "PolicyNetwork", "frames_between", "sigmoid"]

MAX_HIDDEN_UNITS = 4096
"""More than this is refused everywhere: W1 alone would pass 100 MB."""

_FORWARD_CHUNK = 256
"""Frames whose gathered weights are held at once in a forward pass: 5 MB at 200 hidden units."""

_GRADIENT_CHUNK = 1024
"""Frames whose gathered gradients are held at once: 20 MB at 200 hidden units."""


@dataclass(frozen=True)
class Forward:
    """What the network computed for n frames.

    Attributes:
        hidden: Shape (n, hidden), float32: the activations after the ReLU.
        logits: Shape (n,), float32.
        up: Shape (n,), float32 in 0..1: P(UP), the sigmoid of the logits.
    """

    hidden: FloatArray
    logits: FloatArray
    up: FloatArray


@dataclass(frozen=True)
class Gradient:
    """The gradient of an objective with respect to the weights.

    Attributes:
        w1: Shape (hidden, 6400), float32, laid out in memory as the network's own `w1`.
        w2: Shape (1, hidden), float32.
    """

    w1: FloatArray
    w2: FloatArray

    def norm(self) -> float:
        """Euclidean length over both layers; infinite or NaN when an entry is."""
        return _length((self.w1, self.w2))


class PolicyNetwork:
    """P(UP) = σ(ReLU(x W1ᵀ) W2ᵀ) for difference frames x.

    Attributes:
        w1: Shape (hidden, 6400), float32: one row a hidden unit. Its memory is column-major, so that the
            weights of one pixel lie side by side; change it in place, never replace it.
        w2: Shape (1, hidden), float32.
        spec: What it must be shown, and how long a decision lasts.
    """

    def __init__(self, w1: FloatArray, w2: FloatArray, spec: AgentSpec = CLASSIC) -> None:
        """Takes over the weights; `w1` is copied unless it is column-major already.

        Raises:
            ValueError: When the shapes do not belong to one network.
        """
        hidden = w1.shape[0] if w1.ndim == 2 else 0
        if w1.shape != (hidden, PIXELS) or w2.shape != (1, hidden) or hidden < 1:
            raise ValueError(f"expected weights (h, {PIXELS}) and (1, h), got {w1.shape} and {w2.shape}")
        self._by_pixel: FloatArray = np.ascontiguousarray(w1.T, dtype=np.float32)
        self.w2: FloatArray = np.ascontiguousarray(w2, dtype=np.float32)
        self.spec = spec

    @classmethod
    def random(cls, hidden: int, rng: np.random.Generator, spec: AgentSpec = CLASSIC) -> Self:
        """Draws Gaussian weights, scaled by 1/√(number of inputs) of their layer.

        Args:
            hidden: Number of hidden units.
            rng: Source of the numbers; the same state gives the same network.
            spec: What it will be shown, and how long a decision will last.
        """
        w1 = rng.standard_normal((hidden, PIXELS), dtype=np.float32) / np.float32(np.sqrt(PIXELS))
        w2 = rng.standard_normal((1, hidden), dtype=np.float32) / np.float32(np.sqrt(hidden))
        return cls(w1, w2, spec)

    @property
    def w1(self) -> FloatArray:
        """Shape (hidden, 6400): the first layer, a view of the stored table."""
        return self._by_pixel.T

    @property
    def hidden_units(self) -> int:
        """Size of the hidden layer."""
        return int(self.w2.shape[1])

    def parameters(self) -> dict[str, FloatArray]:
        """The weights by name, the arrays themselves: an optimiser changes them in place."""
        return {"w1": self.w1, "w2": self.w2}

    def is_finite(self) -> bool:
        """Whether no weight is NaN or infinite."""
        return bool(np.isfinite(self._by_pixel).all() and np.isfinite(self.w2).all())

    def norm(self) -> float:
        """Euclidean length of all weights together; infinite or NaN when one is."""
        return _length(self.parameters().values())

    def copy(self) -> "PolicyNetwork":
        """An independent network with the same weights."""
        return PolicyNetwork(self.w1.copy(order="F"), self.w2.copy(), self.spec)

    def forward(self, frames: SparseFrames) -> Forward:
        """Computes P(UP) for each frame.

        Args:
            frames: n difference frames.
        """
        if len(frames) == 1:
            return self._forward_one(frames)
        hidden = np.empty((len(frames), self.hidden_units), np.float32)
        for first in range(0, len(frames), _FORWARD_CHUNK):
            chunk = frames_between(frames, first, first + _FORWARD_CHUNK)
            rows = self._by_pixel.take(chunk.columns, axis=0)
            rows *= chunk.values[:, None]
            _sum_runs(rows, chunk.starts, hidden[first : first + _FORWARD_CHUNK])
        np.maximum(hidden, 0, out=hidden)
        logits = np.einsum("nh,h->n", hidden, self.w2[0])
        return Forward(hidden, logits, sigmoid(logits))

    def _forward_one(self, frames: SparseFrames) -> Forward:
        """The same sums for one frame, with a third of the overhead: a match asks for one at a time."""
        rows = self._by_pixel.take(frames.columns, axis=0)
        rows *= frames.values[:, None]
        hidden = np.add.reduce(rows, axis=0)[None]
        np.maximum(hidden, 0, out=hidden)
        logits = np.einsum("nh,h->n", hidden, self.w2[0])
        small = np.exp(-np.abs(logits))
        up: FloatArray = (1 if logits[0] >= 0 else small) / (1 + small)
        return Forward(hidden, logits, up)

    def gradient(self, frames: SparseFrames, forward: Forward, dlogit: FloatArray) -> Gradient:
        """Carries the gradient on the logits back to the weights and sums it over the frames.

        Args:
            frames: n difference frames.
            forward: What `forward` gave for them under the present weights.
            dlogit: Shape (n,): the objective's derivative by each logit, (y − P(UP))·advantage for the
                policy gradient: equations (1) and (2).
        """
        dlogit = dlogit.astype(np.float32, copy=False)
        w2 = np.einsum("n,nh->h", dlogit, forward.hidden)[None]  # equation (3)
        by_pixel = np.zeros_like(self._by_pixel)
        for first in range(0, len(frames), _GRADIENT_CHUNK):
            part = slice(first, first + _GRADIENT_CHUNK)
            dhidden = dlogit[part, None] * self.w2  # equation (4)
            dhidden *= forward.hidden[part] > 0  # equation (5)
            _add_outer(frames_between(frames, part.start, part.stop), dhidden, by_pixel)  # equation (6)
        return Gradient(by_pixel.T, w2)


def frames_between(frames: SparseFrames, first: int, stop: int) -> SparseFrames:
    """The frames from `first` up to, not including, `stop` (or the end): views, no copies of pixels."""
    starts = frames.starts[first : stop + 1]
    pixels = slice(int(starts[0]), int(starts[-1]))
    return SparseFrames(starts - starts[0], frames.columns[pixels], frames.values[pixels])


def sigmoid(x: FloatArray) -> FloatArray:
    """1 / (1 + e⁻ˣ) without overflow at either end, in the type of `x`."""
    small = np.exp(-np.abs(x))
    result: FloatArray = np.where(x >= 0, 1, small) / (1 + small)
    return result


def _length(parts: Iterable[FloatArray]) -> float:
    """Euclidean length over several matrices, summed in double precision."""
    return float(np.sqrt(sum(np.einsum("ij,ij->", part, part, dtype=np.float64) for part in parts)))


def _sum_runs(rows: FloatArray, starts: NDArray[np.int64], out: FloatArray) -> None:
    """Writes the sum of ``rows[starts[i]:starts[i + 1]]`` to ``out[i]``; empty runs give zeros.

    A loop around a fast reduction: np.add.reduceat was measured to be slower, and repeats a row where a run
    is empty.
    """
    edges = starts.tolist()
    for i, total in enumerate(out):
        np.add.reduce(rows[edges[i] : edges[i + 1]], axis=0, out=total)


def _add_outer(frames: SparseFrames, dhidden: FloatArray, by_pixel: FloatArray) -> None:
    """Adds Σ xᵀ·dhidden over the frames x to `by_pixel` (6400, hidden), touching only lit pixels."""
    order = np.argsort(frames.columns, kind="stable")
    columns = frames.columns[order]
    frame_of = np.repeat(np.arange(len(frames)), np.diff(frames.starts))[order]
    rows = dhidden.take(frame_of, axis=0)
    rows *= frames.values[order, None]
    is_first: BoolArray = np.ones(len(columns), np.bool_)
    np.not_equal(columns[1:], columns[:-1], out=is_first[1:])
    starts = np.flatnonzero(is_first)
    sums = np.empty((len(starts), dhidden.shape[1]), np.float32)
    _sum_runs(rows, np.append(starts, len(columns)), sums)
    by_pixel[columns[starts]] += sums
