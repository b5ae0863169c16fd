"""The turbo recipe's learner: advantages by hand, losses against differences, and that it learns."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pongarena.envs.observation import SparseFrames
from pongarena.nn import adam_kernels as kernels
from pongarena.nn.distributions import distribution_of, draw
from pongarena.nn.frames import Frames
from pongarena.nn.sparse_net import SparseNet
from pongarena.nn.threads import Threads
from pongarena.training.algorithms.actor_critic_learner import advantages, value_loss
from pongarena.training.algorithms.ppo import PPO
from pongarena.training.compiled_games import CompiledGames
from pongarena.training.registry import recipe
from pongarena.training.rollouts import Rollout
from tests.training.made import ALONE, a_net, a_network, dense, some_frames

SMALL = {
    # rollouts of all sizes are learned from in the same parts
    "games": 8,
    "first_games": 8,
    "hidden_units": 16,
    "critic_units": 8,
    "learning_rate": 1e-3,
    "critic_learning_rate": 1e-3,
    "kl_target": 0.01,
    "entropy_bonus": 0.01,
    "settle_steps": 1_400_000,
    "clip": 0.1,
    "epochs": 4,
    "minibatches": 4,
    "max_gradient_norm": 0.5,
}


def a_recipe(**settings):
    return recipe("turbo", **{**SMALL, **settings})


def a_learner(rng, threads=ALONE, **settings):
    made = a_recipe(**settings)
    return PPO(made, SparseNet.of(made.new_network(rng), threads), rng)


@given(st.lists(st.sampled_from([-1, 0, 0, 0, 1]), min_size=1, max_size=40), st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=60)
def test_advantages_are_the_discounted_surprises_up_to_the_point(rewards, gamma, gae_lambda):
    rng = np.random.default_rng(len(rewards))
    column = np.array(rewards)[:, None]
    values = rng.standard_normal((len(rewards), 1)).astype(np.float32)
    last = rng.standard_normal(1).astype(np.float32)
    ended = np.zeros_like(column, dtype=bool)
    found = advantages(column, ended, values, last, gamma=gamma, gae_lambda=gae_lambda)
    following = [*values[1:, 0], last[0]]
    for t in range(len(rewards)):
        total, weight = 0.0, 1.0
        for k in range(t, len(rewards)):
            goes_on = rewards[k] == 0
            total += weight * (rewards[k] + gamma * following[k] * goes_on - values[k, 0])
            weight *= gamma * gae_lambda
            if not goes_on:
                break
        assert found[t, 0] == pytest.approx(total, rel=1e-3, abs=1e-3)


def test_a_game_that_was_cut_off_tells_nothing_about_the_next():
    rewards, ended = np.zeros((3, 1)), np.array([[False], [True], [False]])
    values, last = np.array([[1.0], [2.0], [50.0]], np.float32), np.array([50.0], np.float32)
    found = advantages(rewards, ended, values, last, gamma=1.0, gae_lambda=1.0)
    assert found[:2, 0].tolist() == [-1.0, -2.0]


@given(st.lists(st.tuples(st.floats(-5, 5, width=32), st.floats(-5, 5, width=32)), min_size=1, max_size=9))
def test_the_values_errors_are_the_derivative_of_their_loss(pairs):
    values, returns = np.array(pairs, np.float32).T
    loss, errors = value_loss(values, returns)
    assert loss == pytest.approx(np.mean((values.astype(np.float64) - returns) ** 2) / 2, rel=1e-5, abs=1e-6)
    for i in range(len(values)):
        ends = []
        for step in (1e-4, -1e-4):
            moved = values.astype(np.float64)
            moved[i] += step
            ends.append(value_loss(moved, returns.astype(np.float64))[0])
        assert errors[i] == pytest.approx((ends[0] - ends[1]) / 2e-4, rel=1e-3, abs=1e-5)


@pytest.mark.parametrize(("blocks", "biases"), [(1, False), (2, True)])
def test_compiled_entries_and_the_emulators_pixels_give_the_same_gradient(blocks, biases):
    """A paddle is one look-up in the one and sixteen pixels in the other."""
    games = CompiledGames(4, steps=100, frame_skip=4, sticky=0.25, max_frames=1000)
    games.begin(np.random.SeedSequence(1).generate_state(4, np.uint64))
    games.play(a_network())
    rows = games.order.ravel()
    both = dense(games.frames, rows, 2)
    plain = SparseFrames.from_dense(both[:, :6400])
    words = (both[:, 6400:] != 0).view(np.uint64)
    seen = SparseFrames(*kernels.with_lit_pixels(plain.starts, plain.columns, plain.values, words))
    pixels, in_order = Frames.of(plain, seen), np.arange(len(rows))
    rng = np.random.default_rng(2)
    net = a_net(rng, blocks=blocks, units=20, biases=biases)
    np.testing.assert_allclose(
        net.outputs(games.frames, rows), net.outputs(pixels, in_order), rtol=1e-4, atol=1e-4
    )
    dout = rng.standard_normal((len(rows), 1)).astype(np.float32)
    gradients = []
    for frames, which in ((games.frames, rows), (pixels, in_order)):
        net.backward((frames, which, dout))
        gradients.append(net.gradients())
        net.forget_gradient()
    for name, gradient in gradients[0].items():
        scale = np.abs(gradient).max()
        assert scale > 0
        np.testing.assert_allclose(gradient, gradients[1][name], atol=1e-5 * scale, err_msg=name)


def a_rollout(learner, rng, time_steps=16, games=4):
    frames = some_frames(games * (time_steps + 1), rng)
    height = rng.integers(0, 80, len(frames))
    frames.columns[frames.begin], frames.values[frames.begin] = 80 * height + 40, 1
    order = rng.permutation(len(frames)).reshape(time_steps + 1, games)
    seen = order[:-1].ravel()
    logits = learner._actor.outputs(frames, seen)
    shares = distribution_of(logits.shape[1]).probabilities(logits)
    actions = draw(shares, rng.random(len(seen))).reshape(time_steps, games)
    # the paddle should go up when the pixel in the middle is in the upper half, else do the last action
    wanted = np.where(height[seen] < 40, 0, shares.shape[1] - 1).reshape(time_steps, games)
    right = actions == wanted
    rewards = np.where(right, 1, -1).astype(np.int8)
    logits = logits.reshape(time_steps, games, -1)
    return Rollout(frames, order, logits, actions, rewards, np.zeros_like(right)), float(right.mean())


@pytest.mark.parametrize("kind", [{}, {"actions": 3}, {"second_layer": 12}])
def test_it_learns_what_is_rewarded(kind):
    rng = np.random.default_rng(0)
    learner = a_learner(rng, kl_target=0.05, **kind)
    right = []
    for _ in range(40):
        rollout, share = a_rollout(learner, rng, 32, 8)
        right.append(share)
        learned = learner.learn(rollout)
        assert learned.kl < 0.5
    assert np.mean(right[:5]) < 0.7
    assert np.mean(right[-5:]) > 0.85


def test_the_rate_is_steered_towards_the_divergence_aimed_at():
    rng = np.random.default_rng(1)
    settled = []
    for start in (1e-6, 1e-2):
        learner = a_learner(rng, learning_rate=start)
        divergences = [learner.learn(a_rollout(learner, rng)[0]).kl for _ in range(60)]
        settled.append(np.median(divergences[-20:]))
    assert all(0.004 < kl < 0.025 for kl in settled)


def test_threads_change_no_bit_of_what_is_learned():
    states = []
    for count in (1, 2, 3):
        threads = Threads(count)
        rng = np.random.default_rng(4)
        learner = a_learner(rng, threads, hidden_units=70, critic_units=40)
        learned = [learner.learn(a_rollout(learner, rng)[0]) for _ in range(3)]
        arrays, rest = learner.state()
        states.append((learned, rest, {name: array.copy() for name, array in arrays.items()}))
        threads.close()
    for learned, rest, arrays in states[1:]:
        assert (learned, rest) == states[0][:2]
        assert all(np.array_equal(array, states[0][2][name]) for name, array in arrays.items())


def test_a_learner_goes_on_where_it_was_saved():
    rng = np.random.default_rng(4)
    one, other = a_learner(rng), a_learner(rng)
    one.learn(a_rollout(one, rng)[0])
    arrays, rest = one.state()
    other.restore({name: array.copy() for name, array in arrays.items()}, rest)
    rollout = a_rollout(one, rng)[0]
    assert one.learn(rollout) == other.learn(rollout)
    for name, array in one.state()[0].items():
        assert np.array_equal(array, other.state()[0][name]), name


def test_a_fresh_critic_may_learn_alone():
    rng = np.random.default_rng(2)
    learner = a_learner(rng)
    before, critic = learner.weights(), learner.state()[0]["critic_table"].copy()
    learned = learner.learn(a_rollout(learner, rng)[0], critic_only=True)
    assert all(np.array_equal(before[name], array) for name, array in learner.weights().items())
    assert not np.array_equal(learner.state()[0]["critic_table"], critic)
    assert learned.kl == pytest.approx(0, abs=1e-12)


def test_going_back_restores_the_weights_and_forgets_the_time_steps():
    rng = np.random.default_rng(2)
    learner = a_learner(rng)
    good = learner.weights()
    learner.learn(a_rollout(learner, rng)[0])
    assert not np.array_equal(learner.weights()["table"], good["table"])
    learner.go_back(good)
    arrays, _ = learner.state()
    assert np.array_equal(learner.weights()["table"], good["table"])
    assert not arrays["actor_table_first"].any()
    assert arrays["actor_updates"][0] == 0


def test_more_minibatches_than_decisions_are_as_many_as_there_are():
    rng = np.random.default_rng(2)
    learner = a_learner(rng, minibatches=64, epochs=1)
    learned = learner.learn(a_rollout(learner, rng, 2, 4)[0])
    arrays, _ = learner.state()
    assert learned.gradient_norm > 0
    assert arrays["actor_updates"][0] == arrays["critic_updates"][0] == 8
