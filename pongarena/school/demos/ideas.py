"""Exhibits on other ideas: more actions, other learners, views and networks, each equation checked."""

import numpy as np
from numpy.typing import NDArray

from pongarena.envs.observation import Observation
from pongarena.nn.distributions import BERNOULLI, CATEGORICAL
from pongarena.nn.policy import PolicyNetwork
from pongarena.nn.sparse_net import SparseNet
from pongarena.nn.spec import AgentSpec
from pongarena.nn.threads import Threads
from pongarena.school.demos.numbers import bar, num, power, tick
from pongarena.school.demos.whole_game import NO_RALLY, WholeGame
from pongarena.school.lesson import Lesson
from pongarena.school.parts import Parameters, Part, Words
from pongarena.training.algorithms.actor_critic_learner import advantages
from pongarena.training.algorithms.line_search import LineSearchRecipe
from pongarena.training.algorithms.search import CrossEntropyRecipe
from pongarena.training.returns import discounted_returns, standardise, turns_of

__all__ = [
    "after_step",
    "show_baselines",
    "show_deeper",
    "show_line_search",
    "show_n_step",
    "show_penalties",
    "show_search",
    "show_softmax",
    "show_views",
]

_NUDGE = 1e-4
_GAMMA = 0.99
_FRAMES = 50

Array = NDArray[np.float64]


def show_softmax(lesson: Lesson, parameters: Parameters) -> list[Part]:
    """Show three logits, their probabilities, and the gradient for the action taken."""
    lean = float(np.clip(lesson.moments[parameters.moment].decision.logit, -3, 3))
    logits = np.array([[lean, 0.5, 0.0]])
    raised = np.exp(logits[0])
    formula, own = raised / raised.sum(), CATEGORICAL.probabilities(logits)[0]
    lines = [f"Logits of UP, STAY and DOWN: {', '.join(num(z, 2, sign=True) for z in logits[0])}", ""]
    lines += [
        f"  {name:<5} e^z / Σ e^z = {share:.4f}   {bar(share, 30)}"
        for name, share in zip(("UP", "STAY", "DOWN"), formula.tolist(), strict=True)
    ]
    apart = float(np.abs(formula - own).max())
    two = np.array([[lean]])
    pair = float(
        np.abs(CATEGORICAL.probabilities(np.array([[lean, 0.0]])) - BERNOULLI.probabilities(two)).max()
    )
    worst = max(_softmax_slope(logits, action) for action in range(3))
    return [
        Words(
            "\n".join(
                [
                    *lines,
                    "",
                    f"  {tick(apart < 1e-9)} the program's own: {power(apart)} apart",
                    f"  {tick(worst < 1e-5)} ∂ log p(a) / ∂z = (1 if it is a's own, else 0) − p, "
                    f"{power(worst)} apart",
                    f"  {tick(pair < 1e-9)} with two logits, z and 0, it is the sigmoid of z",
                ]
            )
        )
    ]


