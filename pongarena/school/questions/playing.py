"""Questions on what a network sees and does, and on the game; answered from the recorded game."""

import numpy as np

from pongarena.envs.observation import Observation
from pongarena.nn.checkpoint import Card, Checkpoint
from pongarena.nn.policy import PolicyNetwork
from pongarena.school.demos.rules import returned
from pongarena.school.demos.seeing import ball_pixels
from pongarena.school.lesson import Lesson, record_lesson
from pongarena.school.questions.question import Finding, Question, Tell, between

__all__ = ["ACTIVE", "BALL", "RANDOM", "SAMPLED", "SHUFFLED", "SILENCED", "STEEP"]

_SILENCED = 10
_GAMES = 3
"""Games, of some points each, with a random network in each."""


def _ball(lesson: Lesson, tell: Tell) -> Finding:
    frames = lesson.frames(0, len(lesson.moments))
    seen = np.array([ball_pixels(frames, number) > 0 for number in range(len(frames))])
    tell(1.0)
    share = float(seen.mean())
    words = f"The ball is in {share:.0%} of the {len(seen):,} frames: between two points there is none."
    return Finding(between(share, (0.5, 0.9)), words)


def _silenced(lesson: Lesson, tell: Tell) -> Finding:
    frames = lesson.frames(0, len(lesson.moments))
    before = lesson.policy.forward(frames).lean > 0
    tell(0.5)
    changed = lesson.policy.copy()
    strongest = np.argsort(-np.abs(changed.votes), kind="stable")[:_SILENCED]
    changed.w2[..., strongest] = 0
    share = float((before != (changed.forward(frames).lean > 0)).mean())
    tell(1.0)
    units = len(changed.votes)
    words = f"Without {min(_SILENCED, units)} of {units} units {share:.1%} of the steps change."
    return Finding(between(share, (0.05, 0.25)), words)


def _sampled(lesson: Lesson, tell: Tell) -> Finding:
    rare = np.array([each.up != (each.p_up > 0.5) for each in lesson.moments])
    tell(1.0)
    share = float(rare.mean())
    words = f"In {share:.1%} of {len(rare):,} steps the coin chose the rarer move."
    return Finding(between(share, (0.05, 0.25)), words)


def _steep(lesson: Lesson, tell: Tell) -> Finding:
    shares = []
    for steepness in (1, 2):
        shares.append(returned(steepness))
        tell(steepness / 2)
    words = f"It returned {shares[1]:.0%} of them; of balls of one row a frame {shares[0]:.0%}."
    return Finding(between(shares[1], (0.5, 1.0)), words)


def _shuffled(lesson: Lesson, tell: Tell) -> Finding:
    policy, frames = lesson.policy, lesson.frames(0, len(lesson.moments))
    before = policy.forward(frames).lean > 0
    tell(0.5)
    mixed = policy.forward(Observation(shuffle=1).frames(frames))
    share = float((before == (mixed.lean > 0)).mean())
    tell(1.0)
    words = f"In {share:.0%} of the frames the greedy move stayed the same."
    return Finding(between(share, (0.3, 0.85)), words)


def _random(lesson: Lesson, tell: Tell) -> Finding:
    won = played = 0
    for seed in range(_GAMES):
        policy = PolicyNetwork.random(200, np.random.default_rng(seed))
        card = Card("random", "karpathy", 0, 0, 0, seed, None, 0, 0, (), "2026-01-01T00:00:00+00:00", "0")
        if (game := record_lesson(Checkpoint(policy, card), seed)) is not None:
            won += sum(each.outcome > 0 for each in game.rallies)
            played += len(game.rallies)
        tell((seed + 1) / _GAMES)
    return Finding(between(won, (1, 4)), f"Three random networks won {won} of {played} points.")


def _active(lesson: Lesson, tell: Tell) -> Finding:
    hidden = np.array([each.decision.hidden for each in lesson.moments])
    share = float((hidden > 0).mean())
    tell(1.0)
    never = int((~(hidden > 0).any(axis=0)).sum())
    words = (
        f"On average {share:.0%} of the {hidden.shape[1]} units are active; {never} never were in this game."
    )
    return Finding(between(share, (0.2, 0.8)), words)


BALL = Question(
    "Look at all frames of this game. In how many of them can the network see the ball?",
    ("in fewer than half", "in half to nine of ten", "in more than nine of ten"),
    _ball,
)
SILENCED = Question(
    "The ten hidden units with the strongest votes are silenced. In how many frames does its greedy move "
    "change?",
    ("in fewer than 1 of 20", "in 1 of 20 to 1 of 4", "in more than 1 of 4"),
    _silenced,
)
SAMPLED = Question(
    "In how many steps of this game did the coin choose the move that the network found less likely?",
    ("in fewer than 1 of 20", "in 1 of 20 to 1 of 4", "in more than 1 of 4"),
    _sampled,
)
STEEP = Question(
    "Balls leave the right paddle at many heights, all with two rows a frame. How many does the CPU return?",
    ("fewer than half", "half or more, but not all", "all"),
    _steep,
)
SHUFFLED = Question(
    "The pixels are shuffled, and this network's weights are not. In how many frames does its greedy move "
    "stay the same?",
    ("in fewer than 3 of 10", "in about half", "in nearly all"),
    _shuffled,
)
RANDOM = Question(
    "Three networks with random weights play three points each against the CPU. How many do they win?",
    ("none", "one to three", "four or more"),
    _random,
)
ACTIVE = Question(
    "How many of this network's hidden units are active in a frame, on average?",
    ("fewer than 1 of 5", "1 of 5 to 4 of 5", "more than 4 of 5"),
    _active,
)
