"""The recorded game as one batch, as the learner of the post would use it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pongarena.envs.observation import SparseFrames
from pongarena.nn.policy import Forward, Gradient
from pongarena.school.lesson import Lesson
from pongarena.training.returns import discounted_returns, standardise

__all__ = ["NO_RALLY", "WholeGame"]

NO_RALLY = "No point was made while we watched; choose another network with m."


@dataclass(frozen=True)
class WholeGame:
    """All steps up to the last point.

    Attributes:
        frames: What the network saw, n frames.
        up: Whether it went up, shape (n,).
        credit: The standardised discounted returns, shape (n,).
        before: The network's forward pass on the frames.
        gradient: The gradient of Σ credit·log p(action) by its weights.
    """

    frames: SparseFrames
    up: NDArray[np.bool_]
    credit: NDArray[np.float64]
    before: Forward
    gradient: Gradient

    @classmethod
    def of(cls, lesson: Lesson) -> "WholeGame | None":
        """Make it from the recorded game; None when no point was made in it."""
        rewards = lesson.rewards()
        if not len(rewards):
            return None
        frames = lesson.frames(0, len(rewards))
        up = np.array([each.up for each in lesson.moments[: len(rewards)]])
        credit = standardise(discounted_returns(rewards, 0.99))
        before = lesson.policy.forward(frames)
        gradient = lesson.policy.gradient(
            frames, before, ((up - before.up) * credit).astype(np.float32)[:, None]
        )
        return cls(frames, up, credit, before, gradient)
