"""The turbo recipe's mathematics: every gradient against finite differences, advantages by hand."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pongarena.agent.policy import PolicyNetwork
from pongarena.game.vision import PIXELS, SparseFrames
from pongarena.training import kernels
from pongarena.training.ppo import PPO, Rollout, advantages, policy_loss, value_loss
from pongarena.training.recipes import recipe
from pongarena.training.sparse_net import SparseNet


def some_frames(count, rng, inputs=PIXELS, lit=20):
    columns = np.concatenate([np.sort(rng.choice(inputs, lit, replace=False)) for _ in range(count)])
    values = rng.choice([-1.0, 1.0], count * lit).astype(np.float32)
    return SparseFrames(np.arange(0, count * lit + 1, lit, dtype=np.int64), columns.astype(np.int32), values)


def a_net(rng, inputs=PIXELS, units=5, *, biases):
    table = (rng.standard_normal((inputs, units)) * 0.2).astype(np.float32)
    net = SparseNet(table, rng.standard_normal(units).astype(np.float32), biases=biases)
    if biases:
        net.bias[:] = rng.standard_normal(units) * 0.1
        net.head_bias[:] = 0.3
    return net


def dense_output(net, frames, weights):
    """The same network in float64, from arrays that a test may change."""
    x = np.zeros((len(frames), len(weights["table"])))
    x[np.repeat(np.arange(len(frames)), np.diff(frames.starts)), frames.columns] = frames.values
    hidden = np.maximum(x @ weights["table"] + weights.get("bias", 0), 0)
    return hidden @ weights["head"] + weights.get("head_bias", 0)


def check_gradients(net, frames, loss_of, rng):
    """Compares `SparseNet.backward` with central differences of the loss, weight by weight."""
    rows = np.arange(len(frames))
    hidden, out = net.forward(frames, rows)
    weights = {name: array.astype(np.float64) for name, array in net.weights().items()}
    np.testing.assert_allclose(out, dense_output(net, frames, weights), rtol=1e-4, atol=1e-5)
    _, dout = loss_of(out)
    net.backward(frames, rows, hidden, dout)
    gradients = net.gradients()
    assert gradients.keys() == weights.keys()
    lit = frames.columns[rng.choice(len(frames.columns), 12)]
    tried = [("table", (int(column), int(rng.integers(net.table.shape[1])))) for column in lit]
    tried += [(name, (j,)) for name, array in weights.items() if name != "table" for j in range(len(array))]
    for name, place in tried:
        ends = []
        for step in (1e-5, -1e-5):
            moved = {key: array.copy() for key, array in weights.items()}
            moved[name][place] += step
            ends.append(loss_of(dense_output(net, frames, moved))[0])
        assert gradients[name][place] == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=2e-2, abs=2e-5)
    unlit = np.setdiff1d(np.arange(len(net.table)), frames.columns)
    assert not gradients["table"][unlit].any()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("entropy_bonus", [0.0, 0.5])
def test_the_actors_gradient_is_that_of_its_loss(seed, entropy_bonus):
    rng = np.random.default_rng(seed)
    frames, net = some_frames(12, rng), a_net(rng, biases=False)
    up = rng.random(12) < 0.5
    # old probabilities near and far from the present ones, so that some decisions are clipped
    logits = net.forward(frames)[1]
    old = 1 / (1 + np.exp(-(logits + rng.normal(0, 0.3, 12))))
    old_log_p = np.log(np.where(up, old, 1 - old))
    advantage = rng.standard_normal(12).astype(np.float32)

    def loss_of(z):
        return policy_loss(z, up, old_log_p, advantage, clip=0.1, entropy_bonus=entropy_bonus)

    check_gradients(net, frames, loss_of, rng)


@pytest.mark.parametrize("seed", range(3))
def test_the_critics_gradient_is_that_of_its_loss(seed):
    rng = np.random.default_rng(seed)
    frames, net = some_frames(12, rng, 2 * PIXELS), a_net(rng, 2 * PIXELS, biases=True)
    returns = rng.standard_normal(12).astype(np.float32)
    check_gradients(net, frames, lambda values: value_loss(np.asarray(values), returns), rng)


def test_a_clipped_decision_gives_no_gradient():
    up = np.array([True, True, False, False])
    old_log_p = np.log([0.3, 0.9, 0.3, 0.9])
    advantage = np.array([1, -1, 1, -1], np.float32)
    # the new P(UP) is 0.5: up by far from 0.3, down by far from 0.9, and the advantage has its way already
    _, dlogits = policy_loss(np.zeros(4, np.float32), up, old_log_p, advantage, clip=0.1, entropy_bonus=0)
    assert not dlogits.any()
    _, dlogits = policy_loss(np.zeros(4, np.float32), up, old_log_p, -advantage, clip=0.1, entropy_bonus=0)
    assert dlogits.all()


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


def test_pooled_adam_is_plain_adam_on_the_sum_of_the_tables():
    """Against a dense float64 version that keeps the five tables apart."""
    rng = np.random.default_rng(0)
    units, rate, b1, b2, epsilon = 3, 0.01, 0.9, 0.999, 1e-5
    table = rng.standard_normal((PIXELS, units)).astype(np.float32)
    fast = SparseNet(table.copy(), np.zeros(units, np.float32), biases=False)
    fast.head[:] = 1
    pools = (1, 2, 4, 8, 16)
    moments = {pool: np.zeros((2, 80 // pool, 80, units)) for pool in pools}
    slow = table.astype(np.float64).reshape(80, 80, units)
    for step in range(1, 6):
        frames = some_frames(6, rng)
        rows = np.arange(6)
        hidden, _ = fast.forward(frames, rows)
        fast.backward(frames, rows, hidden, rng.standard_normal(6).astype(np.float32))
        gradient = fast.gradients()["table"].astype(np.float64).reshape(80, 80, units)
        was_lit = np.zeros(PIXELS, bool)
        was_lit[frames.columns] = True
        # rows whose frames had no active unit are not touched
        was_lit &= fast._touched.astype(bool)
        fast.head[:] = 1
        fast.step(rate, max_norm=1e9)
        for pool in pools:
            first, second = moments[pool]
            pooled = gradient.reshape(80 // pool, pool, 80, units).sum(axis=1)
            lit = was_lit.reshape(80 // pool, pool, 80).any(axis=1)
            first[lit] = b1 * first[lit] + (1 - b1) * pooled[lit]
            second[lit] = b2 * second[lit] + (1 - b2) * pooled[lit] ** 2
            move = np.zeros_like(pooled)
            root = np.sqrt(second[lit] / (1 - b2**step)) + epsilon
            move[lit] = rate / (1 - b1**step) * first[lit] / root
            slow -= np.repeat(move, pool, axis=0)
    np.testing.assert_allclose(fast.table.reshape(80, 80, units), slow, atol=2e-4)


@pytest.mark.parametrize("pools", [(1, 2, 4, 8, 16), (1, 4, 16)])
@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("units", [3, 40])
def test_the_pooled_step_is_what_numpy_says_however_its_blocks_are_divided(pools, shared, units):
    rng = np.random.default_rng(7)
    tree, blocks = kernels.pool_tree(pools), 400
    b1, b2, epsilon, scale = (np.float32(x) for x in (0.9, 0.999, 1e-5, 0.5))
    start = rng.standard_normal((PIXELS, units)).astype(np.float32)
    shape = blocks * len(tree), 1 if shared else units
    splits = ([0, 400], [0, 1, 77, 240, 400])
    # one start for both ways, and one for numpy
    nets = [
        (start.copy(), np.zeros((shape[0], units), np.float32), np.zeros(shape, np.float32)) for _ in splits
    ]
    slow = start.astype(np.float64)
    moments = {
        pool: [np.zeros((80 // pool, 80, units)), np.zeros((80 // pool, 80, shape[1]))] for pool in pools
    }
    for step in range(1, 5):
        gradient = rng.standard_normal((PIXELS, units)).astype(np.float32)
        lit = rng.random(PIXELS) < (1.0, 0.3, 0.02, 0.9)[step - 1]
        lit.reshape(80, 80)[:, :8] = False
        lit.reshape(80, 80)[:, 70] = step == 1
        correct, rate = np.float32(1 / (1 - b2**step)), np.float32(0.01)
        norms = []
        for bounds, net in zip(splits, nets, strict=True):
            touched, sums = lit.astype(np.uint8), np.zeros(blocks)
            for low, high in pairwise(bounds):
                kernels.squared_norms(gradient, touched, low, high, sums)
            for low, high in pairwise(bounds):
                table, first, second = net
                kernels.adam_pooled(
                    table,
                    gradient,
                    touched,
                    first,
                    second,
                    tree,
                    low,
                    high,
                    scale,
                    rate,
                    b1,
                    b2,
                    correct,
                    epsilon,
                )
            assert not touched.any()
            norms.append(sums.sum())
        assert (
            norms[0] == norms[1] == pytest.approx(np.square(gradient[lit].astype(np.float64)).sum(), rel=1e-5)
        )
        g = np.where(lit[:, None], gradient, 0).astype(np.float64) * scale
        for pool in pools:
            pooled = g.reshape(80 // pool, pool, 80, units).sum(axis=1)
            moves = lit.reshape(80 // pool, pool, 80).any(axis=1)
            m, v = moments[pool]
            squares = np.square(pooled[moves])
            m[moves] = b1 * m[moves] + (1 - b1) * pooled[moves]
            v[moves] = b2 * v[moves] + (1 - b2) * (squares.mean(axis=1, keepdims=True) if shared else squares)
            change = np.zeros_like(pooled)
            change[moves] = rate * m[moves] / (np.sqrt(v[moves] * correct) + epsilon)
            slow -= np.repeat(change, pool, axis=0).reshape(PIXELS, units)
    for one, other in zip(*nets, strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_allclose(nets[0][0], slow, atol=1e-4)


def test_moments_that_fade_become_zero_and_not_denormal():
    rng = np.random.default_rng(0)
    net = a_net(rng, biases=False)
    net._first[:], net._second[:] = 1.1e-30, 1.0005e-30
    net._touched[:] = 1
    net.step(0.01, max_norm=1.0)
    assert not net._first.any()
    assert not net._second.any()


def test_threads_change_nothing_of_a_step():
    nets = [a_net(np.random.default_rng(1), 2 * PIXELS, biases=True) for _ in range(2)]
    with ThreadPoolExecutor(2) as threads:
        for net, helpers in zip(nets, (None, threads), strict=True):
            rng = np.random.default_rng(2)
            for _ in range(3):
                frames, rows = some_frames(6, rng, 2 * PIXELS), np.arange(6)
                hidden, _ = net.forward(frames, rows)
                net.backward(frames, rows, hidden, rng.standard_normal(6).astype(np.float32))
                net.step(0.01, max_norm=0.5, threads=helpers, parts=3)
    for one, other in zip(nets[0].state("x").values(), nets[1].state("x").values(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_critic_also_sees_what_is_lit():
    rng = np.random.default_rng(3)
    views = rng.random((4, 80, 80)) < 0.01
    frames = some_frames(4, rng)
    starts, columns, values = kernels.with_lit_pixels(
        frames.starts, frames.columns, frames.values, views.reshape(4, -1).view(np.uint64)
    )
    for i in range(4):
        own = slice(starts[i], starts[i + 1])
        difference = frames.columns[frames.starts[i] : frames.starts[i + 1]].tolist()
        assert columns[own].tolist() == [*difference, *(PIXELS + np.flatnonzero(views[i])).tolist()]
        assert (values[own][len(difference) :] == 1).all()


def a_rollout(learner, rng, moments=16, games=4):
    frames = some_frames(moments * games, rng)
    up = rng.random((moments, games)) < learner.decide(frames).reshape(moments, games)
    # the paddle should go up when the first lit pixel is in the upper half
    wanted = (frames.columns[::20] < PIXELS / 4).reshape(moments, games)
    rewards = np.where(up == wanted, 1, -1).astype(np.int8)
    seen = SparseFrames.concatenate([frames, some_frames(games, rng)])
    return Rollout(frames, seen, up, rewards, np.zeros_like(up)), float((up == wanted).mean())


def test_it_learns_what_is_rewarded():
    rng = np.random.default_rng(0)
    policy = PolicyNetwork.random(16, rng)
    learner = PPO(recipe("turbo", hidden_units=16, critic_units=8, kl_target=0.05), policy, rng)
    right = []
    for _ in range(60):
        rollout, share = a_rollout(learner, rng, 32, 8)
        right.append(share)
        learned = learner.learn(rollout)
        assert learned.kl < 0.5
    learner.close()
    assert np.mean(right[:5]) < 0.65
    assert np.mean(right[-5:]) > 0.85


def test_the_rate_is_steered_towards_the_divergence_aimed_at():
    rng = np.random.default_rng(1)
    settled = []
    for start in (1e-6, 1e-2):
        settings = {"hidden_units": 16, "critic_units": 8, "kl_target": 0.01, "learning_rate": start}
        learner = PPO(recipe("turbo", **settings), PolicyNetwork.random(16, rng), rng)
        divergences = [learner.learn(a_rollout(learner, rng)[0]).kl for _ in range(60)]
        learner.close()
        settled.append(np.median(divergences[-20:]))
    assert all(0.004 < kl < 0.025 for kl in settled)


def test_a_fresh_critic_may_learn_alone():
    rng = np.random.default_rng(2)
    policy = PolicyNetwork.random(16, rng)
    before = policy.w1.copy()
    learner = PPO(recipe("turbo", hidden_units=16, critic_units=8), policy, rng)
    arrays, _ = learner.state()
    critic = arrays["critic_table"].copy()
    learned = learner.learn(a_rollout(learner, rng)[0], critic_only=True)
    learner.close()  # waits for the critic
    assert np.array_equal(policy.w1, before)
    assert not np.array_equal(arrays["critic_table"], critic)
    assert learned.kl == pytest.approx(0, abs=1e-12)


def test_going_back_restores_the_weights_and_forgets_the_moments():
    rng = np.random.default_rng(2)
    policy = PolicyNetwork.random(16, rng)
    learner = PPO(recipe("turbo", hidden_units=16, critic_units=8), policy, rng)
    good = learner.weights()
    before = policy.w1.copy()
    learner.learn(a_rollout(learner, rng)[0])
    assert not np.array_equal(policy.w1, before)
    learner.go_back(good)
    arrays, _ = learner.state()
    learner.close()
    assert np.array_equal(policy.w1, before)
    assert not arrays["actor_table_first"].any()
    assert arrays["actor_updates"][0] == 0


def test_a_gradient_that_is_not_finite_moves_nothing():
    rng = np.random.default_rng(0)
    net, frames = a_net(rng, biases=True), some_frames(3, rng)
    before = net.table.copy()
    rows = np.arange(3)
    hidden, _ = net.forward(frames, rows)
    net.backward(frames, rows, np.abs(hidden) + 1, np.full(3, np.nan, np.float32))
    assert not np.isfinite(net.step(0.1, max_norm=1))
    assert np.array_equal(net.table, before)
    assert not net.gradients()["table"].any()


def test_more_minibatches_than_decisions_are_as_many_as_there_are():
    rng = np.random.default_rng(2)
    settings = {"hidden_units": 16, "critic_units": 8, "minibatches": 64, "epochs": 1}
    learner = PPO(recipe("turbo", **settings), PolicyNetwork.random(16, rng), rng)
    learned = learner.learn(a_rollout(learner, rng, 2, 4)[0])
    arrays, _ = learner.state()
    learner.close()
    assert learned.gradient_norm > 0
    assert arrays["actor_updates"][0] == arrays["critic_updates"][0] == 8


def test_outputs_are_those_of_forward_however_many():
    rng = np.random.default_rng(0)
    net, frames = a_net(rng, biases=True), some_frames(9000, rng, lit=3)
    assert np.array_equal(net.outputs(frames), net.forward(frames)[1])
    rows = rng.integers(0, 9000, 5000)
    assert np.array_equal(net.outputs(frames, rows), net.forward(frames, rows)[1])
