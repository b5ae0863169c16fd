from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pongarena.envs.observation import PIXELS, SparseFrames
from pongarena.match.inspector import (
    DOWN_COLOUR,
    UP_COLOUR,
    ZERO_COLOUR,
    contributions,
    logit_gradient,
    receptive_field,
    sensitivity,
    shades,
)
from pongarena.match.match import Match
from pongarena.match.players import ModelPlayer, PlayerSpec
from pongarena.nn.policy import PolicyNetwork


def some_frame(rng, count):
    frame = np.zeros((1, PIXELS), np.float32)
    frame[0, rng.choice(PIXELS, count, replace=False)] = rng.choice([-1, 1], count)
    return SparseFrames.from_dense(frame)


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(1, 300), st.integers(0, 200), st.floats(0, 1))
def test_contributions_add_up_to_the_logit_whoever_is_muted(seed, hidden, lit, muted_share):
    rng = np.random.default_rng(seed)
    policy, seen = PolicyNetwork.random(hidden, rng), some_frame(rng, lit)
    forward = policy.forward(seen)
    activations = forward.hidden[0].copy()
    pushed = contributions(policy, seen, activations)
    assert pushed.sum() == pytest.approx(forward.logits[0], abs=1e-4)
    parts = logit_gradient(seen, pushed)
    assert sum(part.value for part in parts) == pytest.approx(forward.logits[0], abs=1e-4)
    assert sum(part.pixels for part in parts) == lit
    activations[rng.random(hidden) < muted_share] = 0
    expected = float(activations @ policy.w2[0])
    assert contributions(policy, seen, activations).sum() == pytest.approx(expected, abs=1e-4)


def test_the_sensitivity_is_the_gradient_of_the_logit():
    rng = np.random.default_rng(1)
    policy, seen = PolicyNetwork.random(50, rng), some_frame(rng, 30)
    forward = policy.forward(seen)
    gradient = sensitivity(policy, forward.hidden[0])
    step = 1e-3
    for pixel in rng.choice(PIXELS, 20, replace=False):
        moved = seen.dense()
        moved[0, pixel] += step
        change = policy.forward(SparseFrames.from_dense(moved)).logits[0] - forward.logits[0]
        assert change / step == pytest.approx(gradient.reshape(-1)[pixel], abs=2e-3)


def test_things_on_the_field_are_told_apart_by_their_columns(model):
    """In a real match the own paddle's pixels count as "itself", and lie where the paddle is."""
    match = Match(PlayerSpec.ai(), model(1))
    lit = {"rival": 0, "ball": 0, "itself": 0}
    for _ in range(400):
        match.step()
        decision = match.decisions[1]
        parts = logit_gradient(
            decision.seen, contributions(match.players[1].policy, decision.seen, decision.hidden)
        )
        for part in parts:
            lit[part.name] += part.pixels
            if part.name == "itself" and part.pixels:
                assert part.column == pytest.approx(70.5, abs=0.5)
    match.close()
    assert all(lit.values())


def test_shades_say_the_sign():
    assert tuple(shades(np.array([-2.0, 0.0, 2.0], np.float32))[0]) == DOWN_COLOUR
    assert tuple(shades(np.array([-2.0, 0.0, 2.0], np.float32))[1]) == ZERO_COLOUR
    assert tuple(shades(np.array([-2.0, 0.0, 2.0], np.float32))[2]) == UP_COLOUR
    assert (shades(np.zeros((80, 80), np.float32)) == ZERO_COLOUR).all()


def test_the_receptive_field_is_the_row_of_w1():
    policy = PolicyNetwork.random(9, np.random.default_rng(0))
    assert np.array_equal(receptive_field(policy, 4), np.asarray(policy.w1[4]).reshape(80, 80))


def screens(frames=400):
    match = Match(PlayerSpec.ai(), PlayerSpec.human())
    seen = []
    for _ in range(frames):
        match.step()
        seen.append(match.screen.copy())
    match.close()
    return seen


def replies(player, pictures):
    answers = []
    for picture in pictures:
        player.act(picture)
        answers.append((player.decision.p_up, player.decision.action))
    return answers


def playing(model, policy):
    """A player of this network."""
    return ModelPlayer(PlayerSpec.model(replace(model().checkpoint, policy=policy)))


def test_muted_units_do_not_count_and_speak_again(model):
    policy = model(3, 30).checkpoint.policy
    player, pictures = playing(model, policy), screens()
    player.reset(5)
    whole = replies(player, pictures)
    player.mute(np.arange(30) % 2 == 0)
    player.reset(5)
    assert replies(player, pictures) != whole
    decision = player.decision
    assert not decision.hidden[::2].any()
    assert decision.logit == pytest.approx(float(decision.hidden @ policy.w2[0]), abs=1e-5)
    smaller = playing(model, PolicyNetwork(policy.w1[1::2].copy(), policy.w2[:, 1::2].copy()))
    smaller.reset(5)
    player.reset(5)
    for (p_up, _), (expected, _) in zip(replies(player, pictures), replies(smaller, pictures), strict=True):
        assert p_up == pytest.approx(expected, abs=1e-5)
    player.mute(np.zeros(30, np.bool_))
    player.reset(5)
    assert replies(player, pictures) == whole


def test_all_muted_is_a_coin(model):
    player = ModelPlayer(model(hidden=5))
    player.mute(np.ones(5, np.bool_))
    assert {p_up for p_up, _ in replies(player, screens(80))} == {0.5}


def test_going_back_repeats_the_decisions_and_forgets_the_later_ones(model):
    player, pictures = ModelPlayer(model(2)), screens()
    player.reset(1)
    replies(player, pictures[:150])
    player.end_rally(-1)
    replies(player, pictures[150:202])
    state = player.state()
    before = list(player.decisions)
    first = replies(player, pictures[202:])
    after = player.decision
    player.end_rally(1)
    for _ in range(2):
        player.restore(state)
        assert list(player.decisions) == before
        assert len(player.rallies) == 1
        assert player.decision.number == 51
        assert len(player.decision.history) == len(player.decision.past) == 51
        assert replies(player, pictures[202:]) == first
        assert player.decision.number == after.number
        assert list(player.decision.history) == list(after.history)
        assert np.array_equal(player.decision.past[-1], after.past[-1])
    other = ModelPlayer(player.spec)
    other.restore(state)
    assert replies(other, pictures[202:]) == first


def test_decisions_are_kept_by_rally(model):
    player = ModelPlayer(model())
    pictures = screens(80)
    replies(player, pictures[:40])
    player.end_rally(1)
    assert not player.decisions
    replies(player, pictures[40:])
    player.end_rally(-1)
    assert [len(rally.decisions) for rally in player.rallies] == [10, 10]
    assert [rally.outcome for rally in player.rallies] == [1, -1]
    taken = [(d.p_up, d.up) for rally in player.rallies for d in rally.decisions]
    assert taken == [(p_up, action.name == "UP") for p_up, action in player.decision.history]
    player.reset(0)
    assert not player.rallies
