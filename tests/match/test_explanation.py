"""Plain words for decisions and units."""

from itertools import pairwise

import numpy as np
import pytest

from pongarena.envs.observation import SparseFrames
from pongarena.game.paddle import Move
from pongarena.match.explanation import Explainer, smooth_p_up, unit_words
from pongarena.match.players import Decision
from pongarena.nn.policy import PolicyNetwork
from pongarena.nn.spec import AgentSpec


def frame(pixels):
    """A difference frame; pixels as {(row, column): value}."""
    view = np.zeros((80, 80), np.float32)
    for place, value in pixels.items():
        view[place] = value
    columns = np.flatnonzero(view.ravel())
    return SparseFrames(
        columns=columns.astype(np.int32),
        values=view.ravel()[columns],
        starts=np.array([0, len(columns)]),
    )


def decided(policy, pixels, number=1):
    seen = frame(pixels)
    forward = policy.forward(seen)
    p_up = float(forward.up[0])
    action = Move.UP if p_up >= 0.5 else Move.DOWN
    hidden = forward.hidden[0]
    history = ((p_up, action),)
    shares = tuple(forward.probabilities[0].tolist())
    lean = float(forward.lean[0])
    return Decision(number, p_up, shares, action, hidden, seen, history, lean, (hidden,))


def network(weights, vote):
    """One unit, with weights as {(row, column): value}."""
    w1 = np.zeros((80, 80), np.float32)
    for place, value in weights.items():
        w1[place] = value
    return PolicyNetwork(w1.reshape(1, -1), np.array([[vote]], np.float32))


BALL_COMING = {(20, 40): 1.0, (20, 38): -1.0}
OWN = {(50, 70): 1.0}


@pytest.mark.parametrize(
    ("pixels", "weights", "vote", "sentence"),
    [
        (BALL_COMING | OWN, {(20, 40): 1.0}, 3.0, "wants up, 95 % sure: the ball is above and coming"),
        (BALL_COMING | OWN, {(20, 40): 1.0}, -3.0, "wants down, 95 % sure: the ball is above and coming"),
        ({(60, 30): 1.0, (60, 33): -1.0} | OWN, {(60, 30): 1.0}, 3.0, "the ball is below and going away"),
        (BALL_COMING, {(20, 40): 1.0}, 3.0, "the ball is high up and coming"),
        ({(51, 40): 1.0} | OWN, {(51, 40): 1.0}, 3.0, "the ball is level with its paddle"),
        ({(70, 9): 1.0}, {(70, 9): 1.0}, 3.0, "the other paddle is low down"),
        (OWN, {(50, 70): 1.0}, 3.0, "its paddle is in the middle"),
        (BALL_COMING, {(20, 40): 0.1}, 1.0, "undecided, 52 % for up: the ball is high up and coming"),
        ({}, {(20, 40): 1.0}, 1.0, "undecided, 50 % for up: nothing has moved"),
    ],
)
def test_a_decision_in_a_sentence(pixels, weights, vote, sentence):
    policy = network(weights, vote)
    explainer = Explainer(policy)
    explainer.hear(decided(policy, pixels))
    assert explainer.sentence.endswith(sentence)


def test_the_sentence_can_be_read_before_it_changes():
    policy = network({(20, 40): 1.0, (60, 40): -1.0}, 3.0)
    explainer = Explainer(policy)
    sentences = []
    for number in range(1, 33):
        row = 20 if number % 2 else 61
        explainer.hear(decided(policy, {(row, 40): 1.0}, number))
        sentences.append(explainer.sentence)
    changes = sum(a != b for a, b in pairwise(sentences))
    assert changes <= 4
    explainer.hear(decided(policy, {(20, 40): 1.0}, 7))  # somebody went back in time
    assert explainer.sentence.startswith("wants up, 95 % sure")


def test_one_decision_alone_is_explained_whatever_was_before():
    policy = network({(20, 40): 1.0, (60, 40): -1.0}, 3.0)
    explainer = Explainer(policy)
    for number in range(1, 9):
        explainer.hear(decided(policy, {(20, 40): 1.0}, number))
    last = decided(policy, {(60, 40): 1.0}, 9)
    explainer.hear(last)
    assert explainer.sentence.startswith("wants up, 95 % sure")
    assert explainer.explain(last) == "undecided, 50 % for up: no unit fires"
    assert explainer.sentence.startswith("wants up, 95 % sure")


def test_p_up_is_smoothed_over_half_a_second():
    policy = network({}, 1.0)
    decision = decided(policy, {})
    history = tuple((p, Move.UP) for p in (*[0.0] * 20, *[1.0] * 4, *[0.5] * 4))
    object.__setattr__(decision, "history", history)
    assert smooth_p_up(decision) == 0.75


def blob(row, column, value):
    return {(row + i, column + j): value for i in range(-1, 2) for j in range(-1, 2)}


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (blob(12, 60, 2.0) | blob(8, 60, -1.5), "ball upper right, falling"),
        (blob(40, 30, 2.0) | blob(44, 30, -1.5), "ball mid centre, rising"),
        (blob(70, 20, 2.0) | blob(70, 16, -1.5), "ball lower left, coming"),
        (blob(70, 16, 2.0) | blob(70, 20, -1.5), "ball lower left, leaving"),
        (blob(70, 55, 2.0), "ball lower right"),
        ({(r, 71): 1.0 for r in range(5, 15)}, "own paddle high"),
        ({(r, 8): 1.0 for r in range(60, 70)}, "other paddle low"),
        ({}, "nothing"),
    ],
)
def test_a_unit_is_named_by_what_it_looks_for(weights, words):
    assert unit_words(network(weights, 1.0), 0) == words


def test_a_network_with_three_actions_may_want_to_stay():
    weights = np.zeros((1, 6400), np.float32)
    weights[0, 20 * 80 + 40] = 1.0
    policy = PolicyNetwork(weights, np.array([[0.0], [3.0], [-1.0]], np.float32), AgentSpec(actions=3))
    explainer = Explainer(policy)
    explainer.hear(decided(policy, {(20, 40): 1.0}))
    assert explainer.sentence == "wants to stay, 94 % sure"
