"""Questions on how networks learn; each is answered by the training code, or by random samples."""

import numpy as np

from pongarena.nn.distributions import CATEGORICAL
from pongarena.nn.optimizers import RMSProp
from pongarena.nn.policy import PolicyNetwork
from pongarena.nn.sparse_net import SparseNet
from pongarena.nn.threads import Threads
from pongarena.school.demos.ideas import after_step
from pongarena.school.demos.learning import likelihood
from pongarena.school.demos.whole_game import WholeGame
from pongarena.school.lesson import Lesson
from pongarena.school.questions.question import Finding, Question, Tell, between
from pongarena.training.algorithms.search import CrossEntropyRecipe
from pongarena.training.pool import chance_of
from pongarena.training.returns import discounted_returns

__all__ = [
    "DECAY",
    "EQUAL_STEPS",
    "GAMMA",
    "KL",
    "LUCK",
    "MEAN",
    "N_STEP",
    "OFFSET",
    "RATING",
    "SOFTMAX",
    "SPARSE",
    "SURPRISE",
    "TOUCHED",
]

_LAST = 10
"""Steps before a point."""

_NO_POINT = "No point was made in this game, so there is no credit to share; choose another network with m."
_NUDGE = 1e-5
_TOSSES = 100_000


def _gamma(lesson: Lesson, tell: Tell) -> Finding:
    rewards = lesson.rewards()
    shares = {gamma: _credit_of_the_last(rewards, gamma) for gamma in (0.9, 0.99)}
    tell(1.0)
    if not len(rewards):
        return Finding(1, _NO_POINT)
    words = (
        f"With γ = 0.9 the last {_LAST} steps have {shares[0.9]:.0%} of the credit, with 0.99 "
        f"{shares[0.99]:.0%}."
    )
    return Finding(between(shares[0.9], (0.2, 0.5)), words)


def _credit_of_the_last(rewards: "np.ndarray[tuple[int], np.dtype[np.float64]]", gamma: float) -> float:
    credit = np.abs(discounted_returns(rewards, gamma))
    last = np.zeros(len(rewards), np.bool_)
    for place in np.flatnonzero(rewards).tolist():
        last[max(0, place + 1 - _LAST) : place + 1] = True
    return float(credit[last].sum() / max(credit.sum(), 1e-12))


def _surprise(lesson: Lesson, tell: Tell) -> Finding:
    slopes = {}
    for p in (0.5, 0.99):
        logit = float(np.log(p / (1 - p)))
        slopes[p] = (likelihood(logit + _NUDGE, 1) - likelihood(logit - _NUDGE, 1)) / (2 * _NUDGE)
    tell(1.0)
    ratio = slopes[0.99] / slopes[0.5]
    words = f"∂L/∂logit is {slopes[0.5]:.3f} at 0.5 and {slopes[0.99]:.3f} at 0.99: 1/{1 / ratio:.0f} of it."
    return Finding(between(ratio, (0.5, 2.0)), words)


def _offset(lesson: Lesson, tell: Tell) -> Finding:
    p, rng = 0.5, np.random.default_rng(7)
    up = rng.random(_TOSSES) < p
    won = np.where(rng.random(_TOSSES) < np.where(up, 0.75, 0.25), 1.0, -1.0)
    plain, raised = (reward * (up - p) for reward in (won, won + 3))
    tell(1.0)
    error = float(raised.std() / np.sqrt(_TOSSES))
    same_mean = abs(float(plain.mean() - raised.mean())) < 4 * error
    scatters_more = float(raised.std()) > 1.1 * float(plain.std())
    words = (
        f"Of {_TOSSES:,} guesses the mean is {plain.mean():.3f} without it and {raised.mean():.3f} with it; "
        f"their scatter is {plain.std():.2f} and {raised.std():.2f}."
    )
    return Finding(0 if same_mean and not scatters_more else 1 if same_mean else 2, words)


