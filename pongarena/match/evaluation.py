"""How good is a network in the match setting: sixty frames a second, no sticky actions, against the AI?"""

import os
from collections.abc import Callable

import numpy as np

from pongarena.game.rules import MAX_FRAMES
from pongarena.jobs.executor import ProcessExecutor, tell_progress
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
    parts = np.array_split(np.arange(games), min(games, os.cpu_count() or 1))
    scores = np.zeros((games, 2), np.int64)
    calls = [(checkpoint, part.tolist(), seed) for part in parts]
    told = on_progress or (lambda *_: None)
    with ProcessExecutor(len(parts)) as executor:
        played = executor.run_all(_play_part, calls, lambda finished: told(finished, games))
    for part, (points, _) in zip(parts, played, strict=True):
        scores[part] = points
    return summarise(
        scores,
        truncated=sum(cut_off for _, cut_off in played),
        seed=seed,
        sticky=0.0,
        frame_skip=checkpoint.policy.spec.frame_skip,
        greedy=False,
    )


def _play_part(checkpoint: Checkpoint, numbers: list[int], seed: int) -> tuple[list[tuple[int, int]], int]:
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
            tell_progress(len(scores))
        finally:
            match.close()
    return scores, truncated
