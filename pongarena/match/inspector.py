"""Split a network's decision into contributions, from its weights and one difference frame.

The network has no biases, so log P(UP) − log P(DOWN) is a plain sum. It splits without remainder in two ways:
over hidden units (activation · W2) and over pixels (value · Σ W1·W2 over the active units). With two actions
it is the logit itself. With more hidden layers, the weights of the units that are active there replace W2.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pongarena.core.arrays import BoolArray, FloatArray, UInt8Array
from pongarena.envs.observation import VIEW_SHAPE, Observation, SparseFrames
from pongarena.nn.policy import PolicyNetwork

__all__ = [
    "DOWN_COLOUR",
    "OWN_COLUMNS",
    "RIVAL_COLUMNS",
    "UP_COLOUR",
    "ZERO_COLOUR",
    "Push",
    "contributions",
    "logit_gradient",
    "receptive_field",
    "sensitivity",
    "shades",
    "sight_words",
    "things",
]

UP_COLOUR = (255, 190, 92)
"""Contributions to UP, and positive weights."""

DOWN_COLOUR = (96, 164, 255)
"""Contributions to DOWN, and negative weights; colour-blind people can tell it from `UP_COLOUR`."""

ZERO_COLOUR = (34, 31, 37)
"""A weight of zero."""

RIVAL_COLUMNS, OWN_COLUMNS = (8, 10), (70, 72)
"""Columns of the paddles in a network's view, in which its own paddle is on the right."""


@dataclass(frozen=True)
class Push:
    """The contribution of one object on the field to a decision.

    Attributes:
        name: "rival", "ball" or "itself".
        value: Its part of the logit: positive for UP, negative for DOWN.
        column: Mean column of its changed pixels, 0..79; meaningless when there are none.
        row: Their mean row, counted downwards.
        pixels: How many of its pixels changed.
    """

    name: str
    value: float
    column: float
    row: float
    pixels: int


def contributions(policy: PolicyNetwork, seen: SparseFrames, hidden: FloatArray) -> FloatArray:
    """Compute the contribution of each pixel to a decision; their sum is the logit.

    Args:
        policy: The network.
        seen: One difference frame.
        hidden: Shape (hidden,): its activations, 0 where a unit is muted.

    Returns:
        Shape (nnz,), one per changed pixel, in the order of `seen`: positive for UP, negative for DOWN.
    """
    through = np.where(hidden > 0, policy.votes_when(hidden), np.float32(0))
    rows = policy.w1.T.take(seen.columns, axis=0)
    pushed: FloatArray = np.einsum("ph,h->p", rows, through) * seen.values
    return pushed


def sensitivity(policy: PolicyNetwork, hidden: FloatArray) -> FloatArray:
    """Compute the gradient of the logit by the pixels: what a pixel that appears there would contribute.

    Args:
        policy: The network.
        hidden: Shape (hidden,): the current activations.

    Returns:
        Shape (80, 80), as on the field.
    """
    through = np.where(hidden > 0, policy.votes_when(hidden), np.float32(0))
    # no matrix product: its threads would wait for cores that training keeps busy, and frames would be late
    gradient = np.einsum("ph,h->p", policy.w1.T, through)
    return policy.spec.observation.on_field(gradient)


def logit_gradient(
    seen: SparseFrames, pushed: FloatArray, observation: Observation | None = None
) -> tuple[Push, Push, Push]:
    """Sum contributions over the rival's paddle, the ball and the own paddle; they add up to the logit.

    Objects are told apart by columns, so a ball in a paddle's columns counts as the paddle.

    Args:
        seen: The network's input.
        pushed: The result of `contributions`.
        observation: The network's observation; the whole field if None.
    """
    pixels = (observation or Observation()).pixels[seen.columns]
    columns, rows = pixels % VIEW_SHAPE[1], pixels // VIEW_SHAPE[1]
    parts = []
    for name, mask in zip(("rival", "ball", "itself"), _masks(columns), strict=True):
        count = int(mask.sum())
        middle = (float(columns[mask].mean()), float(rows[mask].mean())) if count else (0.0, 0.0)
        parts.append(Push(name, float(pushed[mask].sum()), *middle, count))
    return parts[0], parts[1], parts[2]


def things(seen: SparseFrames, observation: Observation) -> BoolArray:
    """Shape (3, nnz): which changed pixels belong to the rival's paddle, the ball, and the own paddle."""
    return np.stack(_masks(observation.pixels[seen.columns] % VIEW_SHAPE[1]))


def _masks(columns: NDArray[np.int32]) -> tuple[BoolArray, BoolArray, BoolArray]:
    """Masks of the rival's, the ball's and the own paddle's pixels, from their columns in the view."""
    rival: BoolArray = (columns >= RIVAL_COLUMNS[0]) & (columns < RIVAL_COLUMNS[1])
    own: BoolArray = (columns >= OWN_COLUMNS[0]) & (columns < OWN_COLUMNS[1])
    return rival, ~(rival | own), own


def receptive_field(policy: PolicyNetwork, unit: int, *, on_field: bool = False) -> FloatArray:
    """Shape (80, 80): the weights from the pixels to one hidden unit of the first layer.

    Args:
        policy: The network.
        unit: The unit's index.
        on_field: Whether to place pixels as on the field; else as the network sees them.
    """
    observation = policy.spec.observation
    weights = policy.w1[unit]
    return observation.on_field(weights) if on_field else observation.picture(weights)


def shades(values: FloatArray) -> UInt8Array:
    """Colour signed numbers: DOWN_COLOUR for negative, ZERO_COLOUR for zero, UP_COLOUR for positive ones.

    The scale is the largest magnitude, or 1 when all are zero.

    Args:
        values: Any shape.

    Returns:
        The same shape with one more dimension of three: red, green, blue.
    """
    top = float(np.abs(values).max(initial=0.0)) or 1.0
    level = np.clip(values / np.float32(top), -1, 1)
    places = np.rint((level + 1) * 127).astype(np.intp)
    colours: UInt8Array = _DIVERGING[places]
    return colours


def _diverging() -> UInt8Array:
    """The 255 colours of the scale, zero in the middle."""
    levels = np.linspace(-1, 1, 255)[:, None]
    ends = np.where(levels > 0, UP_COLOUR, DOWN_COLOUR)
    share = np.abs(levels)
    mixed: UInt8Array = np.rint(np.array(ZERO_COLOUR) * (1 - share) + ends * share).astype(np.uint8)
    return mixed


_DIVERGING = _diverging()


def sight_words(fade: float) -> tuple[str, str]:
    """Words for the positive and the negative pixels of a network's input.

    Args:
        fade: The network's fade; see `AgentSpec`.
    """
    return ("appeared", "gone") if fade == 1 else ("there", "was there")
