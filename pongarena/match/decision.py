"""A network's decisions, and what is kept of them until their rally has an outcome."""

from dataclasses import dataclass

from pongarena.core.arrays import FloatArray
from pongarena.envs.observation import SparseFrames
from pongarena.game.paddle import Move

__all__ = ["HISTORY", "LONGEST_RALLY", "Decision", "Rally", "RallyStep"]

HISTORY = 150
"""Decisions kept for display: 10 s."""

LONGEST_RALLY = 2048
"""Decisions kept of one rally: 137 s. Earlier ones get no credit for the point: 0.99²⁰⁴⁸ < 10⁻⁸."""


@dataclass(frozen=True, eq=False)
class Decision:
    """One decision of a network; equal only to itself.

    Attributes:
        number: Its number in the game, from 1.
        p_up: P(UP), 0..1.
        probabilities: One per action, in the order of `AgentSpec.moves`.
        action: The action that was sampled.
        hidden: Shape (hidden,), float32: the activations of the first layer.
        seen: The network's input: one difference frame, as seen from the right side.
        history: The latest decisions as (P(UP), action), this one last.
        logit: The sum of the units' votes: log P(UP) − log P(DOWN).
        past: The activations of the decisions in `history`.
    """

    number: int
    p_up: float
    probabilities: tuple[float, ...]
    action: Move
    hidden: FloatArray
    seen: SparseFrames
    history: tuple[tuple[float, Move], ...]
    logit: float
    past: tuple[FloatArray, ...]


@dataclass(frozen=True, slots=True)
class RallyStep:
    """The part of a decision that is kept until its rally has an outcome.

    Attributes:
        p_up: P(UP), 0..1.
        up: Whether UP was sampled.
        stays: Whether STAY was sampled.
        p_taken: Probability of the sampled action of three; None with two actions.
    """

    p_up: float
    up: bool
    stays: bool = False
    p_taken: float | None = None


@dataclass(frozen=True)
class Rally:
    """The decisions of one network from one point to the next.

    Attributes:
        decisions: In order; of a very long rally only the last ones.
        outcome: +1 when the network won the point, −1 when it lost it.
    """

    decisions: tuple[RallyStep, ...]
    outcome: int
