"""Learning without a gradient."""

import numpy as np
import pytest

from pongarena.envs.observation import SparseFrames
from pongarena.training.algorithms import search as search_room
from pongarena.training.algorithms.search import CrossEntropy, RandomSearch, Search, linear_policy


def test_the_linear_policy_is_linear():
    rng = np.random.default_rng(1)
    weights = rng.standard_normal((10, 40)).astype(np.float32)
    frames = rng.choice([-1, 0, 1], size=(5, 6400), p=[0.01, 0.98, 0.01]).astype(np.float32)
    expected = frames.reshape(5, 10, 8, 40, 2).sum(axis=(2, 4)).reshape(5, -1) @ weights.ravel()
    logits = linear_policy(weights).forward(SparseFrames.from_dense(frames)).logits
    assert np.allclose(logits[:, 0], expected, atol=1e-4)


def test_cross_entropy_finds_the_top_of_a_hill():
    """On scores that it is given, without a game: the mean moves to the best weights."""
    rng, method = np.random.default_rng(0), CrossEntropy()
    target = rng.standard_normal((10, 40))

    def distance():
        return np.linalg.norm(method.state()["mean"] - target)

    first = distance()
    for _ in range(150):
        method.candidates(rng, 64)
        scores = -np.square(method._tried - target).sum(axis=(1, 2)) * 1000
        method.judge(scores.astype(np.int64))
    assert distance() < 0.6 * first


def test_a_lucky_leader_is_found_out():
    search = RandomSearch(hidden_units=None)
    rng = np.random.default_rng(0)
    lucky = search.candidates(rng, 4)[2]
    search.judge(np.array([-8, -7, -1, -9]))
    assert search.leader() is lucky
    for score in (-9, -9, -9):
        assert search.candidates(rng, 4)[0] is lucky
        search.judge(np.array([score, -10, -10, -10]))
    third = search.candidates(rng, 4)[3]
    search.judge(np.array([-9, -10, -10, -5]))
    assert search.leader() is third


@pytest.mark.slow
@pytest.mark.parametrize("make", [CrossEntropy])
def test_a_search_plays_real_games_and_goes_on_where_it_was(make, monkeypatch):
    monkeypatch.setattr(search_room, "_DECISIONS", 150)
    monkeypatch.setattr(search_room, "CANDIDATES", 4)

    def tests_of(kind, count):
        found = []
        for tested in kind.run():
            if tested is not None:
                found.append((tested.round, tested.steps, tested.won, tested.lost))
                if len(found) == count:
                    break
        kind.close()
        return found

    whole = tests_of(Search(make(), seed=5), 2)
    assert whole[0][1] == 2 * 4 * 150 and whole[0][3] > 5
    first = Search(make(), seed=5)
    tests_of(first, 1)
    again = Search(make(), seed=5)
    again.restore(*first.state())
    assert tests_of(again, 1)[0] == whole[1]