def show_n_step(lesson: Lesson, parameters: Parameters) -> list[Part]:
    """Show n-step advantages: rewards of n steps, then the critic's value."""
    rewards = lesson.rewards()
    if not len(rewards):
        return [Words(NO_RALLY)]
    rng = np.random.default_rng(5)
    opinions = rng.normal(0, 0.3, len(rewards) + 1).astype(np.float32)
    lines = [
        "The critic's values V are made up here; the points are those of this game.",
        "",
        f"  {'steps n':>11}   {'apart':>7}   {'scatter of the advantages':>26}",
    ]
    for count in (4, 16, 32, 64):
        whole = rewards[: len(rewards) // count * count or len(rewards)]
        own = np.concatenate(
            [_rollout(whole[i : i + count], opinions[i : i + count + 1]) for i in range(0, len(whole), count)]
        )
        formula = np.array(
            [
                _n_step(whole, opinions, t, min(len(whole), (t // count + 1) * count))
                for t in range(len(whole))
            ]
        )
        apart = float(np.abs(own - formula).max())
        lines.append(f"  {count:>11}   {power(apart):>7}   {own.std():>26.3f}   {tick(apart < 1e-4)}")
    lines += ["", "  Apart: the training code and the formula, summed here by hand."]
    return [Words("\n".join(lines))]


def show_line_search(lesson: Lesson, parameters: Parameters) -> list[Part]:
    """Halve a step that is far too long until both conditions hold."""
    game = WholeGame.of(lesson)
    if game is None:
        return [Words(NO_RALLY)]
    if game.gradient.norm() == 0:
        return [Words("The gradient is 0 here: no step gains anything.")]
    limit = LineSearchRecipe().kl_limit
    lines = [f"  {'share of the step':>17}   {'KL':>10}   {'surrogate gains':>15}"]
    for halvings in range(14):
        share = 0.5**halvings
        kl, gain = after_step(lesson.policy, game, 3 * share / game.gradient.norm())
        lines.append(f"  {share:>17.5f}   {kl:>10.6f}   {num(gain, 6, sign=True):>15}")
        if kl <= limit and gain > 0:
            lines.append(f"  ✓ KL ≤ {limit:g} and a gain: this one is taken")
            break
    else:
        lines.append("  None is short enough: the weights stay as they are.")
    return [Words("\n".join(lines))]


def show_search(lesson: Lesson, parameters: Parameters) -> list[Part]:
    """Show the linear policy as a network, and why a leader is tested again."""
    recipe, rng = CrossEntropyRecipe(fade=lesson.policy.spec.fade), np.random.default_rng(3)
    vector = rng.standard_normal(recipe.weights)
    frames = lesson.frames(0, min(_FRAMES, len(lesson.moments)))
    rows, columns = np.divmod(np.arange(6400), 80)
    across = -(-80 // recipe.block_columns)
    wide = vector[rows // recipe.block_rows * across + columns // recipe.block_columns]
    linear = frames.dense().astype(np.float64) @ wide
    logits = recipe.network(vector).forward(frames).logits[:, 0]
    apart = float(np.abs(logits - linear).max())
    # all candidates win 2 points of 10: the leader was only lucky
    scores = rng.binomial(42, 0.2, (2000, recipe.candidates)) / 42
    led, again = float(scores.max(axis=1).mean()), float((rng.binomial(42, 0.2, 2000) / 42).mean())
    lines = [
        f"  {tick(apart < 1e-3)} {recipe.weights} weights w, one for {recipe.block_rows} × "
        f"{recipe.block_columns} pixels: w·x = ReLU(w·x) − ReLU(−w·x),",
        f"    {power(apart)} apart at most on {len(frames)} frames of this game",
        "",
        f"{recipe.candidates} candidates that all win 20 % of points, judged by 42 points each:",
        f"  the leader seems to win     {led:>6.1%}   {bar(led, 30)}",
        f"  tested again, it wins       {again:>6.1%}   {bar(again, 30)}",
        f"  {tick(led > 0.22 and abs(again - 0.2) < 0.01)} only games that it was not chosen by "
        "show how good it is",
    ]
    return [Words("\n".join(lines))]


def show_views(lesson: Lesson, parameters: Parameters) -> list[Part]:
    """Show that shuffled weights undo shuffled pixels, and what a crop leaves."""
    frames = lesson.frames(0, min(_FRAMES, len(lesson.moments)))
    policy, fade = lesson.policy, lesson.policy.spec.fade
    shuffled = Observation(fade, shuffle=1)
    same = PolicyNetwork(
        policy.w1[:, shuffled.pixels], policy.w2, AgentSpec(shuffled, policy.spec.frame_skip)
    )
    plain, mixed = policy.forward(frames).logits, same.forward(shuffled.frames(frames)).logits
    apart = float(np.abs(plain - mixed).max())
    lines = [
        f"  {tick(apart < 1e-3)} shuffled pixels, W1's columns shuffled alike: "
        f"the same {len(frames)} logits,",
        f"    {power(apart)} apart at most",
        "",
        f"  {'crop':<6}{'inputs':>8}   {'numbers that are not zero, of this game':<40}",
    ]
    whole = len(frames.values)
    for crop in (0, 1, 2):
        view = Observation(fade, crop=crop)
        left = len(view.frames(frames).values)
        share = left / max(1, whole)
        lines.append(f"  {crop:<6}{view.inputs:>8,}   {left:>6,} of {whole:,}   {bar(share, 20)} {share:.0%}")
    return [Words("\n".join(lines))]


def show_penalties(lesson: Lesson, parameters: Parameters) -> list[Part]:
    """Show what changes of direction cost, and what weight decay leaves."""
    rewards, price, share = lesson.rewards(), 0.01, 1e-3
    if not len(rewards):
        return [Words(NO_RALLY)]
    turns = turns_of(np.array([int(each.decision.action) for each in lesson.moments[: len(rewards)]]))
    apart = _charged_apart(rewards, (price * turns).astype(np.float64))
    a_second = turns.mean() * 60 / lesson.policy.spec.frame_skip
    left, faded = (1 - share) ** 100, _decay_apart(lesson.policy, share, 100)
    lines = [
        f"This network changed its direction {a_second:.1f} times a second ({turns.mean():.0%} of steps).",
        f"At {price:g} each that cost {num(price * float(turns.sum()), 2)} points in this game.",
        f"  {tick(apart < 1e-3)} return = Σ γᵏ·(point − {price:g}·turn): {power(apart)} apart",
        "",
        f"L2 of {share:g}: each update leaves {1 - share:.3f} of every weight.",
        f"  {tick(faded < 1e-4)} after 100 updates {left:.1%} are left: {power(faded)} apart",
        f"    half is gone after {np.log(0.5) / np.log1p(-share):.0f} updates",
    ]
    return [Words("\n".join(lines))]


def show_deeper(lesson: Lesson, parameters: Parameters) -> list[Part]:
    """Compare the gradient of a network with two hidden layers with numerical derivatives."""
    seen, rng = lesson.moments[parameters.moment].seen, np.random.default_rng(4)
    net = PolicyNetwork.random(12, rng, lesson.policy.spec, deeper=(6,))
    forward = net.forward(seen)
    gradient = net.gradient(seen, forward, np.ones((1, 1), np.float32))
    x = seen.dense()[0].astype(np.float64)
    layers = [net.w1.astype(np.float64), net.deeper[0].astype(np.float64), net.w2.astype(np.float64)]
    lines = ["Random weights, 12 and 6 hidden units, on this frame.", "The logit's slope by each weight:", ""]
    for number, (name, own) in enumerate(
        (("W1", gradient.w1), ("W between", gradient.deeper[0]), ("W2", gradient.w2))
    ):
        places = np.argsort(-np.abs(own.ravel()))[:40]
        measured = np.array([_slope(layers, x, number, place) for place in places.tolist()])
        apart = float(np.abs(measured - own.ravel()[places]).max())
        lines.append(f"  {tick(apart < 1e-3)} {name:<10} {own.size:>7,} weights   {power(apart):>7} apart")
    lines += ["", "  Checked: the 40 of each layer with the largest slopes."]
    return [Words("\n".join(lines))]


def show_baselines(lesson: Lesson, parameters: Parameters) -> list[Part]:
    """Show that a baseline changes the scatter of the gradient, not its mean."""
    rewards = lesson.rewards()
    if not len(rewards):
        return [Words(NO_RALLY)]
    returns = discounted_returns(rewards, _GAMMA)
    p = np.clip(np.array([each.p_up for each in lesson.moments[: len(returns)]]), 1e-3, 1 - 1e-3)
    # E[y − p] = p·(1 − p) + (1 − p)·(−p), for each step
    score = float(np.abs(p * (1 - p) + (1 - p) * (0 - p)).max())
    lines = [f"  {'credit':<26}{'mean':>8}   {'scatter of credit·(y − p)':>26}"]
    scatter = []
    for name, credit in (
        ("plain returns", returns),
        ("less their mean", returns - returns.mean()),
        ("normalised", standardise(returns)),
    ):
        # the variance of credit·(y − p) when y is drawn with p is credit²·p·(1 − p)
        scatter.append(float(np.sqrt((np.square(credit) * p * (1 - p)).mean())))
        lines.append(f"  {name:<26}{num(float(credit.mean()), 3, sign=True):>8}   {scatter[-1]:>26.4f}")
    lines += [
        "",
        f"  {tick(score < 1e-12)} E[y − p] = 0 at every step: whatever is subtracted from all",
        "    returns, the mean of the gradient stays the same",
        f"    without their mean, the scatter is {scatter[1] / max(scatter[0], 1e-12):.0%} "
        "of that of the plain returns",
    ]
    return [Words("\n".join(lines))]


def _softmax_slope(logits: Array, action: int) -> float:
    """Return the difference between the formula and the numerical derivative, for one action."""
    formula, chosen = CATEGORICAL.score(logits, np.array([action]))[0], np.array([action])
    apart = 0.0
    for place in range(3):
        ahead, behind = logits.copy(), logits.copy()
        ahead[0, place] += _NUDGE
        behind[0, place] -= _NUDGE
        rise = CATEGORICAL.log_prob(ahead, chosen) - CATEGORICAL.log_prob(behind, chosen)
        apart = max(apart, abs(float(rise[0]) / (2 * _NUDGE) - float(formula[place])))
    return apart


def _rollout(rewards: Array, opinions: NDArray[np.float32]) -> NDArray[np.float32]:
    """Compute the advantages of one rollout by the training code, with λ = 1 as in A2C."""
    column = rewards[:, None]
    return advantages(
        column,
        np.zeros(column.shape, np.bool_),
        opinions[: len(rewards), None],
        opinions[len(rewards) :][:1],
        gamma=_GAMMA,
        gae_lambda=1.0,
    )[:, 0]


def after_step(policy: PolicyNetwork, game: WholeGame, scale: float) -> tuple[float, float]:
    """Return KL(old ‖ new) and the gain of the surrogate after a step of `scale` times the gradient."""
    changed, actions = policy.copy(), np.where(game.up, 0, 1)
    changed.w1[...] += np.float32(scale) * game.gradient.w1
    changed.w2[...] += np.float32(scale) * game.gradient.w2
    before, after = game.before.logits, changed.forward(game.frames).logits
    ratio = np.exp(BERNOULLI.log_prob(after, actions) - BERNOULLI.log_prob(before, actions))
    return float(BERNOULLI.kl(before, after).mean()), float(((ratio - 1) * game.credit).mean())


def _charged_apart(rewards: Array, costs: Array) -> float:
    """Return the difference between the training code's returns with a price of turns and a plain sum."""
    column = rewards[:, None]
    own = advantages(
        column,
        np.zeros(column.shape, np.bool_),
        np.zeros(column.shape, np.float32),
        np.zeros(1, np.float32),
        gamma=_GAMMA,
        gae_lambda=1.0,
        costs=costs[:, None],
    )[:, 0]
    formula, running = np.zeros(len(rewards)), 0.0
    for t in range(len(rewards) - 1, -1, -1):
        running = rewards[t] - costs[t] + (_GAMMA * running if rewards[t] == 0 else 0.0)
        formula[t] = running
    return float(np.abs(own - formula).max())


def _decay_apart(policy: PolicyNetwork, share: float, updates: int) -> float:
    """Return the difference between the program's weight decay and its formula ÷ the largest weight."""
    net = SparseNet.of(policy, Threads(1))
    start = net.head.astype(np.float64)
    for _ in range(updates):
        net.shrink(share)
    apart = np.abs(net.head - start * (1 - share) ** updates).max()
    return float(apart / np.abs(start).max())


def _n_step(rewards: Array, opinions: NDArray[np.float32], start: int, stop: int) -> float:
    """Compute Σ γᵏ·r + γⁿ·V(after n) − V(now); a point ends the sum early."""
    total, discount = 0.0, 1.0
    for t in range(start, stop):
        total += discount * float(rewards[t])
        if rewards[t]:
            return total - float(opinions[start])
        discount *= _GAMMA
    return total + discount * float(opinions[stop]) - float(opinions[start])


def _slope(layers: list[Array], x: Array, number: int, place: int) -> float:
    """Compute the logit's derivative by one weight of one layer, numerically."""

    def logit(nudge: float) -> float:
        moved = [each.copy() if i == number else each for i, each in enumerate(layers)]
        moved[number].flat[place] += nudge
        first, between, last = moved
        return float((last @ np.maximum(between @ np.maximum(first @ x, 0), 0))[0])

    return (logit(1e-6) - logit(-1e-6)) / 2e-6
