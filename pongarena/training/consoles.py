"""Play many emulated games at once with one fixed network.

Each game has its own seed and random generator, so its course does not depend on the games played beside it.
"""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pongarena.core.arrays import BoolArray, FloatArray
from pongarena.envs.observation import Observation, SparseFrames
from pongarena.envs.vector import VectorPong
from pongarena.nn.distributions import draw, likeliest
from pongarena.nn.policy import PolicyNetwork

__all__ = [
    "IDLE",
    "Episode",
    "PlayStep",
    "console_seed",
    "episode_seed",
    "episodes_of",
    "gather",
    "open_consoles",
    "play_games",
]

_SETS = 10
"""Maximum number of console sets: more overlap better, fewer share each forward pass among more games."""

IDLE = -1
"""Replaces the game's number at a seat without a game."""


@dataclass(frozen=True)
class PlayStep:
    """One decision in each of the parallel games; every array has one entry per seat.

    Attributes:
        frames: What the network saw.
        playing: The game at each seat, counted from 0; `IDLE` for an empty seat.
        logits: The network's logits, shape (seats, outputs).
        actions: The sampled actions, numbered as in `AgentSpec.moves`.
        rewards: Their rewards: −1, 0 or +1.
        finished: Where the game ended with this decision.
        truncated: Where it ended because it was cut off.
    """

    frames: SparseFrames
    playing: NDArray[np.int64]
    logits: FloatArray
    actions: NDArray[np.int8]
    rewards: NDArray[np.int8]
    finished: BoolArray
    truncated: BoolArray


@dataclass(frozen=True)
class Episode:
    """One whole game, with one row per decision."""

    frames: SparseFrames
    logits: FloatArray
    actions: NDArray[np.int8]
    rewards: NDArray[np.int8]
    truncated: bool


def episode_seed(seed: int, episode: int) -> np.random.SeedSequence:
    """Return the seed of all randomness in one game: the console's and the sampling of actions."""
    return np.random.SeedSequence([seed, episode])


def open_consoles(
    games: int,
    *,
    frame_skip: int,
    sticky: float,
    max_frames: int,
    sets: int = _SETS,
    observation: Observation | None = None,
) -> list[VectorPong]:
    """Open consoles for a number of games, in several small sets.

    While one set waits for the network, the others keep the cores busy. And a set whose games are all over
    costs nothing, while an empty seat in one large set would be emulated further.
    """
    sizes = [len(part) for part in np.array_split(np.arange(games), min(games, sets))]
    settings: dict[str, Any] = {
        "frame_skip": frame_skip,
        "sticky": sticky,
        "max_frames": max_frames,
        "threads": 1,
        "observation": observation,
    }
    return [VectorPong(size, **settings) for size in sizes]


def play_games(
    consoles: Sequence[VectorPong],
    policy: PolicyNetwork,
    seeds: Sequence[np.random.SeedSequence],
    *,
    greedy: bool = False,
) -> Iterator[PlayStep]:
    """Play one game for each seed; a seat that becomes free takes the next one.

    Args:
        consoles: Sets of consoles from `open_consoles`.
        policy: The network; must not change meanwhile.
        seeds: One for each game, from `episode_seed`.
        greedy: Take the most probable action instead of sampling.
    """
    waiting = deque(enumerate(seeds))
    tables = [_Table(console, policy, waiting, greedy=greedy) for console in consoles]
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as helpers:
        list(helpers.map(_Table.begin, tables))
    tables = [table for table in tables if table.is_busy]
    for table in tables:
        table.decide()
    while tables:
        for table in tables:
            step = table.collect()
            if table.is_busy:
                table.decide()
            yield step
        tables = [table for table in tables if table.is_busy]


class _Table:
    """One set of consoles, with at most one game at each seat."""

    def __init__(
        self,
        console: VectorPong,
        policy: PolicyNetwork,
        waiting: deque[tuple[int, np.random.SeedSequence]],
        *,
        greedy: bool,
    ) -> None:
        self._console = console
        self._policy = policy
        self._waiting = waiting
        self._playing = np.full(console.games, IDLE)
        self._noise: list[np.random.Generator] = [np.random.default_rng(0)] * console.games
        self._greedy = greedy
        self._drawn = np.zeros(console.games)
        self._moves = np.array(policy.spec.moves, np.int8)
        self._seeds = [self._begin_next(game_index) for game_index in range(console.games)]

    @property
    def is_busy(self) -> bool:
        """Whether any seat has a game."""
        return bool((self._playing != IDLE).any())

    def begin(self) -> None:
        """Start the first games; slow, but several tables may do it in parallel."""
        self._frames = self._console.reset(self._seeds)

    def decide(self) -> None:
        """Run the network, choose the actions, and send them to the consoles."""
        forward = self._policy.forward(self._frames)
        self._logits = forward.logits
        for game_index in np.flatnonzero((self._playing != IDLE) & (not self._greedy)).tolist():
            self._drawn[game_index] = self._noise[game_index].random()
        shares = forward.probabilities
        self._actions = likeliest(shares) if self._greedy else draw(shares, self._drawn)
        self._console.send(self._moves[self._actions])

    def collect(self) -> PlayStep:
        """Wait for the results of the actions, and give free seats to the next games."""
        step = self._console.receive()
        finished = step.over & (self._playing != IDLE)
        told = PlayStep(
            self._frames,
            self._playing.copy(),
            self._logits,
            self._actions,
            step.rewards,
            finished,
            step.truncated,
        )
        self._frames = step.frames
        if finished.any():
            for game_index in np.flatnonzero(finished).tolist():
                seed = self._begin_next(game_index)
                if self._playing[game_index] != IDLE:
                    self._frames = self._console.reset([seed], np.array([game_index]))
        return told

    def _begin_next(self, game_index: int) -> int:
        """Give a seat to the next game in the queue, if any, and return the console's seed."""
        if not self._waiting:
            self._playing[game_index] = IDLE
            return 0
        self._playing[game_index], seed = self._waiting.popleft()
        self._noise[game_index] = np.random.default_rng(seed)
        return console_seed(seed)


def episodes_of(steps: Sequence[PlayStep], count: int) -> list[Episode]:
    """Sort everything that `play_games` yielded for `count` games by game."""
    told = gather(steps)
    rows = [np.flatnonzero(told.playing == game) for game in range(count)]
    return [
        Episode(
            _select(told.frames, own),
            told.logits[own],
            told.actions[own],
            told.rewards[own],
            bool(told.truncated[own[-1]]),
        )
        for own in rows
    ]


def gather(steps: Sequence[PlayStep]) -> PlayStep:
    """Concatenate many steps, which takes a fifth of the memory."""
    return PlayStep(
        SparseFrames.concatenate([step.frames for step in steps]),
        *(
            np.concatenate([getattr(step, name) for step in steps])
            for name in ("playing", "logits", "actions", "rewards", "finished", "truncated")
        ),
    )


def console_seed(seed: np.random.SeedSequence) -> int:
    """Return a 31-bit seed for ALE."""
    return int(seed.generate_state(1)[0] >> 1)


def _select(frames: SparseFrames, rows: NDArray[np.int64]) -> SparseFrames:
    """Select frames, in the order of `rows`."""
    counts = np.diff(frames.starts)[rows]
    starts = np.zeros(len(rows) + 1, np.int64)
    np.cumsum(counts, out=starts[1:])
    pixels = np.arange(starts[-1]) + np.repeat(frames.starts[rows] - starts[:-1], counts)
    return SparseFrames(starts, frames.columns[pixels], frames.values[pixels], frames.inputs)
