"""Pong as a Gymnasium environment, for agents that are written elsewhere.

Importing this module registers it; Gymnasium can do that by itself from the name's first half::

    env = gymnasium.make("pongarena.envs.gymnasium_env:pongarena/Pong-v0")

The agent holds the right paddle, the cartridge's own player the left one. What the agent sees, may do and is
rewarded for is exactly what the networks of pongarena get in training.
"""

from typing import Any

import gymnasium
import numpy as np

from pongarena.core.arrays import FloatArray, UInt8Array
from pongarena.core.errors import InvalidSettingError
from pongarena.envs.observation import VIEW_SHAPE, FrameDifferencer
from pongarena.game.cartridge import Cartridge
from pongarena.game.paddle import Move
from pongarena.game.rules import FRAME_RATE_HZ, FRAME_SKIP, MAX_FRAMES

__all__ = ["ENVIRONMENT_ID", "PongEnv"]

ENVIRONMENT_ID = "pongarena/Pong-v0"
"""The name to give to `gymnasium.make`."""


class PongEnv(gymnasium.Env[FloatArray, np.int64]):
    """One game of 21 points against the cartridge's own player.

    - Observation: the difference frame, shape (80, 80), float32: +1 where something appeared since the last
      decision, −1 where something went, 0 elsewhere; all 0 at the start of a game. `reshape(6400)` gives the
      pixels in the order of our networks' weights.
    - Actions: 0 moves down, 1 moves up, for `frame_skip` frames.
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
        frame_skip: int = FRAME_SKIP,
        sticky: float = 0.25,
        max_frames: int = MAX_FRAMES,
        render_mode: str | None = None,
    ) -> None:
        """Inserts the cartridge.

        Args:
            frame_skip: Frames that a decision lasts.
            sticky: Probability, in every frame, that the last frame's action is repeated instead of ours. It
                is the only chance in the game: with 0 every seed gives the same game.
            max_frames: Frames after which an unfinished game is truncated.
            render_mode: "rgb_array" or None.

        Raises:
            InvalidSettingError: A setting out of its range.
        """
        if frame_skip < 1:
            raise InvalidSettingError(f"frame_skip: expected at least 1, got {frame_skip}")
        if not 0.0 <= sticky < 1.0:
            raise InvalidSettingError(f"sticky: expected a probability from 0 up to below 1, got {sticky}")
        modes = self.metadata["render_modes"]
        if render_mode is not None and render_mode not in modes:
            raise InvalidSettingError(f"render_mode: expected None or one of {modes}, got {render_mode!r}")
        self.observation_space = gymnasium.spaces.Box(-1.0, 1.0, VIEW_SHAPE, np.float32)
        self.action_space = gymnasium.spaces.Discrete(2)
        self.render_mode = render_mode
        self._frame_skip = frame_skip
        self._sticky = sticky
        self._cartridge = Cartridge(left_ai=True, max_frames=max_frames)
        self._eye = FrameDifferencer()
        self._held = Move.STAY
        self._number = 0

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[FloatArray, dict[str, Any]]:
        """Starts a new game.

        Args:
            seed: Seeds the sticky actions; None goes on with the generator as it stands.
            options: Not used.
        """
        super().reset(seed=seed, options=options)
        self._cartridge.reset()
        self._eye.reset()
        self._held = Move.STAY
        self._number = 0
        return self._look(), self._info()

    def step(self, action: np.int64) -> tuple[FloatArray, float, bool, bool, dict[str, Any]]:
        """Plays one decision.

        Args:
            action: 0 for down, 1 for up.
        """
        if not self.action_space.contains(action):
            raise ValueError(f"expected the action 0 (down) or 1 (up), got {action!r}")
        before = self._cartridge.score
        for _ in range(self._frame_skip):
            if self._sticky == 0.0 or self.np_random.random() >= self._sticky:
                self._held = Move.UP if action == 1 else Move.DOWN
            frame = self._cartridge.step(Move.STAY, self._held)
            if frame.over or frame.truncated:
                break
        self._number = frame.number
        lost, won = (now - then for now, then in zip(frame.score, before, strict=True))
        return self._look(), float(won - lost), frame.over, frame.truncated, self._info()

    def render(self) -> UInt8Array | None:
        """The screen in colour, shape (210, 160, 3), if the environment was made with "rgb_array"."""
        return self._cartridge.rgb().copy() if self.render_mode == "rgb_array" else None

    def close(self) -> None:
        """Ends the use of the cartridge."""
        self._cartridge.close()

    def _look(self) -> FloatArray:
        return self._eye.look(self._cartridge.screen).dense().reshape(VIEW_SHAPE)

    def _info(self) -> dict[str, Any]:
        return {"score": self._cartridge.score, "frame_number": self._number}


gymnasium.register(id=ENVIRONMENT_ID, entry_point="pongarena.envs.gymnasium_env:PongEnv")