def _equal_steps(lesson: Lesson, tell: Tell) -> Finding:
    weights = {"w": np.zeros(2, np.float32)}
    optimiser = RMSProp(weights, learning_rate=1e-4, decay=0.99, epsilon=1e-5)
    gradient, before = np.array([1.0, 1000.0], np.float32), np.zeros(2)
    for _ in range(100):
        before = weights["w"].astype(np.float64)
        optimiser.ascend({"w": gradient})
    tell(1.0)
    step = weights["w"].astype(np.float64) - before
    ratio = float(step[1] / step[0])
    words = (
        f"The 100th step of the first is {step[0]:.6f} long, that of the other {step[1]:.6f}: {ratio:.2f} "
        "times as long."
    )
    return Finding(between(ratio, (2, 200)), words)


def _sparse(lesson: Lesson, tell: Tell) -> Finding:
    lit = np.array([len(each.seen.columns) for each in lesson.moments])
    tell(1.0)
    mean = max(float(lit.mean()), 1e-9)
    words = (
        f"{lit.mean():.0f} of 6,400 pixels are not zero on average: {6400 / mean:.0f} times less to compute."
    )
    return Finding(between(6400 / mean, (10, 80)), words)


def _softmax(lesson: Lesson, tell: Tell) -> Finding:
    share = float(CATEGORICAL.probabilities(np.array([[1.0, 0.0, 0.0]]))[0, 0])
    tell(1.0)
    return Finding(between(share, (0.5, 0.65)), f"e¹ / (e¹ + e⁰ + e⁰) = {share:.3f}.")


def _n_step(lesson: Lesson, tell: Tell) -> Finding:
    rewards, count = lesson.rewards(), 16
    tell(1.0)
    if not len(rewards):
        return Finding(0, _NO_POINT)
    blocks = [rewards[first : first + count] for first in range(0, len(rewards), count)]
    led = sum(int(np.flatnonzero(block)[-1]) + 1 for block in blocks if block.any())
    share = led / len(rewards)
    words = f"{led} of {len(rewards)} steps: for the others it has to trust the critic."
    return Finding(between(share, (0.2, 0.5)), words)


def _kl(lesson: Lesson, tell: Tell) -> Finding:
    game = WholeGame.of(lesson)
    if game is None or not game.gradient.norm():
        return Finding(1, _NO_POINT)
    length = 0.05 / game.gradient.norm()
    once, _ = after_step(lesson.policy, game, length)
    tell(0.5)
    twice, _ = after_step(lesson.policy, game, 2 * length)
    tell(1.0)
    ratio = twice / max(once, 1e-15)
    words = f"The KL is {once:.2e} nats and {twice:.2e}: {ratio:.1f} times."
    return Finding(between(ratio, (3, 8)), words)


def _luck(lesson: Lesson, tell: Tell) -> Finding:
    rng, candidates = np.random.default_rng(3), CrossEntropyRecipe().candidates
    scores = rng.binomial(42, 0.2, (2000, candidates)) / 42
    tell(1.0)
    led = float(scores.max(axis=1).mean())
    words = (
        f"The best of {candidates} seems to win {led:.0%}: it was lucky, and is no better than the others."
    )
    return Finding(between(led, (0.25, 0.5)), words)


def _decay(lesson: Lesson, tell: Tell) -> Finding:
    net = SparseNet.of(PolicyNetwork.random(4, np.random.default_rng(1)), Threads(1))
    start, updates = float(np.abs(net.head).sum()), 0
    while float(np.abs(net.head).sum()) > start / 2 and updates < 20_000:
        net.shrink(1e-3)
        updates += 1
        tell(min(0.99, updates / 693))
    tell(1.0)
    return Finding(between(updates, (200, 2000)), f"After {updates:,} updates half of every weight is gone.")


def _touched(lesson: Lesson, tell: Tell) -> Finding:
    seen = lesson.moments[lesson.first].seen
    net = PolicyNetwork.random(12, np.random.default_rng(4), lesson.policy.spec, deeper=(6,))
    outputs = lesson.policy.spec.outputs
    gradient = net.gradient(seen, net.forward(seen), np.ones((1, outputs), np.float32))
    tell(1.0)
    share = float((gradient.w1 != 0).mean())
    words = (
        f"{share:.2%} of {gradient.w1.size:,}: where no pixel is lit or the unit is silent, nothing "
        "is learned."
    )
    return Finding(between(share, (0.05, 0.95)), words)


