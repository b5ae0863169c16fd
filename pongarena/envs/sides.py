"""The common part of our environments: a duel in whole decisions with sticky actions, from each side."""

from typing import Protocol

import numpy as np
from gymnasium import spaces

from pongarena.core.arrays import BoolArray, FloatArray, UInt8Array
from pongarena.core.errors import InvalidSettingError
from pongarena.envs.duel import Duel, make_duel
from pongarena.envs.observation import VIEW_SHAPE, Observation, SparseFrames
from pongarena.game.paddle import Move
from pongarena.game.rules import MAX_FRAMES, POINTS_TO_WIN, SCREEN_SHAPE

__all__ = ["LEFT", "MOVES", "OBSERVATIONS", "RIGHT", "Opponent", "Table", "check_settings", "space_of"]

LEFT, RIGHT = 0, 1

MOVES = (Move.DOWN, Move.UP, Move.STAY)
"""The moves of actions 0, 1 and, with three actions, 2."""

DIFFERENCE = Observation()
"""The full difference frame."""

OBSERVATIONS = ("difference", "view", "rgb")


class Opponent(Protocol):
    """A player of the other paddle, which sees itself on the right.

    Attributes:
        observation: What it sees.
        frame_skip: Frames that each decision is held for.
    """

    observation: Observation
    frame_skip: int

    def moves(self, frames: SparseFrames, draws: FloatArray) -> np.ndarray:
        """Choose the moves in n games.

        Args:
            frames: One frame per game.
            draws: Shape (n,), uniform from 0 up to 1: random numbers for sampling.

        Returns:
            Shape (n,), int8: −1 up, 0 stay, +1 down.
        """


def check_settings(
    *,
    actions: int,
    frame_skip: int,
    sticky: float,
    max_frames: int,
    observation: str,
    opponent: Opponent | None,
) -> None:
    """Check the settings.

    Raises:
        InvalidSettingError: When a setting is out of range.
    """
    if actions not in (2, 3):
        raise InvalidSettingError(f"actions: expected 2 (down, up) or 3 (down, up, stay), got {actions!r}")
    if frame_skip < 1:
        raise InvalidSettingError(f"frame_skip: expected at least 1, got {frame_skip}")
    if not 0.0 <= sticky < 1.0:
        raise InvalidSettingError(f"sticky: expected a probability from 0 up to below 1, got {sticky}")
    if not 1 <= max_frames <= MAX_FRAMES:
        raise InvalidSettingError(f"max_frames: expected at least 1, at most {MAX_FRAMES}, got {max_frames}")
    if observation not in OBSERVATIONS:
        raise InvalidSettingError(
            f"observation: expected one of {', '.join(OBSERVATIONS)}, got {observation!r}"
        )
    if opponent is not None and opponent.frame_skip != frame_skip:
        raise InvalidSettingError(
            f"frame_skip: expected {opponent.frame_skip}, as this opponent needs, got {frame_skip}"
        )


def space_of(observation: str) -> spaces.Box:
    """Return the Gymnasium space of one observation."""
    if observation == "difference":
        return spaces.Box(-1.0, 1.0, VIEW_SHAPE, np.float32)
    if observation == "view":
        return spaces.Box(0, 1, VIEW_SHAPE, np.uint8)
    return spaces.Box(0, 255, (*SCREEN_SHAPE, 3), np.uint8)


class Table:
    """A duel, with the last two views of both sides, and the frames since its reset."""

    def __init__(
        self, backend: str, *, left_ai: bool, frame_skip: int, sticky: float, max_frames: int
    ) -> None:
        self.duel: Duel = make_duel(backend, left_ai=left_ai)
        self._frame_skip, self._sticky, self._max_frames = frame_skip, sticky, max_frames
        self._two = not left_ai

    def reset(self, rng: np.random.Generator) -> None:
        """Start a game; with two external players, the direction of the first serve is random."""
        self.duel.reset(int(rng.integers(2**31)) if self._two else 0)
        self.frames = 0
        self._held = [Move.STAY, Move.STAY]
        self._now = self._look()
        self._before = self._now

    def play(self, moves: tuple[Move, Move], rng: np.random.Generator) -> int:
        """Play one decision of both sides.

        Returns:
            Points won by the right side minus points lost.
        """
        before = self.duel.score
        for _ in range(self._frame_skip):
            for side in (RIGHT, LEFT) if self._two else (RIGHT,):
                if self._sticky == 0.0 or rng.random() >= self._sticky:
                    self._held[side] = moves[side]
            self.duel.step(self._held[LEFT], self._held[RIGHT])
            self.frames += 1
            if self.over or self.truncated:
                break
        self._before, self._now = self._now, self._look()
        left, right = (now - then for now, then in zip(self.duel.score, before, strict=True))
        return right - left

    @property
    def over(self) -> bool:
        """Whether a side has 21 points."""
        return max(self.duel.score) >= POINTS_TO_WIN

    @property
    def truncated(self) -> bool:
        """Whether the frame limit ended the game before that."""
        return not self.over and self.frames >= self._max_frames

    def frame(self, side: int, shown: Observation = DIFFERENCE) -> SparseFrames:
        """Return a side's current frame."""
        views = self._now[side][None], self._before[side][None]
        return shown.frames(SparseFrames.from_views(*views, shown.fade))

    def observation(self, kind: str, side: int) -> FloatArray | UInt8Array:
        """Return a side's observation; see `space_of`. Its own paddle is on the right."""
        if kind == "difference":
            return self.frame(side).dense().reshape(VIEW_SHAPE)
        if kind == "view":
            return self._now[side].astype(np.uint8)
        return self.duel.rgb(mirrored=side == LEFT)

    def _look(self) -> tuple[BoolArray, BoolArray]:
        right = self.duel.view(mirrored=False)
        return (self.duel.view(mirrored=True) if self._two else right), right
