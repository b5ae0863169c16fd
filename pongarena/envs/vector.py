"""Many emulated games for training and evaluation: our side on the right, the cartridge's player on the left.

The games run in the emulator's own threads, outside Python's interpreter lock (GIL). Each game depends only
on its seed and its actions, not on the other games.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from pongarena.core.arrays import BoolArray, UInt8Array
from pongarena.core.errors import InvalidSettingError
from pongarena.core.memory import require_memory
from pongarena.envs.observation import VIEW_SHAPE, Observation, SparseFrames, crop
from pongarena.game.emulator import ale_py
from pongarena.game.rules import FRAME_SKIP, MAX_FRAMES, SCREEN_SHAPE

__all__ = ["BareGames", "VectorPong", "VectorStep"]

_UP, _DOWN = 2, 3
"""Indices of the emulator's RIGHT and LEFT among Pong's six actions; they move the paddle up and down."""

_ACTIONS = np.array([_UP, 0, _DOWN], np.int32)
"""The actions for `Move`'s −1, 0 and +1."""

_MEMORY = 192 << 20
"""Bytes that must be free for a set of emulators: far more than they need, because an emulator whose thread
gets no memory hangs for ever."""


@dataclass(frozen=True)
class VectorStep:
    """The result of a decision in every game.

    Attributes:
        frames: The difference frames, one per game; zero for idle games.
        rewards: Shape (games,), int8: points won minus points lost.
        over: Shape (games,), bool: True while a game is finished (or truncated) and waits for a reset.
        truncated: Shape (games,), bool: True where the frame limit ended the game.
    """

    frames: SparseFrames
    rewards: NDArray[np.int8]
    over: BoolArray
    truncated: BoolArray


class VectorPong:
    """A number of games played in lockstep."""

    def __init__(
        self,
        games: int,
        *,
        frame_skip: int = FRAME_SKIP,
        sticky: float = 0.0,
        max_frames: int = MAX_FRAMES,
        threads: int = 0,
        observation: Observation | None = None,
    ) -> None:
        """Open the games; `reset` starts them.

        Args:
            games: Number of games.
            frame_skip: Frames that each decision is held for.
            sticky: Probability that the emulator repeats the last frame's action instead of ours.
            max_frames: Frames after which an unfinished game is truncated, at most `MAX_FRAMES`.
            threads: Emulator threads; 0 lets the emulator choose.
            observation: The observation; the full difference frame if None.

        Raises:
            InvalidSettingError: When a number is out of range.
        """
        for name, value, low in (
            ("games", games, 1),
            ("frame_skip", frame_skip, 1),
            ("max_frames", max_frames, 1),
        ):
            if value < low:
                raise InvalidSettingError(f"{name}: expected at least {low}, got {value}")
        if max_frames > MAX_FRAMES:
            raise InvalidSettingError(
                f"max_frames: expected at most {MAX_FRAMES}, got {max_frames};"
                " soon after that the cartridge leaves the game and reports false points"
            )
        if not 0.0 <= sticky < 1.0:
            raise InvalidSettingError(f"sticky: expected a probability from 0 up to below 1, got {sticky}")
        self.games = games
        self._env = _emulators(games, frame_skip, sticky, max_frames, threads)
        self._views: BoolArray = np.zeros((games, *VIEW_SHAPE), np.bool_)
        self._earlier = self._views
        self._observation = observation or Observation()
        self._idle: BoolArray = np.ones(games, np.bool_)
        self._truncated: BoolArray = np.zeros(games, np.bool_)
        self._started = self._in_flight = False

    def reset(
        self, seeds: Sequence[int] | None, games: Sequence[int] | NDArray[Any] | None = None
    ) -> SparseFrames:
        """Start new games, and leave the others exactly as they are.

        Starting all games drops decisions that were sent but not yet received.

        Args:
            seeds: One for each game to start. None continues the emulators' own random streams, which
                depend on all earlier games; this is twenty times faster, because a new seed makes the
                emulator reload its ROM.
            games: Indices in increasing order, or a mask of shape (games,), of those to start; None for all.

        Returns:
            The frames of all games; for a game just started, the previous view is taken to be the same.

        Raises:
            ValueError: When the seeds or games do not fit, or other games have decisions under way.
        """
        mask = self._mask(games)
        if seeds is not None and len(seeds) != int(mask.sum()):
            raise ValueError(f"expected {int(mask.sum())} seeds, one per game to start, got {len(seeds)}")
        if not self._started and not mask.all():
            raise ValueError("expected the first reset to start all games, got a part of them")
        if self._in_flight:
            if not mask.all():
                raise ValueError("expected the actions sent to be received before some games are started")
            self._env.recv()
            self._in_flight = False
        seed_array = None if seeds is None else np.asarray([seed % 2**31 for seed in seeds], np.int64)
        if mask.any():
            options = None if mask.all() else {"reset_mask": mask}
            screens, _ = self._env.reset(seed=seed_array, options=options)
            self._views[mask] = crop(_flat(screens))[mask]
            self._earlier = np.where(mask[:, None, None], self._views, self._earlier)
        self._idle[mask] = False
        self._truncated[mask] = False
        self._started = True
        return self._show(self._views, self._earlier)

    def step(self, moves: NDArray[Any]) -> VectorStep:
        """Play one decision in every running game.

        Args:
            moves: Shape (games,), integers as in `Move`: −1 up, 0 stay, +1 down. Ignored for idle games.
        """
        self.send(moves)
        return self.receive()

    def send(self, moves: NDArray[Any]) -> None:
        """Start a `step` without waiting for the emulators; `receive` must follow."""
        if not self._started:
            raise ValueError("expected a reset before the first step")
        if np.shape(moves) != (self.games,) or moves.dtype.kind != "i":
            raise ValueError(
                f"expected {self.games} moves, got {np.shape(moves)} of {np.asarray(moves).dtype}"
            )
        if self._in_flight:
            raise ValueError("expected the last actions to be received before new ones are sent")
        self._env.send(_ACTIONS[moves + 1])
        self._in_flight = True

    def receive(self) -> VectorStep:
        """Wait for the result of `send`."""
        if not self._in_flight:
            raise ValueError("expected actions to be sent before their outcome is received")
        screens, rewards, terminated, truncated, _ = self._env.recv()
        self._in_flight = False
        views = crop(_flat(screens))
        views[self._idle] = self._views[self._idle]
        frames = self._show(views, self._views)
        points = np.where(self._idle, 0, rewards).astype(np.int8)
        self._truncated |= truncated & ~terminated & ~self._idle
        self._idle |= terminated | truncated
        self._earlier, self._views = self._views, views
        return VectorStep(frames, points, self._idle.copy(), self._truncated.copy())

    @property
    def lit(self) -> BoolArray:
        """Shape (games, 6400): the lit inputs. The next decision replaces the array without changing it."""
        return self._observation.views(self._views)

    def close(self) -> None:
        """Stop the emulator's threads."""
        self._env.close()

    def _show(self, views: BoolArray, earlier: BoolArray) -> SparseFrames:
        shown = SparseFrames.from_views(views, earlier, self._observation.fade)
        return self._observation.frames(shown)

    def _mask(self, games: Sequence[int] | NDArray[Any] | None) -> BoolArray:
        if games is None:
            return np.ones(self.games, np.bool_)
        chosen = np.asarray(games)
        if chosen.dtype == np.bool_:
            if chosen.shape != (self.games,):
                raise ValueError(f"expected a mask of shape ({self.games},), got {chosen.shape}")
            return chosen
        if np.any(np.diff(chosen) <= 0) or np.any((chosen < 0) | (chosen >= self.games)):
            raise ValueError(
                f"expected increasing game numbers from 0 to {self.games - 1}, got {chosen.tolist()}"
            )
        mask = np.zeros(self.games, np.bool_)
        mask[chosen.astype(np.int64)] = True
        return mask


