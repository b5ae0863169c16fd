"""The karpathy recipe's learner against numpy: `PolicyNetwork.gradient`, `returns` and plain RMSProp."""

from itertools import pairwise

import numpy as np
import pytest

from pongarena.envs.observation import SparseFrames
from pongarena.nn.distributions import distribution_of
from pongarena.nn.optimizers import RMSProp
from pongarena.nn.sparse_net import SparseNet, extended
from pongarena.nn.threads import Threads
from pongarena.training.algorithms.reinforce import Reinforce
from pongarena.training.games import open_episodes
from pongarena.training.registry import recipe
from pongarena.training.returns import discounted_returns, standardise
from tests.training.made import ALONE, dense


def a_recipe(**settings):
    return recipe("karpathy", **{"hidden_units": 6, "learning_rate": 1e-2, "max_frames": 1000, **settings})


def a_learner(made, threads=ALONE, seed=0):
    net = SparseNet.of(made.new_network(np.random.default_rng(seed)), threads)
    return Reinforce(made, net), net


def play(made, net, numbers=(1, 2), episodes=None):
    played = (episodes or open_episodes(made, ALONE, at_once=10, emulated=False)).play(net, 5, numbers)
    return [game for some in played for game in some]


def frames_of(game):
    return SparseFrames.from_dense(np.concatenate([dense(frames, rows) for frames, rows in game.parts]))


def numpy_gradient(policy, games, gamma, *, standardised=True):
    """Equations (1) to (6), game by game."""
    sums = {"w1": 0.0, "w2": 0.0}
    for game in games:
        frames = frames_of(game)
        forward = policy.forward(frames)
        np.testing.assert_allclose(forward.logits, game.logits, rtol=1e-3, atol=1e-4)
        returns = discounted_returns(game.rewards, gamma)
        advantage = standardise(returns) if standardised else returns
        score = distribution_of(policy.spec.outputs).score(forward.logits, game.actions)
        gradient = policy.gradient(frames, forward, score * advantage[:, None])
        sums["w1"], sums["w2"] = sums["w1"] + gradient.w1, sums["w2"] + gradient.w2
    return sums


@pytest.mark.parametrize(
    ("emulated", "standardised", "updates"), [(False, True, 4), (False, False, 4), (True, True, 1)]
)
def test_steps_are_those_of_numpy_on_the_same_games(emulated, standardised, updates):
    """Each update from new games, played with the present weights."""
    made = a_recipe(normalise=int(standardised))
    episodes = open_episodes(made, ALONE, at_once=10, emulated=emulated)
    learner, net = a_learner(made)
    policy = net.policy(made.spec).copy()
    optimizer = RMSProp(
        policy.parameters(), learning_rate=made.learning_rate, decay=made.decay, epsilon=made.epsilon
    )
    for update in range(updates):
        games = play(made, net, (2 * update, 2 * update + 1), episodes)
        gradient = numpy_gradient(policy, games, made.gamma, standardised=standardised)
        learner.gather(games[:1])
        learner.gather(games[1:])
        length = np.sqrt(sum(np.square(each.astype(np.float64)).sum() for each in gradient.values()))
        assert learner.norm() == learner.norm() == pytest.approx(length, rel=1e-3)
        learner.ascend()
        optimizer.ascend(gradient)
        # RMSProp's first steps are of nearly the same length, however small the gradient: where that is
        # rounding alone, the two may differ
        clear = np.abs(gradient["w1"].T) > 1e-3 * np.abs(gradient["w1"]).max()
        np.testing.assert_allclose(net.table[:6400][clear], policy.w1.T[clear], atol=2e-3)
        np.testing.assert_allclose(net.head, policy.w2, atol=2e-3)
        # both go on from the same weights
        policy.w1[...], policy.w2[...] = net.table[:6400].T, net.head
        np.testing.assert_array_equal(net.table, extended(net.table[:6400]))
    episodes.close()


def test_a_batch_is_gathered_to_the_same_bits_however_it_is_divided():
    made = a_recipe(hidden_units=70)
    states = []
    for count, parts in ((1, (0, 4)), (2, (0, 1, 4)), (3, (0, 2, 3, 4))):
        threads = Threads(count)
        learner, net = a_learner(made, threads)
        for _ in range(3):
            games = play(made, net, range(4))
            for first, last in pairwise(parts):
                learner.gather(games[first:last])
            norm = learner.norm()
            learner.ascend()
        states.append({"norm": norm, **{name: array.copy() for name, array in learner.state().items()}})
        threads.close()
    for other in states[1:]:
        assert all(np.array_equal(states[0][name], other[name]) for name in states[0])


