"""Evaluation in the match setting."""

import numpy as np
import pytest
from click.testing import CliRunner

from pongarena.cli import cli
from pongarena.core.errors import InvalidSettingError
from pongarena.library.models import Library
from pongarena.match.evaluation import evaluate_in_matches
from pongarena.nn.checkpoint import Card, Checkpoint
from pongarena.nn.policy import PolicyNetwork

CARD = Card(
    model="m", recipe="turbo", episode=1, updates=1, steps=1, seed=0, running_reward=None, points_won=0,
    points_lost=0, lineage=(), created="2026-01-01T00:00:00+00:00", pongarena="0",
)  # fmt: skip


@pytest.fixture
def checkpoint():
    return Checkpoint(PolicyNetwork.random(8, np.random.default_rng(0)), CARD)


@pytest.mark.slow
def test_matches_are_counted_and_repeat(checkpoint):
    told = []
    first = evaluate_in_matches(checkpoint, games=3, seed=4, on_progress=lambda *now: told.append(now))
    assert first.games == len(first.scores) == 3
    assert told[-1] == (3, 3)
    assert first.sticky == 0
    assert all(max(score) == 21 for score in first.scores)
    assert first.mean < -10
    assert first == evaluate_in_matches(checkpoint, games=3, seed=4)


def test_impossible_numbers_are_refused(checkpoint):
    for games, seed in ((0, 1), (1, -1)):
        with pytest.raises(InvalidSettingError):
            evaluate_in_matches(checkpoint, games=games, seed=seed)


def test_greedy_matches_which_would_all_be_one_are_refused():
    name = next(model.name for model in Library().models() if model.bundled)
    result = CliRunner().invoke(cli, ["eval", name, "--setting", "match", "--greedy"])
    assert isinstance(result.exception, SystemExit) or result.exit_code == 2
    assert "all games would be the same" in " ".join(result.output.split())
