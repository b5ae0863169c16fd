"""Variants of the game, which differ from training and show which networks generalise.

Results in a variant are separate: no card, rating or ladder mixes them with those of the usual game.
"""

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

from pongarena.core.errors import InvalidSettingError
from pongarena.core.records import Meta
from pongarena.game.rules import MOST_FRAME_SKIP
from pongarena.game.types import Ball, SmallPaddles

if TYPE_CHECKING:
    from pongarena.match.player import PlayerSpec

__all__ = ["PLAIN", "Variant"]


@dataclass(frozen=True)
class Variant:
    """The differences from the usual game.

    Attributes:
        frame_skip: Frames for which every network holds a decision; None for its own frame skip.
        sticky: Probability that a network's last move is repeated in a frame, as in ALE.
        ball: The ball's speed.
        small: Which paddles have half their height.

    Raises:
        InvalidSettingError: When a number is out of range.
    """

    frame_skip: Annotated[int, Meta(ge=1, le=MOST_FRAME_SKIP)] | None = None
    sticky: Annotated[float, Meta(ge=0, lt=1)] = 0.0
    ball: Ball = Ball.CONSTANT
    small: SmallPaddles = SmallPaddles.NONE

    def __post_init__(self) -> None:
        if self.frame_skip is not None and not 1 <= self.frame_skip <= MOST_FRAME_SKIP:
            raise InvalidSettingError(
                f"frame skip: expected 1 to {MOST_FRAME_SKIP} frames, got {self.frame_skip}; choose fewer"
            )
        if not 0 <= self.sticky < 1:
            raise InvalidSettingError(
                f"sticky: expected a probability of at least 0 and below 1, got {self.sticky:g}"
            )

    def __str__(self) -> str:
        """The differences in words; empty for none."""
        return self.beside(PLAIN)

    def beside(self, usual: "Variant") -> str:
        """The differences from another variant in words; empty for none."""
        words = []
        if self.frame_skip != usual.frame_skip:
            words.append(f"frame skip {self.frame_skip}")
        if self.sticky != usual.sticky:
            words.append(f"sticky actions {self.sticky:g}")
        if self.ball is not usual.ball:
            words.append(f"{self.ball} ball")
        if self.small is not usual.small:
            words.append(f"small paddles: {self.small}")
        return ", ".join(words)

    def applied(self, spec: "PlayerSpec") -> "PlayerSpec":
        """Return the spec of a player in this variant; only networks change."""
        if spec.checkpoint is None:
            return spec
        policy = spec.checkpoint.policy
        if self.frame_skip is not None and self.frame_skip != policy.spec.frame_skip:
            policy = policy.copy()
            policy.spec = replace(policy.spec, frame_skip=self.frame_skip)
        return replace(spec, checkpoint=replace(spec.checkpoint, policy=policy), sticky=self.sticky)

    def to_json(self) -> dict[str, Any]:
        """The variant as an object of JSON types."""
        return asdict(self)


PLAIN = Variant()
"""The usual game."""
