"""A network's inputs and outputs, apart from its weights: stored in every card."""

from dataclasses import dataclass, field

from pongarena.envs.observation import Observation
from pongarena.game.paddle import Move
from pongarena.game.rules import FRAME_SKIP, MOST_FRAME_SKIP

__all__ = ["CLASSIC", "MOVES", "AgentSpec"]

MOVES = {2: (Move.UP, Move.DOWN), 3: (Move.UP, Move.STAY, Move.DOWN)}
"""The moves by number of actions, in the order of their probabilities."""


@dataclass(frozen=True)
class AgentSpec:
    """A network's observation, actions and frame skip.

    Attributes:
        observation: What it sees.
        frame_skip: Frames that each decision is held for, 1..16.
        actions: Number of actions: 2 (UP, DOWN) or 3 (UP, STAY, DOWN).

    Raises:
        ValueError: When a value is out of range.
    """

    observation: Observation = field(default_factory=Observation)
    frame_skip: int = FRAME_SKIP
    actions: int = 2

    def __post_init__(self) -> None:
        if not 1 <= self.frame_skip <= MOST_FRAME_SKIP or self.actions not in MOVES:
            raise ValueError(
                f"expected a frame skip of 1..{MOST_FRAME_SKIP} and 2 or 3 actions, got {self!r}"
            )

    @property
    def fade(self) -> float:
        """The observation's fade."""
        return self.observation.fade

    @property
    def moves(self) -> tuple[Move, ...]:
        """Its actions, in the order of their probabilities."""
        return MOVES[self.actions]

    @property
    def outputs(self) -> int:
        """Number of logits: one for two actions, else one per action."""
        return 1 if self.actions == 2 else self.actions

    def __str__(self) -> str:
        may = "" if self.actions == 2 else ", may stay"
        return f"sees {self.observation}, decides every {self.frame_skip} frames{may}"


CLASSIC = AgentSpec()
"""The post's network, and that of all files without a spec."""
