"""Evaluation: the numbers it reports and what they do not depend on."""

import json

import numpy as np
import pytest

from pongarena.core.errors import InvalidSettingError
from pongarena.nn.policy import PolicyNetwork
from pongarena.training import evaluation
from pongarena.training.evaluation import evaluate
from pongarena.training.plain_loop import ReferenceLoop
from pongarena.training.registry import recipe


def test_the_statistics_follow_from_the_scores():
    policy = PolicyNetwork.random(8, np.random.default_rng(0))
    progress = []
    result = evaluate(
        policy,
        games=3,
        seed=1,
        max_frames=2000,
        on_progress=lambda done, games: progress.append((done, games)),
    )
    rewards = [won - lost for won, lost in result.scores]
    assert len(rewards) == result.games == 3
    assert result.mean == pytest.approx(np.mean(rewards))
    assert result.standard_deviation == pytest.approx(np.std(rewards, ddof=1))
    assert result.standard_error == pytest.approx(np.std(rewards, ddof=1) / np.sqrt(3))
    assert result.truncated == 3
    assert result.wins == sum(reward > 0 for reward in rewards)
    assert progress[-1] == (3, 3)
    assert (result.sticky, result.frame_skip, result.seed) == (0.25, 4, 1)
    assert json.loads(json.dumps(result.to_json()))["scores"] == [list(score) for score in result.scores]
    alone = evaluate(policy, games=1, seed=1, max_frames=2000)
    assert alone.scores[0] == result.scores[0]


@pytest.mark.parametrize(("games", "seed"), [(0, 1), (1, -1)])
def test_impossible_requests_are_refused(games, seed):
    with pytest.raises(InvalidSettingError, match="at least 1 game"):
        evaluate(PolicyNetwork.random(2, np.random.default_rng(0)), games=games, seed=seed)


def test_the_reference_loop_plays_and_learns():
    loop = ReferenceLoop(recipe("karpathy", hidden_units=4, max_frames=1000, batch_episodes=1), seed=0)
    before = {name: array.copy() for name, array in loop._weights.items()}
    assert loop.run(600) > 0
    loop.close()
    assert loop.steps == 600
    assert all((loop._weights[name] != before[name]).any() for name in before)


def test_greedy_moves_are_the_likelier_ones():
    policy = PolicyNetwork.random(8, np.random.default_rng(0))
    drawn, greedy = (
        evaluate(policy, games=2, seed=1, max_frames=1500, greedy=each) for each in (False, True)
    )
    assert (drawn.greedy, greedy.greedy) == (False, True)
    assert greedy == evaluate(policy, games=2, seed=1, max_frames=1500, greedy=True)


def test_many_games_are_shared_among_processes_and_end_as_in_one(monkeypatch):
    policy = PolicyNetwork.random(4, np.random.default_rng(0))
    progress = []
    monkeypatch.setattr(evaluation, "_FEW", 4)  # an emulator takes longer to load than a game to play
    shared = evaluate(policy, games=5, seed=2, max_frames=600, on_progress=lambda *now: progress.append(now))
    assert progress[-1] == (5, 5)
    assert [done for done, _ in progress] == sorted(done for done, _ in progress)
    monkeypatch.setattr(evaluation, "_FEW", 100)
    assert evaluate(policy, games=5, seed=2, max_frames=600) == shared


def test_shares_have_every_game_once(monkeypatch):
    for games, cores in ((12, 1), (12, 5), (100, 7), (11, 4)):
        shares = evaluation._shares(games, cores)
        assert sorted(game for share in shares for game in share) == list(range(games))
        assert len(shares) == (cores if games >= 12 else 1)