def test_a_learner_goes_on_where_it_was_saved():
    made = a_recipe()
    learner, net = a_learner(made)
    for number in range(3):
        learner.gather(play(made, net, [number]))
        learner.ascend()
    other, net2 = a_learner(made, seed=9)
    other.restore({name: array.copy() for name, array in learner.state().items()})
    assert np.array_equal(net.table, net2.table)
    for number in range(3, 6):
        games = play(made, net, [number])
        for each in (learner, other):
            each.gather(games)
            each.ascend()
    for name, array in learner.state().items():
        assert np.array_equal(array, other.state()[name]), name


def test_squares_without_an_age_are_up_to_date():
    """As files have them from before squares were left to decay late."""
    made = a_recipe()
    learner, net = a_learner(made)
    learner.gather(play(made, net, [1]))
    learner.ascend()
    old = {name: array.copy() for name, array in learner.state().items()}
    age = old.pop("square_age")
    old["square_w1"] *= np.float32(made.decay) ** age.astype(np.float32)
    other, net2 = a_learner(made)
    other.restore(old)
    games = play(made, net, [2])
    for each in (learner, other):
        each.gather(games)
        each.ascend()
    np.testing.assert_allclose(net.table, net2.table, atol=1e-6)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda arrays: arrays.update(square_age=np.full(6400, -1)),
        lambda arrays: arrays.update(square_age=np.zeros(6399, np.int64)),
        lambda arrays: arrays.update(square_w1=arrays["square_w1"].T),
    ],
)
def test_a_memory_that_does_not_fit_is_refused(spoil):
    learner, *_ = a_learner(a_recipe())
    arrays = {name: array.copy() for name, array in learner.state().items()}
    spoil(arrays)
    with pytest.raises(ValueError, match="expected"):
        learner.restore(arrays)


def test_what_was_forgotten_leaves_no_trace():
    made = a_recipe()
    learner, net = a_learner(made)
    before = net.table.copy()
    learner.gather(play(made, net))
    learner.forget()
    assert learner.norm() == 0
    learner.ascend()
    assert np.array_equal(net.table, before)


def numpy_advantages(games, made, before):
    """Returns less the baseline, with the cost of every turn, as the settings have it."""
    every = []
    for game in games:
        returns, costs = discounted_returns(game.rewards, made.gamma), np.zeros(len(game.actions))
        running = 0.0
        for t in range(len(costs) - 1, -1, -1):
            running = 0.0 if game.rewards[t] else running * made.gamma
            running += made.jitter_penalty * (t > 0 and game.actions[t] != game.actions[t - 1])
            costs[t] = running
        after = np.flatnonzero(game.rewards)[-1] + 1  # nobody knows how the last rally would have ended
        costs[after:] = 0
        every.append(returns - costs - before)
    return every


@pytest.mark.parametrize(
    "settings",
    [
        {"normalise": 2},
        {"normalise": 0, "baseline": 1},
        {"normalise": 0, "jitter_penalty": 0.05},
        {"normalise": 2, "actions": 3},
    ],
    ids=str,
)
def test_every_kind_of_return_is_that_of_numpy(settings):
    made = a_recipe(**settings)
    learner, net = a_learner(made)
    learner.baseline = before = 0.3 * made.baseline
    games, policy = play(made, net, (1, 2)), net.policy(made.spec)
    advantages = numpy_advantages(games, made, before)
    if made.normalise == 2:
        together = standardise(np.concatenate(advantages))
        advantages = np.split(together, [len(advantages[0])])
    expected = 0.0
    for game, advantage in zip(games, advantages, strict=True):
        frames = frames_of(game)
        forward = policy.forward(frames)
        score = distribution_of(made.spec.outputs).score(forward.logits, game.actions)
        expected = expected + policy.gradient(frames, forward, score * advantage[:, None]).w2
    learner.gather(games[:1])
    learner.gather(games[1:])
    learner.close_batch()
    found = net.gradients()["head"]
    np.testing.assert_allclose(found, expected, atol=2e-3 * np.abs(expected).max())
    learner.ascend()
    if made.baseline:
        mean = np.concatenate(numpy_advantages(games, made, 0.0)).mean()
        assert learner.baseline == pytest.approx(0.9 * 0.3 + 0.1 * mean)
