"""What a network takes and gives, apart from its weights: in every card, and honoured wherever it plays."""

from dataclasses import dataclass, field

from pongarena.envs.observation import Observation
from pongarena.game.paddle import Move
from pongarena.game.rules import FRAME_SKIP, MOST_FRAME_SKIP

__all__ = ["CLASSIC", "MOVES", "AgentSpec"]

MOVES = {2: (Move.UP, Move.DOWN), 3: (Move.UP, Move.STAY, Move.DOWN)}
"""What a network may do, by the number of its actions, in the order of their probabilities."""


@dataclass(frozen=True)
class AgentSpec:
    """How a network sees, what it may do, and how long its decisions last.

    Attributes:
        observation: What it is shown.
        frame_skip: Frames that a decision is held for, 1..16.
        actions: How many it chooses from: 2, UP and DOWN, or 3, with STAY between them.

    Raises:
        ValueError: When there can be no such network.
    """

    observation: Observation = field(default_factory=Observation)
    frame_skip: int = FRAME_SKIP
    actions: int = 2

    def __post_init__(self) -> None:
        """Refuses what cannot be."""
        if not 1 <= self.frame_skip <= MOST_FRAME_SKIP or self.actions not in MOVES:
            raise ValueError(
                f"expected a frame skip of 1..{MOST_FRAME_SKIP} and 2 or 3 actions, got {self!r}"
            )

    @property
    def fade(self) -> float:
        """Of the observation."""
        return self.observation.fade

    @property
    def moves(self) -> tuple[Move, ...]:
        """Its actions, in the order of their probabilities."""
        return MOVES[self.actions]

    @property
    def outputs(self) -> int:
        """Logits that it gives: one for two actions, of which the other has what is left."""
        return 1 if self.actions == 2 else self.actions

    def __str__(self) -> str:
        """In words."""
        may = "" if self.actions == 2 else ", may stay"
        return f"sees {self.observation}, decides every {self.frame_skip} frames{may}"


CLASSIC = AgentSpec()
"""That of the post, and of all files that say nothing else."""
