"""How good is a network in the match setting: sixty frames a second, no sticky actions, against the AI?"""

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed

import numpy as np

from pongarena.game.rules import MAX_FRAMES
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.nn.checkpoint import Checkpoint
from pongarena.training.consoles import console_seed, episode_seed
from pongarena.training.evaluation import Evaluation, check_games, summarise

__all__ = ["evaluate_in_matches"]


def evaluate_in_matches(
    checkpoint: Checkpoint,
    *,
    games: int,
    seed: int,
    on_progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Plays matches without a window, the cartridge's AI on the left; as many at once as there are cores.

    UP is drawn with P(UP): the draws are the only chance in such a match, and without them all would be one.

    Args:
        checkpoint: The network.
        games: How many matches to 21, 1 or more.
        seed: 0 or more; match i is seeded from (seed, i).
        on_progress: Called with (matches finished, matches to be played) when that changes.

    Raises:
        InvalidSettingError: When the number of games or the seed is too small.
    """
    check_games(games, seed)
    parts = np.array_split(np.arange(games), min(games, 4 * (os.cpu_count() or 1)))
    scores = np.zeros((games, 2), np.int64)
    finished = truncated = 0
    # a forked process would inherit the emulator's threads in an unknown state
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn")) as pool:
        jobs = {pool.submit(_play, checkpoint, part.tolist(), seed): part for part in parts}
        for job in as_completed(jobs):
            scores[jobs[job]], cut_off = job.result()
            truncated += cut_off
            finished += len(jobs[job])
            if on_progress is not None:
                on_progress(finished, games)
    return summarise(
        scores,
        truncated=truncated,
        seed=seed,
        sticky=0.0,
        frame_skip=checkpoint.policy.spec.frame_skip,
        greedy=False,
    )


def _play(checkpoint: Checkpoint, numbers: list[int], seed: int) -> tuple[list[tuple[int, int]], int]:
    """Points won and lost in each match, and how many were cut off: two players may rally for ever."""
    model = PlayerSpec.model(checkpoint)
    scores, truncated = [], 0
    for number in numbers:
        match = Match(PlayerSpec.ai(), model, seed=console_seed(episode_seed(seed, number)))
        try:
            while not match.over and match.frames < MAX_FRAMES:
                match.step()
            truncated += not match.over
            scores.append((match.score[1], match.score[0]))
        finally:
            match.close()
    return scores, truncated
