"""The sparse network against the dense one, against finite differences, and in other company."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pongarena.envs.observation import PIXELS, SparseFrames
from pongarena.nn.distributions import sigmoid
from pongarena.nn.policy import PolicyNetwork, frames_between


def some_frames(count, seed=0, density=0.004):
    rng = np.random.default_rng(seed)
    dense = (rng.random((count, PIXELS)) < density) * rng.choice([-1.0, 1.0], (count, PIXELS))
    dense[::7] = 0  # frames in which nothing moves
    return dense, SparseFrames.from_dense(dense)


def dense_forward(w1, w2, x):
    hidden = np.maximum(x @ w1.T, 0)
    logits = (hidden @ w2.T)[:, 0]
    return hidden, logits, 1 / (1 + np.exp(-logits))


def log_likelihood(w1, w2, x, y, weight):
    """L = Σ weight·(y·log ŷ + (1 − y)·log(1 − ŷ)) in float64."""
    up = dense_forward(w1, w2, x)[2]
    return float(np.sum(weight * (y * np.log(up) + (1 - y) * np.log(1 - up))))


@pytest.fixture
def policy():
    return PolicyNetwork.random(24, np.random.default_rng(1))


def test_random_weights_are_gaussian_scaled_by_fan_in():
    policy = PolicyNetwork.random(200, np.random.default_rng(0))
    assert policy.w1.shape == (200, PIXELS)
    assert policy.w2.shape == (1, 200)
    assert policy.w1.dtype == policy.w2.dtype == np.float32
    assert policy.w1.std() == pytest.approx(1 / 80, rel=0.01)
    assert policy.w2.std() == pytest.approx(1 / np.sqrt(200), rel=0.2)
    again = PolicyNetwork.random(200, np.random.default_rng(0))
    assert (again.w1 == policy.w1).all()


def test_sparse_forward_equals_the_dense_products(policy):
    x, frames = some_frames(600)  # more than one chunk
    result = policy.forward(frames)
    hidden, logits, up = dense_forward(policy.w1.astype(float), policy.w2.astype(float), x)
    np.testing.assert_allclose(result.hidden, hidden, atol=1e-5)
    np.testing.assert_allclose(result.logits[:, 0], logits, atol=1e-5)
    np.testing.assert_allclose(result.up, up, atol=1e-6)
    assert result.hidden.dtype == result.logits.dtype == result.up.dtype == np.float32


def test_a_frame_in_which_nothing_moves_leaves_the_network_undecided(policy):
    result = policy.forward(SparseFrames.empty(2))
    assert (result.hidden == 0).all()
    assert result.up.tolist() == [0.5, 0.5]


def test_no_frames_give_empty_results_and_a_zero_gradient(policy):
    frames = SparseFrames.empty(0)
    forward = policy.forward(frames)
    gradient = policy.gradient(frames, forward, np.zeros((0, 1), np.float32))
    assert forward.hidden.shape == (0, 24)
    assert gradient.norm() == 0


def test_equations_1_and_2_the_logit_gradient_is_y_minus_p():
    logit, step = 0.37, 1e-6
    for y in (0.0, 1.0):
        p = float(sigmoid(np.array([logit]))[0])
        by_chain = (y / p - (1 - y) / (1 - p)) * p * (1 - p)  # (1) times σ′

        def likelihood(z, y=y):
            q = 1 / (1 + np.exp(-z))
            return y * np.log(q) + (1 - y) * np.log(1 - q)

        numeric = (likelihood(logit + step) - likelihood(logit - step)) / (2 * step)
        assert by_chain == pytest.approx(y - p)
        assert numeric == pytest.approx(y - p, abs=1e-8)


def test_equations_3_to_6_against_the_dense_gradient_one_by_one(policy):
    x, frames = some_frames(1500)  # more than one chunk
    error = np.random.default_rng(2).standard_normal(1500).astype(np.float32)
    forward = policy.forward(frames)
    gradient = policy.gradient(frames, forward, error[:, None])
    hidden = forward.hidden.astype(float)
    w2_gradient = error @ hidden  # (3)
    into_hidden = np.outer(error, policy.w2[0])  # (4)
    into_hidden[hidden <= 0] = 0  # (5)
    w1_gradient = into_hidden.T @ x  # (6)
    np.testing.assert_allclose(gradient.w2[0], w2_gradient, atol=1e-3)
    np.testing.assert_allclose(gradient.w1, w1_gradient, atol=1e-3)
    whole = np.concatenate([w1_gradient.ravel(), w2_gradient])
    assert gradient.norm() == pytest.approx(np.linalg.norm(whole), rel=1e-4)
    assert gradient.w1.strides == policy.w1.strides


def test_the_gradient_is_what_finite_differences_of_the_likelihood_say(policy):
    x, frames = some_frames(40, density=0.01)
    rng = np.random.default_rng(3)
    y, advantage = rng.integers(0, 2, 40), rng.standard_normal(40)
    forward = policy.forward(frames)
    gradient = policy.gradient(frames, forward, ((y - forward.up) * advantage).astype(np.float32)[:, None])
    w1, w2 = policy.w1.astype(float), policy.w2.astype(float)
    lit = np.flatnonzero(np.abs(x).sum(0))
    step = 1e-6
    for weights, own, places in (
        (w1, gradient.w1, [(rng.integers(24), rng.choice(lit)) for _ in range(60)]),
        (w2, gradient.w2, [(0, unit) for unit in range(24)]),
    ):
        for place in places:
            kept = weights[place]
            weights[place] = kept + step
            above = log_likelihood(w1, w2, x, y, advantage)
            weights[place] = kept - step
            below = log_likelihood(w1, w2, x, y, advantage)
            weights[place] = kept
            assert own[place] == pytest.approx((above - below) / (2 * step), rel=1e-3, abs=1e-5)


@settings(max_examples=60)
@given(
    hidden=st.integers(1, 70),
    count=st.integers(1, 40),
    first=st.integers(0, 39),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_frame_gives_the_same_bits_alone_and_in_any_company(hidden, count, first, seed):
    policy = PolicyNetwork.random(hidden, np.random.default_rng(seed))
    _, frames = some_frames(count, seed, density=0.01)
    together = policy.forward(frames)
    first %= count
    part = policy.forward(frames_between(frames, first, count))
    alone = policy.forward(frames_between(frames, first, first + 1))
    assert (part.hidden == together.hidden[first:]).all()
    assert (part.up == together.up[first:]).all()
    assert alone.logits[0] == together.logits[first]


@given(st.floats(-1024, 1024, width=32))
def test_sigmoid_neither_overflows_nor_leaves_0_to_1(x):
    values = sigmoid(np.array([x, -x], np.float32))
    assert ((values >= 0) & (values <= 1)).all()
    assert values.sum() == pytest.approx(1)
    assert values.dtype == np.float32


def test_a_copy_is_independent(policy):
    copy = policy.copy()
    copy.w1[0, 0] += 1
    copy.w2[0, 0] += 1
    assert policy.w1[0, 0] != copy.w1[0, 0]
    assert policy.w2[0, 0] != copy.w2[0, 0]


def test_weights_of_two_different_networks_are_refused():
    with pytest.raises(ValueError, match=r"\(h, 6400\) and \(1, h\), got \(3, 6400\) and \(1, 4\)"):
        PolicyNetwork(np.zeros((3, PIXELS), np.float32), np.zeros((1, 4), np.float32))
