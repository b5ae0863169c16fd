"""The policy network: pixels → hidden ReLU units → logits → action probabilities, without biases.

The post's network has 6,400 pixels, one hidden layer and one logit, which gives P(UP). Others see fewer
pixels, have more layers, or have one logit for each of three actions; `AgentSpec` describes the variants.

The input is a difference frame with about 25 pixels that are not zero, so the product with the first
layer's weights is a sum of about 25 rows of a (6400, hidden) table, and its gradient a sum of rows as well.

Sums use numpy's own reductions, frame by frame and in the order of the frames, never a matrix product. So a
frame's result depends only on the frame and the weights, not on the batch or on the number of BLAS threads.
Bit-for-bit repeatable training relies on it.

The equations (1)–(6) are those of the derivation notes to Andrej Karpathy's "Pong from Pixels". The learner
computes (1) and (2), that is ``dlogit``, and `PolicyNetwork.gradient` the rest.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from pongarena.core.arrays import BoolArray, FloatArray
from pongarena.envs.observation import PIXELS, SparseFrames
from pongarena.nn.distributions import distribution_of
from pongarena.nn.spec import CLASSIC, AgentSpec

__all__ = [
    "MAX_HIDDEN_UNITS",
    "MOST_LAYERS",
    "Forward",
    "Gradient",
    "PolicyNetwork",
    "are_layers",
    "frames_between",
]

MAX_HIDDEN_UNITS = 4096
"""Upper bound everywhere: beyond it, W1 alone would exceed 100 MB."""

MOST_LAYERS = 4
"""Maximum number of hidden layers."""

_FORWARD_CHUNK = 256
"""Frames per chunk of a forward pass; the gathered weights take 5 MB at 200 hidden units."""

_GRADIENT_CHUNK = 1024
"""Frames per chunk of a gradient; the gathered rows take 20 MB at 200 hidden units."""


@dataclass(frozen=True)
class Forward:
    """The network's results for n frames.

    Attributes:
        hidden: Shape (n, hidden), float32: the first layer's activations, after the ReLU.
        deeper: The later hidden layers' activations.
        logits: Shape (n, outputs), float32.
        probabilities: Shape (n, actions), float32 in 0..1, in the order of `AgentSpec.moves`.
    """

    hidden: FloatArray
    deeper: tuple[FloatArray, ...]
    logits: FloatArray
    probabilities: FloatArray

    @property
    def up(self) -> FloatArray:
        """Shape (n,): P(UP)."""
        return self.probabilities[:, 0]

    @property
    def lean(self) -> FloatArray:
        """Shape (n,): log P(UP) − log P(DOWN), above zero when UP is more likely."""
        return self.logits[:, 0] if self.logits.shape[1] == 1 else self.logits[:, 0] - self.logits[:, -1]


@dataclass(frozen=True)
class Gradient:
    """The gradient of an objective with respect to the weights.

    Attributes:
        w1: Shape (hidden, inputs), float32, in the memory layout of the network's own `w1`.
        w2: Shape (outputs, units of the last hidden layer), float32.
        deeper: Gradients of the matrices between the hidden layers.
    """

    w1: FloatArray
    w2: FloatArray
    deeper: tuple[FloatArray, ...] = ()

    def norm(self) -> float:
        """Return the L2 norm over all layers; infinite or NaN when an entry is."""
        return _length((self.w1, self.w2, *self.deeper))


class PolicyNetwork:
    """Compute logits = ReLU(x W1ᵀ) W2ᵀ for difference frames x; deeper layers come between W1 and W2.

    Attributes:
        w1: Shape (hidden, inputs), float32: one row per hidden unit. It is column-major, so the weights of
            one pixel are contiguous. Change it in place, never replace it.
        w2: Shape (outputs, units of the last hidden layer), float32.
        deeper: From each hidden layer to the next, shape (units, units of the layer before).
        spec: Its observation, frame skip and actions.
    """

    def __init__(
        self,
        w1: FloatArray,
        w2: FloatArray,
        spec: AgentSpec = CLASSIC,
        deeper: Sequence[FloatArray] = (),
    ) -> None:
        """Use the given arrays as weights; `w1` is copied unless it is column-major.

        Raises:
            ValueError: When the shapes do not form one network.
        """
        shapes = [each.shape for each in (w1, *deeper, w2)]
        inputs = spec.observation.inputs
        if not are_layers(shapes, spec):
            raise ValueError(
                f"expected weights from {inputs} inputs to {spec.outputs} outputs, (h, {inputs}) and "
                f"({spec.outputs}, h), got {' and '.join(map(str, shapes))}"
            )
        self._by_pixel: FloatArray = np.ascontiguousarray(w1.T, dtype=np.float32)
        self.w2: FloatArray = np.ascontiguousarray(w2, dtype=np.float32)
        self.deeper = tuple(np.ascontiguousarray(each, dtype=np.float32) for each in deeper)
        self.spec = spec
        self._distribution = distribution_of(spec.outputs)

    @classmethod
    def random(
        cls, hidden: int, rng: np.random.Generator, spec: AgentSpec = CLASSIC, *, deeper: Sequence[int] = ()
    ) -> Self:
        """Create a network with Gaussian weights, scaled by 1/√(inputs of the layer).

        Args:
            hidden: Units of the first hidden layer.
            rng: Random generator; the same state gives the same network.
            spec: Its observation, frame skip and actions.
            deeper: Units of the later hidden layers. Their weights are √2 times as large, to keep the scale
                of signals through the ReLUs.
        """
        inputs = spec.observation.inputs
        w1 = rng.standard_normal((hidden, inputs), dtype=np.float32) / np.float32(np.sqrt(inputs))
        between, width = [], hidden
        for units in deeper:
            drawn = rng.standard_normal((units, width), dtype=np.float32)
            between.append(drawn * np.float32(np.sqrt(2 / width)))
            width = units
        w2 = rng.standard_normal((spec.outputs, width), dtype=np.float32) / np.float32(np.sqrt(width))
        return cls(w1, w2, spec, between)

    @property
    def w1(self) -> FloatArray:
        """Shape (hidden, inputs): the first layer, a view of the stored table."""
        return self._by_pixel.T

    @property
    def hidden_units(self) -> int:
        """Size of the first hidden layer."""
        return int(self._by_pixel.shape[1])

    @property
    def layers(self) -> tuple[int, ...]:
        """Sizes of all hidden layers."""
        return (self.hidden_units, *(len(each) for each in self.deeper))

    def on_view(self) -> FloatArray:
        """Return the first layer on the full view's pixels, shape (hidden, 6400); 0 for hidden pixels."""
        if self.spec.observation.is_plain:
            return self.w1
        whole = np.zeros((self.hidden_units, PIXELS), np.float32)
        whole[:, self.spec.observation.pixels] = self.w1
        return whole

    def parameters(self) -> dict[str, FloatArray]:
        """Return the weights by name: the arrays themselves, which an optimiser changes in place."""
        between = {f"deeper{number}": array for number, array in enumerate(self.deeper)}
        return {"w1": self.w1, "w2": self.w2, **between}

    def is_finite(self) -> bool:
        """Return whether all weights are finite."""
        return all(bool(np.isfinite(array).all()) for array in (self._by_pixel, self.w2, *self.deeper))

    def norm(self) -> float:
        """Return the L2 norm of all weights; infinite or NaN when one is."""
        return _length(self.parameters().values())

    def copy(self) -> "PolicyNetwork":
        """Return an independent network with the same weights."""
        between = [each.copy() for each in self.deeper]
        return PolicyNetwork(self.w1.copy(order="F"), self.w2.copy(), self.spec, between)

    def forward(self, frames: SparseFrames) -> Forward:
        """Compute the action probabilities for n frames of its observation."""
        if len(frames) == 1:
            rows = self._by_pixel.take(frames.columns, axis=0)
            rows *= frames.values[:, None]
            return self.from_hidden(np.maximum(np.add.reduce(rows, axis=0), 0)[None])
        hidden = np.empty((len(frames), self.hidden_units), np.float32)
        for first in range(0, len(frames), _FORWARD_CHUNK):
            chunk = frames_between(frames, first, first + _FORWARD_CHUNK)
            rows = self._by_pixel.take(chunk.columns, axis=0)
            rows *= chunk.values[:, None]
            _sum_runs(rows, chunk.starts, hidden[first : first + _FORWARD_CHUNK])
        np.maximum(hidden, 0, out=hidden)
        return self.from_hidden(hidden)

    def from_hidden(self, hidden: FloatArray) -> Forward:
        """Compute the rest from the first layer's activations, shape (n, hidden)."""
        deeper, last = [], hidden
        for weights in self.deeper:
            last = np.maximum(np.einsum("nh,kh->nk", last, weights), 0)
            deeper.append(last)
        if len(self.w2) > 1:
            logits = np.einsum("nh,kh->nk", last, self.w2)
            return Forward(hidden, tuple(deeper), logits, self._distribution.probabilities(logits))
        logits = np.einsum("nh,h->n", last, self.w2[0])[:, None]
        if len(hidden) != 1:
            return Forward(hidden, tuple(deeper), logits, self._distribution.probabilities(logits))
        # the same with less overhead: a match computes one frame at a time
        return Forward(hidden, tuple(deeper), logits, _coin(logits))

    @property
    def votes(self) -> FloatArray:
        """Shape (hidden,): how much each first-layer unit's activation moves `Forward.lean`.

        With several hidden layers, this assumes that all later units are active; see `votes_when`.
        """
        votes = self._lean
        for weights in reversed(self.deeper):
            votes = np.einsum("k,kh->h", votes, weights)
        return votes

    def votes_when(self, hidden: FloatArray) -> FloatArray:
        """Return the votes given the first layer's activations, shape (hidden,): exact for any depth."""
        if not self.deeper:
            return self._lean
        forward = self.from_hidden(hidden[None])
        votes = self._lean
        for weights, activations in zip(reversed(self.deeper), reversed(forward.deeper), strict=True):
            votes = np.einsum("k,kh->h", np.where(activations[0] > 0, votes, np.float32(0)), weights)
        return votes

    @property
    def _lean(self) -> FloatArray:
        """How much the last hidden units move log P(UP) − log P(DOWN)."""
        lean: FloatArray = self.w2[0] if len(self.w2) == 1 else self.w2[0] - self.w2[-1]
        return lean

    def gradient(self, frames: SparseFrames, forward: Forward, dlogit: FloatArray) -> Gradient:
        """Backpropagate from the logits to the weights, summed over the frames.

        Args:
            frames: n difference frames.
            forward: The result of `forward` for these frames and the current weights.
            dlogit: Shape (n, outputs): the objective's derivative by each logit. For the policy gradient
                with two actions it is (y − P(UP))·advantage: equations (1) and (2).
        """
        dlogit = dlogit.astype(np.float32, copy=False)
        activations = (forward.hidden, *forward.deeper)
        w2 = np.einsum("nk,nh->kh", dlogit, activations[-1])  # equation (3)
        deeper: list[FloatArray] = []
        dlast = np.einsum("nk,kh->nh", dlogit, self.w2)  # equation (4)
        dlast *= activations[-1] > 0  # equation (5)
        for weights, before in zip(reversed(self.deeper), reversed(activations[:-1]), strict=True):
            deeper.insert(0, np.einsum("nk,nh->kh", dlast, before))
            dlast = np.einsum("nk,kh->nh", dlast, weights)
            dlast *= before > 0
        by_pixel = np.zeros_like(self._by_pixel)
        for first in range(0, len(frames), _GRADIENT_CHUNK):
            part = slice(first, first + _GRADIENT_CHUNK)
            _add_outer(frames_between(frames, part.start, part.stop), dlast[part], by_pixel)  # equation (6)
        return Gradient(by_pixel.T, w2, tuple(deeper))


