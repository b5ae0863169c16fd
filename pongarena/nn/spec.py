"""What a network takes and gives, apart from its weights: in every card, and honoured wherever it plays."""

from dataclasses import dataclass

from pongarena.game.rules import FRAME_SKIP, MOST_FRAME_SKIP

__all__ = ["CLASSIC", "AgentSpec"]


@dataclass(frozen=True)
class AgentSpec:
    """How a network sees, and how long its decisions last.

    Attributes:
        fade: It is shown the view, less so much of the one before, 0..1; see `SparseFrames.from_views`.
        frame_skip: Frames that a decision is held for, 1..16.

    Raises:
        ValueError: When there can be no such network.
    """

    fade: float = 1.0
    frame_skip: int = FRAME_SKIP

    def __post_init__(self) -> None:
        """Refuses what cannot be."""
        if not 0 <= self.fade <= 1 or not 1 <= self.frame_skip <= MOST_FRAME_SKIP:
            raise ValueError(f"expected a fade of 0..1 and a frame skip of 1..{MOST_FRAME_SKIP}, got {self}")

    def __str__(self) -> str:
        """In words."""
        sees = "differences of two views" if self.fade == 1 else f"views, less {self.fade:g} of the last"
        return f"sees {sees}, decides every {self.frame_skip} frames"


CLASSIC = AgentSpec()
"""That of the post, and of all files that say nothing else."""
