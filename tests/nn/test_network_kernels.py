"""The learners' errors: derivatives against differences, returns against numpy."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pongarena.nn.network_kernels import policy_errors, reinforce_advantages, reinforce_errors, rmsprop
from pongarena.nn.optimizers import RMSProp
from pongarena.training.returns import discounted_returns, standardise

FLOATS = st.floats(-3, 3, width=32)


def policy_loss(logits, up, old_log_p, advantage, clip, bonus):
    """−mean(min(r·A, clip(r)·A)) − bonus·mean(entropy) in float64, r = p(decision) / p_old(decision)."""
    p = 1 / (1 + np.exp(-np.asarray(logits, np.float64)))
    ratio = np.exp(np.log(np.where(up, p, 1 - p)) - old_log_p)
    gain = np.minimum(ratio * advantage, np.clip(ratio, 1 - clip, 1 + clip) * advantage)
    entropy = -(p * np.log(p) + (1 - p) * np.log(1 - p))
    return -gain.mean() - bonus * entropy.mean()


def errors_of(logits, up, old_log_p, advantage, clip, bonus):
    out = np.full((len(logits), 1), np.nan, np.float32)
    rows, actions = np.arange(len(logits)), 1 - up.astype(np.int8)
    scale = 1 / len(rows)
    policy_errors(logits[:, None], rows, 0, len(rows), actions, old_log_p, advantage, clip, bonus, scale, out)
    return out[:, 0]


def softmax(logits):
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.05, 0.2, 1.0]), st.sampled_from([0.0, 0.01, 0.5]))
@settings(max_examples=30)
def test_policy_errors_of_three_actions_are_the_derivative_of_the_policy_loss(seed, clip, bonus):
    rng = np.random.default_rng(seed)
    logits, advantage = rng.normal(0, 2, (7, 3)).astype(np.float32), rng.standard_normal(7).astype(np.float32)
    actions, rows = rng.integers(0, 3, 7).astype(np.int8), np.arange(7)
    old_log_p = np.log(softmax(logits.astype(np.float64) + rng.normal(0, 0.3, (7, 3)))[rows, actions])

    def loss(z):
        p = softmax(z)
        ratio = p[rows, actions] / np.exp(old_log_p)
        gain = np.minimum(ratio * advantage, np.clip(ratio, 1 - clip, 1 + clip) * advantage)
        return -gain.mean() + bonus * (p * np.log(p)).sum(axis=1).mean()

    ratio = softmax(logits.astype(np.float64))[rows, actions] / np.exp(old_log_p)
    assume((np.abs(np.abs(ratio - 1) - clip) > 1e-4).all())
    found = np.full((7, 3), np.nan, np.float32)
    policy_errors(logits, rows, 0, 7, actions, old_log_p, advantage, clip, bonus, 1 / 7, found)
    for place in np.ndindex(7, 3):
        moved = np.zeros((7, 3))
        moved[place] = 1e-6
        slope = (loss(logits + moved) - loss(logits - moved)) / 2e-6
        assert found[place] == pytest.approx(slope, rel=1e-3, abs=1e-5)


@given(
    st.lists(st.tuples(FLOATS, st.booleans(), FLOATS, FLOATS), min_size=1, max_size=12),
    st.sampled_from([0.05, 0.1, 0.2, 1.0]),
    st.sampled_from([0.0, 0.01, 0.5]),
)
def test_policy_errors_are_the_derivative_of_the_policy_loss(decisions, clip, bonus):
    logits, up, old_logits, advantage = (np.array(each) for each in zip(*decisions, strict=True))
    logits, advantage = logits.astype(np.float32), advantage.astype(np.float32)
    old = 1 / (1 + np.exp(-old_logits))
    old_log_p = np.log(np.where(up, old, 1 - old))
    p = 1 / (1 + np.exp(-logits.astype(np.float64)))
    ratio = np.where(up, p, 1 - p) / np.exp(old_log_p)
    # at the corners of min and clip there is no derivative
    assume((np.abs(np.abs(ratio - 1) - clip) > 1e-4).all())
    found = errors_of(logits, up, old_log_p, advantage, clip, bonus)
    for i in range(len(logits)):
        ends = []
        for step in (1e-6, -1e-6):
            moved = logits.astype(np.float64)
            moved[i] += step
            ends.append(policy_loss(moved, up, old_log_p, advantage, clip, bonus))
        assert found[i] == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-3, abs=1e-5)


def test_a_clipped_decision_gives_no_gradient():
    up = np.array([True, True, False, False])
    old_log_p = np.log([0.3, 0.9, 0.3, 0.9])
    advantage = np.array([1, -1, 1, -1], np.float32)
    # the new P(UP) is 0.5: up by far from 0.3, down by far from 0.9, and the advantage has its way already
    assert not errors_of(np.zeros(4, np.float32), up, old_log_p, advantage, 0.1, 0.0).any()
    assert errors_of(np.zeros(4, np.float32), up, old_log_p, -advantage, 0.1, 0.0).all()


def test_policy_errors_are_of_the_rows_asked_for_however_they_are_divided():
    rng = np.random.default_rng(0)
    up, advantage = rng.random(30) < 0.5, rng.standard_normal(30).astype(np.float32)
    old_log_p, rows = np.log(rng.uniform(0.2, 0.8, 30)), rng.permutation(30)[:20]
    logits = rng.standard_normal(20).astype(np.float32)
    expected = errors_of(logits, up[rows], old_log_p[rows], advantage[rows], 0.1, 0.01)
    found, actions = np.full((20, 1), np.nan, np.float32), 1 - up.astype(np.int8)
    for first, last in ((0, 1), (1, 13), (13, 20)):
        policy_errors(
            logits[:, None], rows, first, last, actions, old_log_p, advantage, 0.1, 0.01, 1 / 20, found
        )
    assert np.array_equal(found[:, 0], expected)


@pytest.mark.parametrize("logit", [-3e38, -1e4, 1e4, 3e38])
def test_a_network_that_is_sure_gives_finite_errors(logit):
    old_log_p = np.log(np.array([1e-6, 1 - 1e-6]))
    up, advantage = np.array([True, True]), np.ones(2, np.float32)
    assert np.isfinite(errors_of(np.full(2, logit, np.float32), up, old_log_p, advantage, 0.1, 0.0)).all()


@given(
    st.lists(st.tuples(st.sampled_from([-1, 0, 0, 0, 1]), st.booleans(), FLOATS), max_size=80),
    st.floats(0, 1),
    st.booleans(),
)
def test_reinforce_errors_are_those_of_the_returns(decisions, gamma, standardised):
    rewards, up, logits = (
        np.array([each[k] for each in decisions], kind) for k, kind in enumerate((np.int8, bool, np.float32))
    )
    returns = discounted_returns(rewards, gamma)
    advantage = standardise(returns) if standardised else returns
    p = 1 / (1 + np.exp(-logits.astype(np.float64)))
    found, own = np.full((len(decisions), 1), np.nan, np.float32), np.full(len(decisions), np.nan)
    reinforce_advantages(rewards, np.zeros(len(rewards), bool), 0.0, gamma, standardised, own)
    np.testing.assert_allclose(own, advantage, rtol=1e-5, atol=1e-6)
    reinforce_errors(1 - up.astype(np.int8), logits[:, None], own, found)
    np.testing.assert_allclose(found[:, 0], (up - p) * advantage, rtol=1e-5, atol=1e-6)


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.5, 0.9, 0.99]))
@settings(max_examples=30)
def test_squares_that_decay_late_are_those_that_decay_at_once(seed, decay):
    """Against the plain rule, over many updates in which few rows have a gradient."""
    rng = np.random.default_rng(seed)
    inputs, units = 12, 5
    table = rng.standard_normal((inputs, units)).astype(np.float32)
    plain = table.copy()
    optimizer = RMSProp({"w": plain}, learning_rate=1e-2, decay=decay, epsilon=1e-5)
    square, age = np.zeros_like(table), np.zeros(inputs, np.int64)
    gradient, touched = np.zeros_like(table), np.zeros(inputs, np.uint8)
    for update in range(1, 41):
        lit = rng.random(inputs) < rng.choice([0.1, 0.5])
        gradient[lit] = rng.standard_normal((int(lit.sum()), units))
        touched[lit] = 1
        optimizer.ascend({"w": gradient.copy()})
        for first, last in ((0, 5), (5, inputs)):
            rmsprop(
                table, square, age, gradient, touched, first, last, update, np.float32(1e-2), decay,
                np.float32(1e-5),
            )  # fmt: skip
        assert not gradient.any() and not touched.any()
        np.testing.assert_allclose(table, plain, rtol=1e-4, atol=1e-5)
    late = square * decay ** (40 - age)[:, None]
    np.testing.assert_allclose(late, optimizer.squares["w"], rtol=1e-4, atol=1e-12)