class BareGames:
    """The bare emulators with random moves, as a baseline for `pongarena bench`."""

    def __init__(self, games: int, *, frame_skip: int, sticky: float, seed: int, threads: int = 0) -> None:
        self.games = games
        self._rng = np.random.default_rng(seed)
        self._env = _emulators(games, frame_skip, sticky, MAX_FRAMES, threads)
        self._env.reset()  # a seed would reload every cartridge

    def run(self, steps: int) -> float:
        """Play a number of decisions in every game; a finished game restarts.

        Returns:
            The duration in seconds.
        """
        actions = self._rng.integers(_UP, _DOWN + 1, size=(steps, self.games), dtype=np.int32)
        started = perf_counter()
        for row in actions:
            self._env.step(row)
        return perf_counter() - started

    def close(self) -> None:
        """Stop the emulator's threads."""
        self._env.close()


def _emulators(games: int, frame_skip: int, sticky: float, max_frames: int, threads: int) -> Any:  # noqa: ANN401
    """Open ALE's own vector of games, with full screens and without its preprocessing.

    A finished game restarts by itself with the next step (the emulator has no mode that waits).
    """
    require_memory(_MEMORY, "the emulators")
    ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Error)
    return ale_py.AtariVectorEnv(
        "pong",
        games,
        num_threads=threads,
        max_num_frames_per_episode=max_frames,
        repeat_action_probability=sticky,
        autoreset_mode=AutoresetMode.NEXT_STEP,
        img_height=SCREEN_SHAPE[0],
        img_width=SCREEN_SHAPE[1],
        stack_num=1,
        frameskip=frame_skip,
        maxpool=False,
        noop_max=0,
        use_fire_reset=False,
    )


def _flat(screens: UInt8Array) -> UInt8Array:
    """Drop the frame-stack axis, which has one entry."""
    return screens.reshape(-1, *SCREEN_SHAPE)
