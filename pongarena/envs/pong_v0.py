"""Pong for two learners with PettingZoo; needs the extra ``pettingzoo``. See `assets/envs.md`.

Each agent sees itself on the right, so one network may play both. Importing this module registers
"pongarena/pong_v0" for `pettingzoo.make`.
"""

from typing import Any, ClassVar

import gymnasium
import numpy as np
from gymnasium.utils import EzPickle, seeding

from pongarena.core.errors import InvalidSettingError
from pongarena.core.extras import require
from pongarena.envs.sides import LEFT, MOVES, RIGHT, Table, check_settings, space_of
from pongarena.game.rules import FRAME_RATE_HZ, FRAME_SKIP, MAX_FRAMES

require("pettingzoo", "a game for two learners")

from pettingzoo import AECEnv, ParallelEnv, aec_registry, register  # noqa: E402
from pettingzoo.utils import parallel_to_aec, wrappers  # noqa: E402

__all__ = ["PongParallelEnv", "env", "parallel_env", "raw_env"]

_SIDES = {"left": LEFT, "right": RIGHT}


class PongParallelEnv(ParallelEnv[str, Any, int], EzPickle):  # type: ignore[misc]  # PettingZoo has no types
    """A game of 21 points between the agents "left" and "right"; for their spaces see `PongEnv`."""

    metadata: ClassVar[dict[str, Any]] = {
        "name": "pong_v0",
        "render_modes": ["rgb_array"],
        "render_fps": FRAME_RATE_HZ // FRAME_SKIP,
        "is_parallelizable": True,
    }

    def __init__(
        self,
        *,
        observation: str = "difference",
        backend: str = "emulator",
        actions: int = 2,
        frame_skip: int = FRAME_SKIP,
        sticky: float = 0.25,
        max_frames: int = MAX_FRAMES,
        render_mode: str | None = None,
    ) -> None:
        """Prepare the game; the settings are those of `PongEnv`.

        Raises:
            InvalidSettingError: When a setting is out of range.
        """
        EzPickle.__init__(
            self,
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
            opponent=None,
        )
        if render_mode not in (None, "rgb_array"):
            raise InvalidSettingError(f"render_mode: expected None or rgb_array, got {render_mode!r}")
        self.render_mode = render_mode
        self.possible_agents = list(_SIDES)
        self.agents: list[str] = []
        self.observation_spaces = {agent: space_of(observation) for agent in _SIDES}
        self.action_spaces = {agent: gymnasium.spaces.Discrete(actions) for agent in _SIDES}
        self._observation = observation
        self._table = Table(
            backend, left_ai=False, frame_skip=frame_skip, sticky=sticky, max_frames=max_frames
        )
        self._rng, _ = seeding.np_random()

    def observation_space(self, agent: str) -> gymnasium.spaces.Box:
        """Return an agent's observation space."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> gymnasium.spaces.Discrete:
        """Return an agent's action space: 0 for down, 1 for up, and with three actions 2 for stay."""
        return self.action_spaces[agent]

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        """Start a new game; the seed determines all randomness, None continues the current generator."""
        if seed is not None:
            self._rng, _ = seeding.np_random(seed)
        self.agents = list(self.possible_agents)
        self._table.reset(self._rng)
        return self._observations(), self._infos()

    def step(
        self, actions: dict[str, int]
    ) -> tuple[dict[str, Any], dict[str, float], dict[str, bool], dict[str, bool], dict[str, dict[str, Any]]]:
        """Play one decision of both agents."""
        left, right = (MOVES[int(actions[agent])] for agent in _SIDES)
        points = self._table.play((left, right), self._rng)
        over, truncated = self._table.over, self._table.truncated
        results = (
            self._observations(),
            {"left": float(-points), "right": float(points)},
            dict.fromkeys(_SIDES, over),
            dict.fromkeys(_SIDES, truncated),
            self._infos(),
        )
        if over or truncated:
            self.agents = []
        return results

    def render(self) -> np.ndarray | None:
        """Return the screen in colour, shape (210, 160, 3), if the render mode is "rgb_array"."""
        return self._table.duel.rgb(mirrored=False) if self.render_mode == "rgb_array" else None

    def close(self) -> None:
        """Release the game."""
        self._table.duel.close()

    def _observations(self) -> dict[str, Any]:
        return {agent: self._table.observation(self._observation, side) for agent, side in _SIDES.items()}

    def _infos(self) -> dict[str, dict[str, Any]]:
        info = {"score": self._table.duel.score, "frame_number": self._table.frames}
        return {agent: dict(info) for agent in _SIDES}


def parallel_env(**settings: Any) -> PongParallelEnv:  # noqa: ANN401
    """Create an environment whose agents act simultaneously, as in the game; see `PongParallelEnv`."""
    return PongParallelEnv(**settings)


def raw_env(**settings: Any) -> AECEnv[str, Any, int]:  # noqa: ANN401
    """Create an environment whose agents act in turn, without checks."""
    return parallel_to_aec(PongParallelEnv(**settings))


def env(**settings: Any) -> AECEnv[str, Any, int]:  # noqa: ANN401
    """Create an environment whose agents act in turn, with checks of correct use."""
    return wrappers.OrderEnforcingWrapper(wrappers.AssertOutOfBoundsWrapper(raw_env(**settings)))


if "pongarena/pong-v0" not in aec_registry:
    register("aec", "pongarena/pong_v0", f"{__name__}:env")
    register("parallel", "pongarena/pong_v0", f"{__name__}:parallel_env")
