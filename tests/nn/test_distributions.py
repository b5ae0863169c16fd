"""Distributions: probabilities, logarithms and gradients against plain numpy and finite differences."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pongarena.nn.distributions import distribution_of, draw, likeliest

LOGITS = st.floats(-8, 8, width=32)


def some(outputs, rows):
    return np.array(rows, np.float32).reshape(len(rows), outputs)


@pytest.mark.parametrize("outputs", [1, 3])
@given(data=st.data())
def test_what_logits_say_about_actions(outputs, data):
    rows = st.lists(st.tuples(*[LOGITS] * outputs), min_size=1, max_size=5)
    logits = some(outputs, data.draw(rows))
    chosen_by, actions = distribution_of(outputs), 2 if outputs == 1 else 3
    p = chosen_by.probabilities(logits)
    assert p.shape == (len(logits), actions) and p.dtype == np.float32
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-6)
    taken = np.array(data.draw(st.lists(st.integers(0, actions - 1), min_size=len(p), max_size=len(p))))
    rows = np.arange(len(p))
    np.testing.assert_allclose(np.exp(chosen_by.log_prob(logits, taken)), p[rows, taken], atol=2e-6)
    entropy = -(p * np.log(np.maximum(p, 1e-12))).sum(axis=1)
    np.testing.assert_allclose(chosen_by.entropy(logits), entropy, atol=1e-4)
    np.testing.assert_allclose(chosen_by.kl(logits, logits), 0, atol=1e-12)
    assert (chosen_by.kl(logits, logits[::-1].copy()) >= -1e-9).all()


@pytest.mark.parametrize("outputs", [1, 3])
def test_the_score_is_the_gradient_of_the_logarithm(outputs):
    rng = np.random.default_rng(0)
    logits, chosen_by = rng.normal(0, 2, (20, outputs)).astype(np.float32), distribution_of(outputs)
    actions = rng.integers(0, max(2, outputs), 20)
    score = chosen_by.score(logits, actions)
    for output in range(outputs):
        step = np.zeros_like(logits, dtype=np.float64)
        step[:, output] = 1e-5
        above, below = (chosen_by.log_prob(logits + sign * step, actions) for sign in (1, -1))
        np.testing.assert_allclose(score[:, output], (above - below) / 2e-5, atol=1e-4)


def test_actions_are_drawn_as_often_as_they_are_probable():
    rng = np.random.default_rng(1)
    p = np.array([[0.2, 0.5, 0.3]], np.float32)
    drawn = draw(np.repeat(p, 20_000, axis=0), rng.random(20_000))
    np.testing.assert_allclose(np.bincount(drawn) / 20_000, p[0], atol=0.015)


def test_the_first_action_is_drawn_where_the_noise_is_less_than_its_probability():
    p = np.array([[0.25, 0.75], [0.25, 0.75], [1.0, 0.0], [0.0, 1.0]], np.float32)
    assert draw(p, np.array([0.2499, 0.25, 0.999, 0.0])).tolist() == [0, 1, 0, 1]


def test_of_equals_the_first_is_the_likeliest():
    assert likeliest(np.array([[0.5, 0.5], [0.2, 0.8], [0.3, 0.3]], np.float32)).tolist() == [0, 1, 0]
