"""Pong as a Gymnasium environment, for external agents; `assets/envs.md` explains its use.

Observations, actions and rewards are the same as for pongarena's own networks in training.
"""

from typing import Any

import gymnasium
import numpy as np
from gymnasium.utils import EzPickle

from pongarena.core.arrays import FloatArray, UInt8Array
from pongarena.core.errors import InvalidSettingError
from pongarena.envs.registration import ENVIRONMENT_ID
from pongarena.envs.sides import LEFT, MOVES, RIGHT, Opponent, Table, check_settings, space_of
from pongarena.game.paddle import Move
from pongarena.game.rules import FRAME_RATE_HZ, FRAME_SKIP, MAX_FRAMES

__all__ = ["ENVIRONMENT_ID", "PongEnv", "check_side"]


def check_side(side: str) -> None:
    """Check that a side is "left" or "right".

    Raises:
        InvalidSettingError: When it is neither.
    """
    if side not in ("left", "right"):
        raise InvalidSettingError(f"side: expected left or right, got {side!r}")


class PongEnv(gymnasium.Env[FloatArray | UInt8Array, np.int64], EzPickle):
    """One game of 21 points.

    - Observation: by default the difference frame, shape (80, 80), float32: +1 where something appeared since
      the last decision, −1 where something vanished, 0 elsewhere; all 0 at the start of a game.
      `reshape(6400)` gives the pixels in the order of our networks' weights. The agent sees itself on the
      right.
    - Actions: 0 moves down, 1 moves up, for `frame_skip` frames; with three, 2 leaves the paddle where it is.
    - Reward: +1 for a point won, −1 for a point lost.
    - Terminated when a side has 21 points, truncated after `max_frames` frames.
    - Info: `score`, a pair (left, right), and `frame_number`.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012  # Gymnasium's own name and kind
        "render_modes": ["rgb_array"],
        "render_fps": FRAME_RATE_HZ // FRAME_SKIP,
    }

    def __init__(
        self,
        *,
        opponent: Opponent | None = None,
        side: str = "right",
        observation: str = "difference",
        backend: str = "emulator",
        actions: int = 2,
        frame_skip: int = FRAME_SKIP,
        sticky: float = 0.25,
        max_frames: int = MAX_FRAMES,
        render_mode: str | None = None,
    ) -> None:
        """Prepare the game; `reset` starts it.

        Args:
            opponent: The other player; None for the cartridge's own.
            side: The agent's side: "right" or "left". The cartridge's own player plays the same either way.
            observation: "difference"; "view", the lit pixels, shape (80, 80) of 0 and 1; or "rgb".
            backend: "emulator", or "compiled": the same game many times faster.
            actions: 2, like the cartridge's own player, or 3.
            frame_skip: Frames that each decision is held for.
            sticky: Probability, in every frame, that the last frame's action is repeated instead of the
                agent's. With 0, every seed gives the same game against the cartridge's own player.
            max_frames: Frames after which an unfinished game is truncated.
            render_mode: "rgb_array" or None.

        Raises:
            InvalidSettingError: When a setting is out of range.
        """
        EzPickle.__init__(
            self,
            opponent=opponent,
            side=side,
            observation=observation,
            backend=backend,
            actions=actions,
            frame_skip=frame_skip,
            sticky=sticky,
            max_frames=max_frames,
            render_mode=render_mode,
        )
        check_settings(
            actions=actions,
            frame_skip=frame_skip,
            sticky=sticky,
            max_frames=max_frames,
            observation=observation,
            opponent=opponent,
        )
        check_side(side)
        modes = self.metadata["render_modes"]
        if render_mode is not None and render_mode not in modes:
            raise InvalidSettingError(f"render_mode: expected None or one of {modes}, got {render_mode!r}")
        self.observation_space = space_of(observation)  # type: ignore[assignment]  # of either kind
        self.action_space = gymnasium.spaces.Discrete(actions)
        self.render_mode = render_mode
        self._opponent = opponent
        self._observation = observation
        # the cartridge's own player is always on the left: the agent plays on the right, shown mirrored
        self._mirrored = opponent is None and side == "left"
        self._side = LEFT if opponent is not None and side == "left" else RIGHT
        self._table = Table(
            backend,
            left_ai=opponent is None,
            frame_skip=frame_skip,
            sticky=sticky,
            max_frames=max_frames,
        )

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[FloatArray | UInt8Array, dict[str, Any]]:
        """Start a new game.

        Args:
            seed: Seed of all randomness; None continues with the current generator.
            options: Not used.
        """
        super().reset(seed=seed, options=options)
        self._table.reset(self.np_random)
        return self._look(), self._info()

    def step(self, action: np.int64) -> tuple[FloatArray | UInt8Array, float, bool, bool, dict[str, Any]]:
        """Play one decision: 0 for down, 1 for up, 2 for stay."""
        if not self.action_space.contains(action):
            raise ValueError(
                f"expected an action of {self.action_space}: 0 down, 1 up, 2 stay; got {action!r}"
            )
        moves: list[Move] = [MOVES[action], MOVES[action]]
        if self._opponent is not None:
            other = 1 - self._side
            frame = self._table.frame(other, self._opponent.observation)
            draws = self.np_random.random(1).astype(np.float32)
            moves[other] = Move(int(self._opponent.moves(frame, draws)[0]))
        points = self._table.play((moves[LEFT], moves[RIGHT]), self.np_random)
        reward = float(points if self._side == RIGHT else -points)
        return self._look(), reward, self._table.over, self._table.truncated, self._info()

    def render(self) -> UInt8Array | None:
        """Return the screen in colour, shape (210, 160, 3), if the render mode is "rgb_array"."""
        return self._table.duel.rgb(mirrored=self._mirrored) if self.render_mode == "rgb_array" else None

    def close(self) -> None:
        """Release the game."""
        self._table.duel.close()

    def _look(self) -> FloatArray | UInt8Array:
        return self._table.observation(self._observation, self._side)

    def _info(self) -> dict[str, Any]:
        score = self._table.duel.score
        return {"score": score[::-1] if self._mirrored else score, "frame_number": self._table.frames}
