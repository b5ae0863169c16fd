"""Discounting and standardising, against the slides' example and a loop as the post has it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pongarena.training.returns import discounted_returns, standardise, turns_of

REWARDS = st.lists(st.sampled_from([-1, 0, 0, 0, 1]), max_size=80)


def backward_loop(rewards, gamma):
    returns, running = [], 0.0
    last = max((i for i, reward in enumerate(rewards) if reward), default=-1)
    for i in reversed(range(len(rewards))):
        if rewards[i] != 0:
            running = 0.0
        running = running * gamma + rewards[i]
        returns.append(running if i <= last else 0.0)
    return returns[::-1]


def test_the_slides_trajectory():
    rewards = np.array([0, 0, 0, 0, 0, -1, 0, 0])
    expected = [-(0.9**5), -(0.9**4), -(0.9**3), -0.81, -0.9, -1, 0, 0]
    np.testing.assert_allclose(discounted_returns(rewards, 0.9), expected)


def test_a_point_knows_nothing_of_the_rally_after_it():
    returns = discounted_returns(np.array([0, 1, 0, 0, -1]), 0.5)
    assert returns.tolist() == [0.5, 1, -0.25, -0.5, -1]


@given(REWARDS, st.floats(0, 1))
def test_equals_the_backward_loop(rewards, gamma):
    result = discounted_returns(np.array(rewards, np.int8), gamma)
    np.testing.assert_allclose(result, backward_loop(rewards, gamma), atol=1e-12)


@given(REWARDS, st.floats(0.5, 1))
def test_standardised_returns_have_mean_0_and_deviation_1_or_are_all_0(rewards, gamma):
    result = standardise(discounted_returns(np.array(rewards), gamma))
    assert len(result) == len(rewards)
    if result.any():
        assert result.mean() == pytest.approx(0, abs=1e-9)
        assert result.std() == pytest.approx(1)


@pytest.mark.parametrize("returns", [[], [0.1] * 7, [-1.0], [1e-30, 1e-30]])
def test_equal_returns_set_nothing_apart(returns):
    assert standardise(np.array(returns)).tolist() == [0.0] * len(returns)


def test_turns_are_decisions_that_differ_from_the_one_before():
    assert turns_of(np.array([0, 0, 1, 2, 2])).tolist() == [False, False, True, True, False]
    assert turns_of(np.zeros(0)).tolist() == []
    games = np.array([[0, 1], [0, 0], [1, 0]])
    assert turns_of(games).tolist() == [[False, False], [False, True], [True, False]]
