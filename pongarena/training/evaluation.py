"""Evaluation of a network: many games against the cartridge's CPU, with the benchmark's settings."""

import multiprocessing
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pongarena.core.errors import InvalidSettingError
from pongarena.game.rules import MAX_FRAMES
from pongarena.jobs.executor import TaskExecutor, own_processes, tell_progress
from pongarena.nn.policy import PolicyNetwork
from pongarena.training.consoles import IDLE, episode_seed, open_consoles, play_games

__all__ = ["Evaluation", "check_games", "evaluate", "share_games", "summarise"]

_AT_ONCE = 16
"""Parallel games per process; the result does not depend on it."""

_SETS = 5
"""Sets of consoles per process."""

_FEW = 12
"""Fewer games are played in this process, because another one takes half a second to start."""


@dataclass(frozen=True)
class Evaluation:
    """The outcome of an evaluation.

    Attributes:
        games: Number of games.
        scores: (won, lost) of each game.
        mean: Average of won − lost, −21..21.
        standard_deviation: Of won − lost over the games (divisor n − 1; 0 for one game).
        standard_error: Of the mean: standard deviation / √games.
        wins: Games with more points won than lost.
        truncated: Games cut off by the frame limit.
        seed: Game i is played from (seed, i).
        sticky: Probability that the console repeated the previous action.
        frame_skip: Frames that each decision was held for.
        greedy: Whether the most probable action was taken instead of a sampled one.
    """

    games: int
    scores: tuple[tuple[int, int], ...]
    mean: float
    standard_deviation: float
    standard_error: float
    wins: int
    truncated: int
    seed: int
    sticky: float
    frame_skip: int
    greedy: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the result as a JSON object."""
        return {**asdict(self), "scores": [list(score) for score in self.scores]}


def evaluate(
    policy: PolicyNetwork,
    *,
    games: int,
    seed: int,
    sticky: float = 0.25,
    max_frames: int = MAX_FRAMES,
    greedy: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
    executor: TaskExecutor | None = None,
) -> Evaluation:
    """Play games with the settings of ALE's v5 environments: sticky actions 0.25, frame skip 4.

    Only the frame limit is lower, because of the cartridge: see `MAX_FRAMES`.

    Args:
        policy: The network; it plays on the right.
        games: Number of games, 1 or more.
        seed: 0 or more.
        sticky: Probability that the console repeats the previous action.
        max_frames: Frames after which a game is cut off.
        greedy: Take the most probable action; otherwise sample, as in training.
        on_progress: Called with (games finished, games in all) when that changes.
        executor: Runs the games; own processes by default. The result does not depend on it.

    Raises:
        InvalidSettingError: When the number of games or the seed is too small.
        PongArenaError: When a worker process was killed, or a scheduler went away.
    """
    check_games(games, seed)
    frame_skip = policy.spec.frame_skip
    rules = _Rules(seed, sticky, frame_skip, max_frames, greedy)
    told = on_progress or (lambda *_: None)
    shares = share_games(games, executor) if executor else _shares(games, os.cpu_count() or 1)
    scores = np.zeros((games, 2), np.int64)
    if len(shares) == 1 and executor is None:
        played = [_play_share(policy, rules, shares[0], lambda finished: told(finished, games))]
    else:
        with own_processes(executor, len(shares)) as helpers:
            shared = helpers.share(policy)
            calls = [(shared, rules, share) for share in shares]
            played = helpers.run_all(_play_share, calls, lambda finished: told(finished, games))
        if executor:  # the last progress report may still be on its way
            told(games, games)
    for share, (points, _) in zip(shares, played, strict=True):
        scores[share] = points
    return summarise(
        scores,
        truncated=sum(cut_off for _, cut_off in played),
        seed=seed,
        sticky=sticky,
        frame_skip=frame_skip,
        greedy=greedy,
    )


@dataclass(frozen=True)
class _Rules:
    """The settings of the games; see `evaluate`."""

    seed: int
    sticky: float
    frame_skip: int
    max_frames: int
    greedy: bool


def share_games(games: int, executor: TaskExecutor) -> list[list[int]]:
    """Divide the games among tasks: enough for all workers, and short enough that losing one costs little."""
    tasks = min(games, max(executor.workers, -(-games // _AT_ONCE)))
    return [list(range(first, games, tasks)) for first in range(tasks)]


def _shares(games: int, cores: int) -> list[list[int]]:
    """Divide the games among processes; a few games do not justify further processes."""
    if games < _FEW or multiprocessing.current_process().daemon:
        cores = 1
    return [list(range(first, games, cores)) for first in range(cores)]


def _play_share(
    policy: PolicyNetwork,
    rules: _Rules,
    games: Sequence[int],
    on_finished: Callable[[int], None] = tell_progress,
) -> tuple[NDArray[np.int64], int]:
    """Play some of the games, usually in a separate process, so that no other games wait for these.

    Args:
        policy: The network; it plays on the right.
        rules: The settings.
        games: Numbers of the games.
        on_finished: Called with the number of finished games when that changes.

    Returns:
        The points won and lost in each game, shape (games, 2), and how many games were cut off.
    """
    at_once = min(len(games), _AT_ONCE)
    won, lost = np.zeros(len(games), np.int64), np.zeros(len(games), np.int64)
    finished = truncated = 0
    consoles = open_consoles(
        at_once,
        frame_skip=rules.frame_skip,
        sticky=rules.sticky,
        max_frames=rules.max_frames,
        sets=_SETS,
        observation=policy.spec.observation,
    )
    try:
        seeds = [episode_seed(rules.seed, number) for number in games]
        for step in play_games(consoles, policy, seeds, greedy=rules.greedy):
            for points, sign in ((won, 1), (lost, -1)):
                points[step.playing[(step.rewards == sign) & (step.playing != IDLE)]] += 1
            truncated += int((step.finished & step.truncated).sum())
            if step.finished.any():
                finished += int(step.finished.sum())
                on_finished(finished)
    finally:
        for console in consoles:
            console.close()
    return np.column_stack((won, lost)), truncated


def check_games(games: int, seed: int) -> None:
    """Refuse invalid numbers for an evaluation.

    Raises:
        InvalidSettingError: When there is no game, or the seed is below 0.
    """
    if games < 1 or seed < 0:
        raise InvalidSettingError(
            f"expected at least 1 game and a seed from 0 on, got {games} games and seed {seed}; change them"
        )


def summarise(
    scores: NDArray[np.int64], *, truncated: int, seed: int, sticky: float, frame_skip: int, greedy: bool
) -> Evaluation:
    """Compute mean and spread of played games from points won and lost, shape (games, 2)."""
    games = len(scores)
    rewards = scores[:, 0] - scores[:, 1]
    deviation = float(rewards.std(ddof=1)) if games > 1 else 0.0
    return Evaluation(
        games=games,
        scores=tuple((won, lost) for won, lost in scores.tolist()),
        mean=float(rewards.mean()),
        standard_deviation=deviation,
        standard_error=deviation / float(np.sqrt(games)),
        wins=int((rewards > 0).sum()),
        truncated=truncated,
        seed=seed,
        sticky=sticky,
        frame_skip=frame_skip,
        greedy=greedy,
    )
