"""What a network's decision was made of: numbers for the pictures, from the weights and one difference frame.

The network has no biases, so how it leans, log P(UP) − log P(DOWN), is a plain sum, and can be taken apart
without remainder in two ways: over hidden units (activation · W2) and over pixels (value · Σ W1·W2 over the
units that are active). For two actions that is the logit itself. With more hidden layers, the weights of the
units that are active there stand for W2.
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
"""What pushes UP, and positive weights."""

DOWN_COLOUR = (96, 164, 255)
"""What pushes DOWN, and negative weights; told from the other by the colour-blind as well."""

ZERO_COLOUR = (34, 31, 37)
"""A weight of zero."""

RIVAL_COLUMNS, OWN_COLUMNS = (8, 10), (70, 72)
"""Where the paddles stand in a view, as a network is shown it: itself on the right."""


@dataclass(frozen=True)
class Push:
    """How much one thing on the field pushed the decision.

    Attributes:
        name: "rival", "ball" or "itself".
        value: Its share of the logit: above zero it pushed UP, below zero DOWN.
        column: Where its changed pixels lie in the middle, 0..79; meaningless when there are none.
        row: The same, downwards.
        pixels: How many of its pixels changed.
    """

    name: str
    value: float
    column: float
    row: float
    pixels: int


def contributions(policy: PolicyNetwork, seen: SparseFrames, hidden: FloatArray) -> FloatArray:
    """Which pixels pushed this decision: their sum is the logit.

    Args:
        policy: The network.
        seen: One difference frame.
        hidden: Shape (hidden,): the activations that it brought, 0 where a unit is muted.

    Returns:
        Shape (nnz,), one for each pixel that changed, in the order of `seen`: above zero UP, below DOWN.
    """
    through = np.where(hidden > 0, policy.votes_when(hidden), np.float32(0))
    rows = policy.w1.T.take(seen.columns, axis=0)
    pushed: FloatArray = np.einsum("ph,h->p", rows, through) * seen.values
    return pushed


def sensitivity(policy: PolicyNetwork, hidden: FloatArray) -> FloatArray:
    """The gradient of the logit by the pixels: what something that appeared there would push.

    Args:
        policy: The network.
        hidden: Shape (hidden,): the present activations.

    Returns:
        Shape (80, 80), as on the field.
    """
    through = np.where(hidden > 0, policy.votes_when(hidden), np.float32(0))
    # no matrix product: its threads wait for cores that a training keeps busy, and frames would be late
    gradient = np.einsum("ph,h->p", policy.w1.T, through)
    return policy.spec.observation.on_field(gradient)


def logit_gradient(
    seen: SparseFrames, pushed: FloatArray, observation: Observation | None = None
) -> tuple[Push, Push, Push]:
    """Sums contributions over the rival's paddle, the ball and the own paddle; they add up to the logit.

    The columns of the paddles tell them apart, so a ball that passes a paddle counts as the paddle.

    Args:
        seen: What the network was shown.
        pushed: Of `contributions`.
        observation: What it is shown; everything if None.
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
    """Shape (3, nnz): which of the changed pixels are the rival's paddle, the ball, the own paddle."""
    return np.stack(_masks(observation.pixels[seen.columns] % VIEW_SHAPE[1]))


def _masks(columns: NDArray[np.int32]) -> tuple[BoolArray, BoolArray, BoolArray]:
    """The pixels of the rival, the ball and the own paddle, by their columns in the view."""
    rival: BoolArray = (columns >= RIVAL_COLUMNS[0]) & (columns < RIVAL_COLUMNS[1])
    own: BoolArray = (columns >= OWN_COLUMNS[0]) & (columns < OWN_COLUMNS[1])
    return rival, ~(rival | own), own


def receptive_field(policy: PolicyNetwork, unit: int, *, on_field: bool = False) -> FloatArray:
    """Shape (80, 80): the weights from the pixels to one hidden unit of the first layer.

    Args:
        policy: The network.
        unit: Which.
        on_field: Whether every pixel lies where it is on the field; else where the network sees it.
    """
    observation = policy.spec.observation
    weights = policy.w1[unit]
    return observation.on_field(weights) if on_field else observation.picture(weights)


def shades(values: FloatArray) -> UInt8Array:
    """Signed numbers as colours: from UP_COLOUR over ZERO_COLOUR to DOWN_COLOUR.

    The scale is the strongest number's, or 1 when all are zero.

    Args:
        values: Any shape.

    Returns:
        One dimension more, of three: red, green, blue.
    """
    top = float(np.abs(values).max(initial=0.0)) or 1.0
    level = np.clip(values / np.float32(top), -1, 1)
    places = np.rint((level + 1) * 127).astype(np.intp)
    colours: UInt8Array = _DIVERGING[places]
    return colours


def _diverging() -> UInt8Array:
    """255 colours, zero in the middle."""
    levels = np.linspace(-1, 1, 255)[:, None]
    ends = np.where(levels > 0, UP_COLOUR, DOWN_COLOUR)
    share = np.abs(levels)
    mixed: UInt8Array = np.rint(np.array(ZERO_COLOUR) * (1 - share) + ends * share).astype(np.uint8)
    return mixed


_DIVERGING = _diverging()


def sight_words(fade: float) -> tuple[str, str]:
    """What the pixels above and below zero mean of a frame that a network sees: a word or two each.

    Args:
        fade: Of the network; see `AgentSpec`.
    """
    return ("appeared", "gone") if fade == 1 else ("there", "was there")
