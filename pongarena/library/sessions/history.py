"""The checkpoints of a training: how they are numbered, when one is due, and which are kept.

A checkpoint's number is the count of finished games, or the next free one when that is taken, so that a
number always means the same weights. The resume state reserves the number before the checkpoint is written.
A session that dies in between writes that very checkpoint when it resumes.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from pongarena.core.errors import CheckpointError
from pongarena.library.models import Model, checkpoint_path
from pongarena.library.thinning import thin
from pongarena.nn.checkpoint import read_checkpoint
from pongarena.nn.policy import PolicyNetwork

__all__ = ["Clock", "History", "Spacing", "thin_checkpoints"]


@dataclass(frozen=True)
class History:
    """A training's record of its checkpoints; saved with the resume state.

    Attributes:
        number: Number of the last checkpoint; -1 before the first.
        updates: Number of updates that led to its weights; -1 when unknown.
        best: Number of the checkpoint with the highest running reward, which thinning always keeps.
        best_reward: The running reward of the best.
    """

    number: int = -1
    updates: int = -1
    best: int = 0
    best_reward: float | None = None

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> "History":
        """Read it from a saved state; one of an older pongarena holds only the best.

        Raises:
            TypeError: When the state has other entries.
            ValueError: When a number in it is impossible.
        """
        if "history" not in state:
            return cls(best=int(state["session"].get("best_episode", 0)))
        history = cls(**state["history"])
        numbers = (history.number, history.updates, history.best)
        if any(type(each) is not int or each < -1 for each in numbers):
            raise ValueError(f"expected numbers of checkpoints, got {numbers}")
        return history

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON types."""
        return asdict(self)

    def with_checkpoint(
        self, model: Model, policy: PolicyNetwork, *, episode: int, updates: int, reward: float | None
    ) -> "History":
        """Number these weights, unless the last checkpoint already holds them; return the new history.

        Args:
            model: The model whose folder shows which numbers are taken.
            policy: The weights.
            episode: Games finished.
            updates: Number of updates that led to the weights.
            reward: The running reward.
        """
        number = self.number if self.updates == updates else self._number(model, policy, episode)
        better = reward is not None and (self.best_reward is None or reward >= self.best_reward)
        return History(
            number,
            updates,
            number if better else self.best,
            reward if better else self.best_reward,
        )

    def _number(self, model: Model, policy: PolicyNetwork, episode: int) -> int:
        # the folder may hold newer checkpoints: an older pongarena wrote the checkpoint before the state
        highest = max([self.number, *model.checkpoints()])
        if self.updates < 0 and highest >= 0 and _holds(model, highest, policy):
            return highest
        return max(episode, highest + 1)


def _holds(model: Model, number: int, policy: PolicyNetwork) -> bool:
    with suppress(CheckpointError):
        saved = read_checkpoint(checkpoint_path(model.path, number)).policy.parameters()
        return all(np.array_equal(saved[name], array) for name, array in policy.parameters().items())
    return False


@dataclass(frozen=True)
class Spacing:
    """How often a session saves.

    Attributes:
        state_s: The most seconds of training that a crash may lose.
        checkpoint_s: The fewest seconds between two checkpoints.
        growth: A checkpoint is due when the steps have grown by this share since the last one, so that they
            are dense at the beginning, where a network learns fast.
        longest_s: Seconds after which a checkpoint is due in any case.
        cost: Share of the time that saving may take.
        every_row: Whether each game and update gets a row of its own in the metrics.
    """

    state_s: float = 20.0
    checkpoint_s: float = 1.5
    growth: float = 0.1
    longest_s: float = 300.0
    cost: float = 0.05
    every_row: bool = False


class Clock:
    """Decides when a state, or a checkpoint, is to be saved."""

    def __init__(self, spacing: Spacing, *, now: Callable[[], float] = time.monotonic) -> None:
        self._spacing, self._now = spacing, now
        self._state_at = self._update_at = now()
        self._checkpoint_at = -float("inf")
        self._steps = 0
        self._rest_s = 0.0

    def state_due(self) -> bool:
        """Whether to save the state after this update, because the next may come too late."""
        now = self._now()
        gap, self._update_at = now - self._update_at, now
        return now + gap - self._state_at >= max(self._spacing.state_s, self._rest_s)

    def checkpoint_due(self, steps: int) -> bool:
        """Whether to save a checkpoint after so many steps."""
        now, spacing = self._now(), self._spacing
        if now - self._checkpoint_at < max(spacing.checkpoint_s, self._rest_s):
            return False
        grown = steps >= self._steps * (1 + spacing.growth)
        return grown or now - self._checkpoint_at >= spacing.longest_s

    def saved_state(self, began: float) -> None:
        """Record that saving the state took from ``began`` (`time.monotonic`) until now."""
        self._state_at = self._now()
        if self._spacing.cost:
            self._rest_s = (self._state_at - began) / self._spacing.cost

    def saved_checkpoint(self, began: float, steps: int) -> None:
        """Record that state and checkpoint were saved after so many steps."""
        self.saved_state(began)
        self._checkpoint_at, self._steps = self._state_at, steps


def thin_checkpoints(model: Model, history: History) -> None:
    """Delete the checkpoints that `thin` drops; the best one is kept."""
    have = model.checkpoints()
    for number in set(have) - set(thin(have, pinned=(history.best,))):
        with suppress(OSError):  # another process reads it (on Windows); try again next time
            checkpoint_path(model.path, number).unlink()
