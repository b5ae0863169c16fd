"""What a network decided, and what is kept of it until its rally has an outcome."""

from dataclasses import dataclass

from pongarena.core.arrays import FloatArray
from pongarena.envs.observation import SparseFrames
from pongarena.game.paddle import Move

__all__ = ["HISTORY", "LONGEST_RALLY", "Decision", "Rally", "RallyStep"]

HISTORY = 150
"""Decisions that are remembered for display: 10 s."""

LONGEST_RALLY = 2048
"""Decisions of one rally that are kept: 137 s. Earlier ones have no share in a point: 0.99²⁰⁴⁸ < 10⁻⁸."""


@dataclass(frozen=True, eq=False)
class Decision:
    """One decision of a network; equal only to itself.

    Attributes:
        number: Counts the decisions of a game from 1.
        p_up: P(UP), 0..1.
        probabilities: Of its actions, in the order of `AgentSpec.moves`.
        action: What was drawn.
        hidden: Shape (hidden,), float32: the activations of the first layer.
        seen: What the network was shown, one difference frame, as from the right side.
        history: The latest decisions as (P(UP), action), this one last.
        logit: What the units' votes add up to: log P(UP) − log P(DOWN).
        past: The activations of the same decisions as in `history`.
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
    """What is kept of a decision until its rally has an outcome.

    Attributes:
        p_up: P(UP), 0..1.
        up: Whether UP was drawn.
        stays: Whether STAY was drawn.
        p_taken: Probability of what was drawn, where there are three actions; None for two.
    """

    p_up: float
    up: bool
    stays: bool = False
    p_taken: float | None = None


@dataclass(frozen=True)
class Rally:
    """The decisions of one network from one point to the next.

    Attributes:
        decisions: In their order; of an endless rally the last ones.
        outcome: +1 when the network made the point, −1 when it was made against it.
    """

    decisions: tuple[RallyStep, ...]
    outcome: int
