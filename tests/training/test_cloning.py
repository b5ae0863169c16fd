"""Behaviour cloning: from what somebody did to a network that does it."""

import numpy as np
import pytest

from pongarena.core.errors import MatchError
from pongarena.envs.observation import Observation, SparseFrames
from pongarena.nn.policy import PolicyNetwork
from pongarena.nn.spec import AgentSpec
from pongarena.training.cloning import Demonstrations, clone

COUNT = 1200


def demonstrations(spec, rng, count=COUNT):
    """A pixel in the upper, middle or lower third of what is shown: go there; one in twenty is a slip."""
    rows, columns = spec.observation.shape
    at = rng.integers(0, rows, count)
    frames = np.zeros((count, rows, columns), np.float32)
    frames[np.arange(count), at, rng.integers(0, columns, count)] = 1
    actions = (at * spec.actions // rows).astype(np.int8)
    slips = rng.random(count) < 0.05
    actions[slips] = rng.integers(0, spec.actions, int(slips.sum()))
    shown = SparseFrames.from_dense(frames.reshape(count, -1))
    return Demonstrations(shown, actions, np.arange(count) // 30)


@pytest.mark.parametrize("actions", [2, 3])
@pytest.mark.parametrize("observation", [Observation(), Observation(0.5, 2)])
def test_a_clone_does_what_was_done_with_any_actions_and_observation(actions, observation):
    spec = AgentSpec(observation, 4, actions)
    seen = demonstrations(spec, np.random.default_rng(0))
    first = PolicyNetwork.random(16, np.random.default_rng(1), spec)
    before = first.w1.copy()
    taught, imitation = clone(first, seen, seed=0, threads=1)
    np.testing.assert_array_equal(first.w1, before)
    assert taught.spec == spec
    assert imitation.agreement > 0.7
    assert imitation.usual < 0.6
    assert (imitation.held_out, imitation.decisions) == (COUNT // 5, COUNT)
    chosen = taught.forward(seen.frames).probabilities.argmax(axis=1)
    held_out = seen.stretches % 10 >= 8
    assert imitation.agreement == pytest.approx((chosen == seen.actions)[held_out].mean(), abs=0.01)


def test_it_repeats_whatever_the_number_of_cores():
    spec = AgentSpec()
    seen = demonstrations(spec, np.random.default_rng(0), 600)
    first = PolicyNetwork.random(8, np.random.default_rng(1), spec)
    (one, told), (two, told_again) = (clone(first, seen, seed=3, threads=threads) for threads in (1, 2))
    np.testing.assert_array_equal(one.w1, two.w1)
    assert told == told_again


def test_noise_is_not_imitated_better_than_by_the_yardstick():
    """What is held out must not be learned from: with it, a network knows noise by heart."""
    rng = np.random.default_rng(0)
    seen = demonstrations(AgentSpec(), rng)
    noise = Demonstrations(seen.frames, rng.integers(0, 2, COUNT).astype(np.int8), seen.stretches)
    _, imitation = clone(PolicyNetwork.random(16, rng), noise, seed=0, threads=1)
    assert imitation.agreement < 0.62


def test_too_few_decisions_are_refused():
    rng = np.random.default_rng(0)
    few = demonstrations(AgentSpec(), rng, 299)
    repeated = Demonstrations(few.frames, few.actions, few.stretches, views=4)
    for each in (few, repeated):
        with pytest.raises(MatchError, match="expected at least 300 decisions"):
            clone(PolicyNetwork.random(4, rng), each, seed=0)


def test_the_words_name_the_yardstick():
    _, imitation = clone(
        PolicyNetwork.random(8, np.random.default_rng(0)),
        demonstrations(AgentSpec(), np.random.default_rng(2), 600), seed=0, threads=1,
    )  # fmt: skip
    assert f"{imitation.usual:.0%}" in str(imitation)
    assert "of 120 held-out decisions" in str(imitation)