def are_layers(shapes: Sequence[tuple[int, ...]], spec: AgentSpec) -> bool:
    """Return whether these shapes form consecutive layers from the observation to the outputs."""
    if not all(len(shape) == 2 and min(shape) > 0 for shape in shapes):
        return False
    given = [spec.observation.inputs, *(shape[0] for shape in shapes)]
    return given[:-1] == [shape[1] for shape in shapes] and given[-1] == spec.outputs


def frames_between(frames: SparseFrames, first: int, stop: int) -> SparseFrames:
    """Return the frames ``first:stop`` as views, without copying pixels."""
    starts = frames.starts[first : stop + 1]
    pixels = slice(int(starts[0]), int(starts[-1]))
    return SparseFrames(starts - starts[0], frames.columns[pixels], frames.values[pixels], frames.inputs)


def _coin(logits: FloatArray) -> FloatArray:
    """Compute `BERNOULLI.probabilities` of a single logit."""
    small = np.exp(-np.abs(logits[:, 0]))
    up = (1 if logits[0, 0] >= 0 else small) / (1 + small)
    return np.stack((up, 1 - up), axis=1)


def _length(parts: Iterable[FloatArray]) -> float:
    """Return the L2 norm of several matrices together, summed in double precision."""
    return float(np.sqrt(sum(np.einsum("ij,ij->", part, part, dtype=np.float64) for part in parts)))


def _sum_runs(rows: FloatArray, starts: NDArray[np.int64], out: FloatArray) -> None:
    """Write the sum of ``rows[starts[i]:starts[i + 1]]`` to ``out[i]``; empty runs give zeros.

    It loops around a fast reduction, because np.add.reduceat is slower, and repeats a row where a run is
    empty.
    """
    edges = starts.tolist()
    for i, total in enumerate(out):
        np.add.reduce(rows[edges[i] : edges[i + 1]], axis=0, out=total)


def _add_outer(frames: SparseFrames, dhidden: FloatArray, by_pixel: FloatArray) -> None:
    """Add Σ xᵀ·dhidden over the frames x to `by_pixel` (6400, hidden), touching only lit pixels."""
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
