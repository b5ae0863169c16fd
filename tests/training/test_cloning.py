"""Behaviour cloning: from what somebody did to a network that does it."""

import numpy as np
import pytest

from pongarena.core.errors import MatchError
from pongarena.envs.observation import Observation, SparseFrames
from pongarena.nn.policy import PolicyNetwork
from pongarena.nn.spec import AgentSpec
from pongarena.training.cloning import Demonstrations, clone

COUNT, EVERY = 1200, 4

HELD_OUT = [row for row in range(COUNT) if 8 * 120 + 20 <= EVERY * row % 1200 < 1200 - 20]
"""The last two of ten stretches of two seconds, without what borders on the others."""


def demonstrations(spec, rng, count=COUNT):
    """A bar in the upper, middle or lower third of what is shown: go there; one in twenty is a slip.

    A shadow anywhere makes no two frames alike.
    """
    rows, columns = spec.observation.shape
    at = rng.integers(0, rows, count)
    frames = np.zeros((count, rows, columns), np.float32)
    frames[np.arange(count), at] = 1
    frames[np.arange(count), rng.integers(0, rows, count), rng.integers(0, columns, count)] = -1
    actions = (at * spec.actions // rows).astype(np.int8)
    slips = rng.random(count) < 0.05
    actions[slips] = rng.integers(0, spec.actions, int(slips.sum()))
    shown = SparseFrames.from_dense(frames.reshape(count, -1))
    return Demonstrations(shown, actions, EVERY * np.arange(count))


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
    assert imitation.agreement > 0.8
    assert imitation.usual < 0.6
    assert (imitation.held_out, imitation.decisions) == (len(HELD_OUT), COUNT)
    chosen = taught.forward(seen.frames).probabilities.argmax(axis=1)
    assert imitation.agreement == pytest.approx((chosen == seen.actions)[HELD_OUT].mean(), abs=0.01)


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
    noise = Demonstrations(seen.frames, rng.integers(0, 2, COUNT).astype(np.int8), seen.times)
    _, imitation = clone(PolicyNetwork.random(16, rng), noise, seed=0, threads=1)
    assert imitation.agreement < 0.62


def test_what_was_learned_from_is_not_held_out_when_it_happens_again():
    """Five of ten stretches later: all that is held out of one is learned from the other."""
    rng = np.random.default_rng(0)
    seen = demonstrations(AgentSpec(), rng)
    again = Demonstrations(
        SparseFrames.concatenate([seen.frames, seen.frames]),
        np.tile(seen.actions, 2),
        np.concatenate([seen.times, seen.times + EVERY * COUNT + 5 * 120]),
    )
    with pytest.raises(MatchError, match="expected matches that differ"):
        clone(PolicyNetwork.random(16, rng), again, seed=0, threads=1)


def test_too_few_decisions_are_refused():
    rng = np.random.default_rng(0)
    few = demonstrations(AgentSpec(), rng, 299)
    repeated = Demonstrations(few.frames, few.actions, few.times, views=4)
    for each in (few, repeated):
        with pytest.raises(MatchError, match="expected at least 300 steps"):
            clone(PolicyNetwork.random(4, rng), each, seed=0)


def test_the_words_name_the_yardstick():
    _, imitation = clone(
        PolicyNetwork.random(8, np.random.default_rng(0)),
        demonstrations(AgentSpec(), np.random.default_rng(2), 600), seed=0, threads=1,
    )  # fmt: skip
    assert f"{imitation.usual:.0%}" in str(imitation)
    assert "of 100 held-out moments" in str(imitation)
