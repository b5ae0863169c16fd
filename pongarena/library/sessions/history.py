"""The checkpoints of a training: what they are called, when one is due, and which stay.

A checkpoint's number is the count of finished games, or the next free one when that is taken: a number means
the same weights for ever. It is reserved in the state to resume from before the checkpoint is written, so a
session that dies between the two writes that checkpoint when it resumes, and no other under its number.
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
    """What a training remembers of its checkpoints; saved with the state to resume from.

    Attributes:
        number: Of the last one; -1 before the first.
        updates: That its weights have behind them; -1 when that is not known.
        best: The one with the highest running reward, which is never thinned away.
        best_reward: Its running reward.
    """

    number: int = -1
    updates: int = -1
    best: int = 0
    best_reward: float | None = None

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> "History":
        """What a saved state holds; one of an older pongarena knows only the best.

        Raises:
            TypeError: When the state is not one of ours.
            ValueError: When a number in it cannot be.
        """
        if "history" not in state:
            return cls(best=int(state["session"].get("best_episode", 0)))
        history = cls(**state["history"])
        numbers = (history.number, history.updates, history.best)
        if any(type(each) is not int or each < -1 for each in numbers):
            raise ValueError(f"expected numbers of checkpoints, got {numbers}")
        return history

    def to_json(self) -> dict[str, Any]:
        """All of it as JSON types."""
        return asdict(self)

    def with_checkpoint(
        self, model: Model, policy: PolicyNetwork, *, episode: int, updates: int, reward: float | None
    ) -> "History":
        """The history once these weights have a number: a new one, unless the last checkpoint holds them.

        Args:
            model: Whose folder tells which numbers are taken.
            policy: The weights.
            episode: Games finished.
            updates: Updates that the weights have behind them.
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
        # a folder may know of more than this training does: an older pongarena wrote the checkpoint first
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
    """How much lies between what a session saves.

    Attributes:
        state_s: Seconds of training that a crash may lose, at the most.
        checkpoint_s: Seconds between two checkpoints, at least.
        growth: A checkpoint is due when the decisions have grown by this share since the last one: early ones
            lie close together, where a network learns fast.
        longest_s: Seconds after which one is due in any case.
        cost: Share of the time that saving may take.
        every_row: Whether each game and update has a row of its own in the metrics.
    """

    state_s: float = 20.0
    checkpoint_s: float = 1.5
    growth: float = 0.1
    longest_s: float = 300.0
    cost: float = 0.05
    every_row: bool = False


class Clock:
    """Tells when a state, or a checkpoint, is to be saved."""

    def __init__(self, spacing: Spacing, *, now: Callable[[], float] = time.monotonic) -> None:
        """Nothing was saved yet."""
        self._spacing, self._now = spacing, now
        self._state_at = self._update_at = now()
        self._checkpoint_at = -float("inf")
        self._steps = 0
        self._rest_s = 0.0

    def state_due(self) -> bool:
        """Whether to save the state, asked after each update: the next may come too late."""
        now = self._now()
        gap, self._update_at = now - self._update_at, now
        return now + gap - self._state_at >= max(self._spacing.state_s, self._rest_s)

    def checkpoint_due(self, steps: int) -> bool:
        """Whether to save a checkpoint, after so many decisions."""
        now, spacing = self._now(), self._spacing
        if now - self._checkpoint_at < max(spacing.checkpoint_s, self._rest_s):
            return False
        grown = steps >= self._steps * (1 + spacing.growth)
        return grown or now - self._checkpoint_at >= spacing.longest_s

    def saved_state(self, began: float) -> None:
        """Note that the state was saved, from this moment of `time.monotonic` until now."""
        self._state_at = self._now()
        if self._spacing.cost:
            self._rest_s = (self._state_at - began) / self._spacing.cost

    def saved_checkpoint(self, began: float, steps: int) -> None:
        """Note that state and checkpoint were saved after so many decisions."""
        self.saved_state(began)
        self._checkpoint_at, self._steps = self._state_at, steps


def thin_checkpoints(model: Model, history: History) -> None:
    """Delete those checkpoints that nobody will miss; never the best one."""
    have = model.checkpoints()
    for number in set(have) - set(thin(have, pinned=(history.best,))):
        with suppress(OSError):  # somebody reads it (on Windows); the next time will do
            checkpoint_path(model.path, number).unlink()
