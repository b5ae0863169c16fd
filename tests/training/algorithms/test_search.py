"""Learning without a gradient."""

import numpy as np
import pytest

from pongarena.core.errors import CheckpointError, InvalidSettingError
from pongarena.envs.observation import SparseFrames
from pongarena.nn.policy import PolicyNetwork
from pongarena.training.events import EpisodeFinished, Updated
from pongarena.training.registry import new_trainer, recipe, resume_trainer
from tests.training.running import differing, of, train, weights

SMALL = {"candidates": 3, "trial_games": 1, "test_games": 2, "max_frames": 400}


def some_frames(inputs=6400):
    values = np.random.default_rng(1).choice([-1, 0, 1], size=(5, inputs), p=[0.01, 0.98, 0.01])
    return values.astype(np.float32)


def test_the_linear_policy_is_linear():
    search = recipe("cross-entropy", block_rows=8, block_columns=2)
    vector = np.random.default_rng(2).standard_normal(search.weights)
    frames = some_frames()
    expected = frames.reshape(5, 10, 8, 40, 2).sum(axis=(2, 4)).reshape(5, -1) @ vector
    logits = search.network(vector).forward(SparseFrames.from_dense(frames)).logits
    assert np.allclose(logits[:, 0], expected, atol=1e-4)


@pytest.mark.parametrize(
    "kind",
    [{}, {"hidden_units": 3}, {"actions": 3}, {"actions": 3, "hidden_units": 2, "second_layer": 3},
     {"crop": 1},
     {"crop": 2, "shuffle": 4, "block_rows": 7, "block_columns": 9}],
)  # fmt: skip
def test_weights_and_networks_are_one_and_the_same(kind):
    search = recipe("random-search", **kind)
    vector = np.random.default_rng(2).standard_normal(search.weights).astype(np.float32).astype(np.float64)
    policy = search.network(vector)
    assert policy.spec == search.spec and policy.layers == search.layers
    assert np.array_equal(search.vector(policy), vector)


def test_a_network_of_another_kind_is_refused_as_a_start():
    search = recipe("cross-entropy")
    other = PolicyNetwork.random(2, np.random.default_rng(0), search.spec)
    with pytest.raises(InvalidSettingError, match="share a weight in blocks of 8 × 8"):
        new_trainer(search, seed=1, policy=other)


@pytest.mark.parametrize("name", ["cross-entropy", "random-search"])
def test_a_fork_begins_with_the_network_that_it_was_made_of(name):
    search = recipe(name, **SMALL)
    parent = new_trainer(search, seed=1)
    train(parent, 2)
    forks = [new_trainer(search, seed=2, policy=parent.policy) for _ in range(2)]
    for fork in forks:
        assert weights(fork) == weights(parent)
        train(fork, 2)
    assert differing(*forks) == [] and forks[0].steps > 0


def test_cross_entropy_finds_the_top_of_a_hill():
    """On scores that it is given, without a game: the mean moves to the best weights."""
    trainer, rng = new_trainer(recipe("cross-entropy", candidates=64), seed=1), np.random.default_rng(0)
    target = rng.standard_normal(100)
    first = np.linalg.norm(trainer._memory["leader"] - target)
    for _ in range(100):
        tried = trainer._candidates(rng)
        trainer._memory = trainer._judged(tried, -np.square(tried - target).sum(axis=1))
    assert np.linalg.norm(trainer._memory["leader"] - target) < 0.6 * first


def test_a_lucky_leader_is_found_out():
    trainer, rng = new_trainer(recipe("random-search", candidates=4), seed=1), np.random.default_rng(0)

    def round_of(*scores):
        tried = trainer._candidates(rng)
        trainer._memory = trainer._judged(tried, np.array(scores, float))
        return tried

    lucky = round_of(-8, -7, -1, -9)[2]
    for score in (-9, -9, -9):
        assert np.array_equal(round_of(score, -10, -10, -10)[0], lucky)
    third = round_of(-9, -10, -10, -5)[3]
    assert np.array_equal(trainer._memory["leader"], third)


@pytest.mark.parametrize("name", ["cross-entropy", "random-search"])
def test_a_stop_in_a_round_loses_the_round_and_nothing_else(name):
    search = recipe(name, **SMALL)
    whole = new_trainer(search, seed=5)
    events = train(whole, 3)
    assert len(of(EpisodeFinished, events)) == 6
    assert all(each.steps > 0 for each in of(Updated, events))
    stopped = new_trainer(search, seed=5)
    running = stopped.events()
    for event in running:
        if isinstance(event, EpisodeFinished) and event.episode == 3:
            break  # within the second round, after its candidates were judged
    running.close()
    arrays, state = stopped.resume_state()
    assert state["episode"] == 2 and state["updates"] == 1
    again = resume_trainer(search, {name: array.copy() for name, array in arrays.items()}, state)
    train(again, 3)
    assert differing(again, whole) == [] and weights(again) == weights(whole)


def test_a_damaged_state_is_refused():
    search = recipe("cross-entropy", **SMALL)
    arrays, state = new_trainer(search, seed=1).resume_state()
    with pytest.raises(CheckpointError, match="fork the model"):
        resume_trainer(search, {**arrays, "deviation": np.zeros(7)}, state)


def test_a_leader_is_tested_with_what_l2_leaves_of_it():
    trainer = new_trainer(recipe("cross-entropy", l2=0.1, **SMALL), seed=1)
    train(trainer, 1)
    assert np.array_equal(trainer.recipe.vector(trainer.policy), trainer._memory["leader"].astype(np.float32))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cross-entropy", "random-search"])
def test_a_search_becomes_better_than_chance(name):
    trainer, shares = new_trainer(recipe(name), seed=1), []
    for event in trainer.events():
        if isinstance(event, Updated):
            shares.append((event.won, event.won + event.lost))
            if len(shares) == 20:
                break
    trainer.close()
    won, played = np.array(shares[-6:]).sum(axis=0)
    coin = 0.02  # of its points, or less
    deviation = np.sqrt(coin * (1 - coin) / played)
    assert played > 500 and won / played > coin + 3.3 * deviation  # by chance in 1 of 2,000 runs