def _mean(lesson: Lesson, tell: Tell) -> Finding:
    rewards = lesson.rewards()
    tell(1.0)
    if not len(rewards):
        return Finding(1, _NO_POINT)
    returns = discounted_returns(rewards, 0.99)
    p = np.array([each.p_up for each in lesson.moments[: len(returns)]])
    scatters = [
        float(np.sqrt((np.square(credit) * p * (1 - p)).mean()))
        for credit in (returns, returns - returns.mean())
    ]
    ratio = scatters[1] / max(scatters[0], 1e-12)
    words = f"It is {scatters[0]:.4f} with the plain returns, and {scatters[1]:.4f} without their mean."
    return Finding(between(ratio, (0.95, 1.05)), words)


def _rating(lesson: Lesson, tell: Tell) -> Finding:
    won = int(np.random.default_rng(11).binomial(10_000, chance_of(200)))
    tell(1.0)
    return Finding(between(won / 10_000, (0.65, 0.85)), f"Of 10,000 simulated points it won {won:,}.")


GAMMA = Question(
    "What if γ is 0.9 instead of 0.99? What share of all credit in this game do the last ten steps before "
    "the points get?",
    ("less than a fifth", "a fifth to a half", "more than a half"),
    _gamma,
)
SURPRISE = Question(
    "The network was sure of UP, P(UP) = 0.99, and went UP. How much does that teach it, compared with the "
    "same move at P(UP) = 0.5?",
    ("much less", "as much", "much more"),
    _surprise,
)
OFFSET = Question(
    "3 is added to every reward: a point won counts 4, one lost 2. What happens to the guesses of the "
    "gradient?",
    ("nothing at all", "their mean stays, but they scatter more", "their mean changes"),
    _offset,
)
EQUAL_STEPS = Question(
    "One weight's gradient is always 1, another's always 1,000. How much longer is the other's step with "
    "RMSProp, after 100 updates?",
    ("about as long", "some ten times as long", "about 1,000 times as long"),
    _equal_steps,
)
SPARSE = Question(
    "Only pixels that are not zero enter the sums. How much less is there to compute in this game?",
    ("less than 10 times", "10 to 80 times", "more than 80 times"),
    _sparse,
)
SOFTMAX = Question(
    "Three actions have equal logits. One logit grows by 1. What is the probability of its action then?",
    ("about 0.43", "about 0.58", "about 0.73"),
    _softmax,
)
N_STEP = Question(
    "The game is cut into pieces of 16 steps. How many of its steps have a point ahead in their own piece?",
    ("fewer than 1 of 5", "1 of 5 to a half", "more than a half"),
    _n_step,
)
KL = Question(
    "A step along the gradient is made twice as long. How many times as far do the probabilities move, in "
    "KL?",
    ("twice", "about four times", "more than eight times"),
    _kl,
)
LUCK = Question(
    "Many candidates all truly win 20 % of points. Each is judged by 42 points. What does the best seem to "
    "win?",
    ("20 to 25 %", "25 to 50 %", "more than 50 %"),
    _luck,
)
DECAY = Question(
    "With l2 = 0.001 and nothing to learn, after how many updates are the weights half as large?",
    ("about 70", "about 700", "about 7,000"),
    _decay,
)
TOUCHED = Question(
    "One frame goes through a random network with two hidden layers. How many weights of the first layer get "
    "a gradient?",
    ("fewer than 1 of 20", "about half", "all"),
    _touched,
)
MEAN = Question(
    "The mean of this game's returns is subtracted. What happens to the scatter of credit·(y − p)?",
    ("it falls", "it stays, within 5 %", "it grows"),
    _mean,
)
RATING = Question(
    "A network is rated 200 above its older self. How many points of 100 does it win against it?",
    ("about 60", "about 75", "about 90"),
    _rating,
)
