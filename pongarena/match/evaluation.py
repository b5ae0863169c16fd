"""Evaluate a network in matches, without sticky actions, or in a variant of the game."""

import os
from collections.abc import Callable

import numpy as np

from pongarena.core.errors import InvalidSettingError
from pongarena.game.rules import MAX_FRAMES
from pongarena.jobs.executor import TaskExecutor, own_processes, tell_progress
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.match.variant import PLAIN, Variant
from pongarena.nn.checkpoint import Checkpoint
from pongarena.training.consoles import console_seed, episode_seed
from pongarena.training.evaluation import Evaluation, check_games, share_games, summarise

__all__ = ["evaluate_in_matches"]


def evaluate_in_matches(
    checkpoint: Checkpoint,
    *,
    games: int,
    seed: int,
    variant: Variant = PLAIN,
    greedy: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
    executor: TaskExecutor | None = None,
) -> Evaluation:
    """Play matches against the cartridge's CPU on the left, in parallel on all cores.

    Moves are sampled, or actions are sticky. Nothing else is random; without it all matches would be equal.

    Args:
        checkpoint: The network.
        games: How many matches to 21, 1 or more.
        seed: 0 or more; match i is seeded from (seed, i).
        variant: How the game differs from the usual one.
        greedy: Take the likeliest action; needs a sticky variant.
        on_progress: Called with (matches finished, matches to play) when that changes.
        executor: Runs the matches; own processes by default. The result does not depend on it.

    Raises:
        InvalidSettingError: When the number of games or the seed is too small, or nothing would be random.
    """
    check_games(games, seed)
    if greedy and not variant.sticky:
        raise InvalidSettingError(
            "expected sampled moves where actions are not sticky, got --greedy: nothing would be random, "
            "and all games would be the same; leave out --greedy, or add --sticky 0.25"
        )
    model = PlayerSpec.model(checkpoint, greedy=greedy)
    if executor:
        parts = share_games(games, executor)
    else:
        parts = [part.tolist() for part in np.array_split(np.arange(games), min(games, os.cpu_count() or 1))]
    scores = np.zeros((games, 2), np.int64)
    told = on_progress or (lambda *_: None)
    with own_processes(executor, len(parts)) as helpers:
        shared = helpers.share(model)
        calls = [(shared, part, seed, variant) for part in parts]
        played = helpers.run_all(_play_part, calls, lambda finished: told(finished, games))
    for part, (points, _) in zip(parts, played, strict=True):
        scores[part] = points
    return summarise(
        scores,
        truncated=sum(cut_off for _, cut_off in played),
        seed=seed,
        sticky=variant.sticky,
        frame_skip=variant.frame_skip or checkpoint.policy.spec.frame_skip,
        greedy=greedy,
    )


def _play_part(
    model: PlayerSpec, numbers: list[int], seed: int, variant: Variant
) -> tuple[list[tuple[int, int]], int]:
    """Return each match's points (won, lost), and how many matches were truncated: a rally can be endless."""
    scores, truncated = [], 0
    for number in numbers:
        match = Match(PlayerSpec.ai(), model, seed=console_seed(episode_seed(seed, number)), variant=variant)
        try:
            while not match.over and match.frames < MAX_FRAMES:
                match.step()
            truncated += not match.over
            scores.append((match.score[1], match.score[0]))
            tell_progress(len(scores))
        finally:
            match.close()
    return scores, truncated
