"""Many games as a Gymnasium vector environment: one compiled call, not a loop over environments."""

from typing import Any, TypeAlias

import gymnasium
import numpy as np
from gymnasium.utils import EzPickle
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from pongarena.core.arrays import BoolArray
from pongarena.core.errors import InvalidSettingError
from pongarena.envs.comparison import views_of
from pongarena.envs.gymnasium_env import PongEnv, check_side
from pongarena.envs.observation import SparseFrames
from pongarena.envs.picture import picture_of
from pongarena.envs.sides import MOVES, Opponent, check_settings, space_of
from pongarena.envs.vector_kernels import begin, draw_all, play, write_changes
from pongarena.game.compiled import State, see
from pongarena.game.rules import FRAME_SKIP, MAX_FRAMES

__all__ = ["PongVectorEnv"]

Observations: TypeAlias = NDArray[Any]

_MOVES = np.array(MOVES, np.int8)


class PongVectorEnv(gymnasium.vector.VectorEnv[Observations, NDArray[np.int64], NDArray[Any]], EzPickle):
    """Games of 21 points on the compiled rules; each is like a `PongEnv` with its own random stream.

    A game depends only on its seed and its actions, not on the other games.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012  # Gymnasium's own name and kind
        **PongEnv.metadata,
        "autoreset_mode": AutoresetMode.NEXT_STEP,
    }

    def __init__(
        self,
        num_envs: int,
        *,
        opponent: Opponent | None = None,
        side: str = "right",
        observation: str = "difference",
        backend: str = "compiled",
        actions: int = 2,
        frame_skip: int = FRAME_SKIP,
        sticky: float = 0.25,
        max_frames: int = MAX_FRAMES,
        render_mode: str | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        copy: bool = True,
    ) -> None:
        """Prepare the games; `reset` starts them.

        Args:
            num_envs: Number of games.
            opponent: As for `PongEnv`.
            side: As for `PongEnv`.
            observation: "difference" or "view".
            backend: "compiled"; for the emulator use `gymnasium.make_vec(…, vectorization_mode="async")`.
            actions: 2 or 3.
            frame_skip: Frames that each decision is held for.
            sticky: Probability, in every frame, that the last frame's action is repeated.
            max_frames: Frames after which an unfinished game is truncated.
            render_mode: "rgb_array" or None.
            autoreset_mode: When to restart a finished game: in the next step, in the same step, or with
                `reset(options={"reset_mask": …})`.
            copy: Whether to return copies of observations; without, each step overwrites the last
                observations, and is faster.

        Raises:
            InvalidSettingError: When a setting is out of range.
        """
        EzPickle.__init__(
            self, num_envs, opponent=opponent, side=side, observation=observation, backend=backend,
            actions=actions, frame_skip=frame_skip, sticky=sticky, max_frames=max_frames,
            render_mode=render_mode, autoreset_mode=autoreset_mode, copy=copy,
        )  # fmt: skip
        check_settings(
            actions=actions, frame_skip=frame_skip, sticky=sticky, max_frames=max_frames,
            observation=observation, opponent=opponent,
        )  # fmt: skip
        check_side(side)
        if backend != "compiled" or observation == "rgb":
            raise InvalidSettingError(
                f"expected backend='compiled' and an observation of 80×80 for the vector of games, got "
                f"{backend!r} and {observation!r}; add vectorization_mode='async' for one process per game"
            )
        if num_envs < 1:
            raise InvalidSettingError(f"num_envs: expected at least 1, got {num_envs}")
        modes = self.metadata["render_modes"]
        if render_mode is not None and render_mode not in modes:
            raise InvalidSettingError(f"render_mode: expected None or one of {modes}, got {render_mode!r}")
        self.num_envs, self.render_mode, self._copy = num_envs, render_mode, copy
        self._mode = AutoresetMode(autoreset_mode)
        self.metadata = {**self.metadata, "autoreset_mode": self._mode}
        self.single_observation_space = space_of(observation)
        self.single_action_space = gymnasium.spaces.Discrete(actions)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._opponent, self._observation = opponent, observation
        self._turned = opponent is None and side == "left"
        self._agent = 0 if opponent is not None and side == "left" else 1
        variation = 0 if opponent is None else 2
        self._rules = (variation, frame_skip, float(sticky), max_frames, 1 - self._agent)
        self._make_games()

    def _make_games(self) -> None:
        n = self.num_envs
        self._states = np.zeros((n, len(State)), np.int32)
        self._chance = np.zeros(n, np.uint64)
        self._moves: NDArray[np.int8] = np.zeros((n, 2), np.int8)
        self._views: Observations = np.zeros(self.observation_space.shape or (), self.observation_space.dtype)
        self._written = np.zeros((n, 2), np.int32)
        self._ended: BoolArray = np.ones(n, np.bool_)
        self._seen = np.zeros((2, n), np.int32)

    def reset(
        self, *, seed: int | list[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observations, dict[str, Any]]:
        """Start all games, or those of a mask.

        Args:
            seed: One per game, or one that is counted up; None continues the current random streams.
            options: May hold "reset_mask", shape (n,), bool: which games to start.
        """
        mask = np.ones(self.num_envs, np.bool_)
        if options is not None and "reset_mask" in options:
            mask = np.asarray(options["reset_mask"])
            if mask.shape != (self.num_envs,) or mask.dtype != np.bool_ or not mask.any():
                raise ValueError(f"expected a mask of shape ({self.num_envs},) with a game to start")
        self._seed(seed, mask)
        for game in np.flatnonzero(mask):
            begin(self._states[game], self._chance, game, self._rules[0], self._rules[4])
        self._look_across(mask)
        self._ended &= ~mask
        return self._observe(), self._info()

    def step(
        self, actions: NDArray[np.int64]
    ) -> tuple[Observations, NDArray[np.float64], BoolArray, BoolArray, dict[str, Any]]:
        """Play one decision in every game: shape (n,), 0 for down, 1 for up, 2 for stay."""
        if not self.action_space.contains(np.asarray(actions, np.int64)):
            raise ValueError(
                f"expected {self.num_envs} actions of {self.single_action_space}: 0 down, 1 up, 2 stay; "
                f"got {actions!r}"
            )
        if self._mode is AutoresetMode.DISABLED and self._ended.any():
            raise ValueError("expected running games, got some that are over; reset them first")
        self._moves[:, self._agent] = _MOVES[np.asarray(actions, np.int64)]
        self._ask_opponent()
        rewards = np.zeros(self.num_envs)
        over, truncated = np.zeros((2, self.num_envs), np.bool_)
        resets = self._ended.copy()
        play(self._states, self._chance, resets, self._moves, self._rules, rewards, over, truncated)
        self._look_across(resets)
        self._ended = over | truncated
        info = self._info()
        if self._mode is AutoresetMode.SAME_STEP and self._ended.any():
            last = self._begin_ended(info)
            info = self._info() | last
        return self._observe(), rewards, over, truncated, info

    def render(self) -> tuple[NDArray[np.uint8], ...] | None:
        """Return the games' pictures, each of shape (210, 160, 3), if the render mode is "rgb_array"."""
        if self.render_mode is None:
            return None
        return tuple(picture_of(state, mirrored=self._turned) for state in self._states)

    def _seed(self, seed: int | list[int | None] | None, mask: BoolArray) -> None:
        if seed is None and not self._chance.any():
            seed = int(np.random.default_rng().integers(2**31))
        if seed is None:
            return
        seeds = [seed + game for game in range(self.num_envs)] if isinstance(seed, int) else list(seed)
        if len(seeds) != self.num_envs:
            raise ValueError(f"expected {self.num_envs} seeds, one per game, got {len(seeds)}")
        for game in np.flatnonzero(mask):
            if (given := seeds[game]) is not None:
                # neighbouring seeds must not give related random streams
                self._chance[game] = np.random.SeedSequence(given).generate_state(1, np.uint64)[0]

    def _begin_ended(self, info: dict[str, Any]) -> dict[str, Any]:
        """Restart the finished games, and return their final observations."""
        ended = self._ended
        last = self._observe().copy()
        final = np.full(self.num_envs, None, object)
        for game in np.flatnonzero(ended):
            final[game] = last[game]
            begin(self._states[game], self._chance, game, self._rules[0], self._rules[4])
        self._look_across(ended)
        self._ended = np.zeros(self.num_envs, np.bool_)
        return {"final_obs": final, "_final_obs": ended, "final_info": info, "_final_info": ended}

    def _observe(self) -> Observations:
        write_changes(self._written, self._states, self._views, int(self._observation == "difference"))
        return self._views.copy() if self._copy else self._views

    def _info(self) -> dict[str, Any]:
        score = self._states[:, State.SCORE_LEFT : State.SCORE_RIGHT + 1]
        all_games = np.ones(self.num_envs, np.bool_)
        return {
            "score": (score[:, ::-1] if self._turned else score).copy(),
            "_score": all_games,
            "frame_number": self._states[:, State.FRAMES].copy(),
            "_frame_number": all_games,
        }

    # -- the opponent

    def _look_across(self, begun: BoolArray) -> None:
        """Record the opponent's views, before and now."""
        if self._opponent is None:
            return
        codes = np.array([see(state, self._agent) for state in self._states], np.int32)
        self._seen = np.stack([np.where(begun, codes, self._seen[1]), codes])

    def _ask_opponent(self) -> None:
        if self._opponent is None:
            return
        before, now = (views_of(codes) for codes in self._seen)
        shown = self._opponent.observation
        frames = shown.frames(SparseFrames.from_views(now, before, shown.fade))
        draws = np.empty(self.num_envs, np.float32)
        draw_all(self._chance, draws)
        self._moves[:, 1 - self._agent] = self._opponent.moves(frames, draws)
