"""How it learns: credit, the six equations, why the policy gradient works, and the step."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pongarena.nn.optimizers import RMSProp
from pongarena.school.demos.numbers import bar, check, num, power, tick, times
from pongarena.school.demos.whole_game import NO_RALLY, WholeGame
from pongarena.school.lesson import Lesson
from pongarena.school.parts import Chart, Line, Parameters, Part, Words
from pongarena.training.returns import discounted_returns, standardise

__all__ = ["Dense", "show_credit", "show_equations", "show_estimator", "show_rmsprop", "show_step"]

_NUDGE = 1e-5
"""The step of a numerical derivative: small, but large enough for 15 digits."""

_CLOSE = 1e-5
"""The largest relative difference between a formula and its measurement."""

_SAMPLES = (100, 1_000, 10_000, 100_000)

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Dense:
    """A small network in double precision: only the columns of W1 that a frame needs.

    Attributes:
        w1: Shape (hidden, pixels).
        w2: Shape (hidden,).
        x: Shape (pixels,): the frame's values there.
    """

    w1: Array
    w2: Array
    x: Array

    @classmethod
    def of(cls, lesson: Lesson, number: int) -> "Dense":
        """Take a lesson's network on one frame: the pixels that changed, and three that did not."""
        seen = lesson.moments[number].seen
        still = [pixel for pixel in (0, 3240, 6399) if pixel not in seen.columns.tolist()]
        columns = np.concatenate((seen.columns, np.array(still, np.int32)))
        values = np.concatenate((seen.values, np.zeros(len(still), np.float32)))
        return cls(
            lesson.policy.w1[:, columns].astype(np.float64),
            lesson.policy.votes.astype(np.float64),
            values.astype(np.float64),
        )

    def sums(self) -> Array:
        """Return the hidden units' inputs, before the ReLU."""
        reached: Array = self.w1 @ self.x
        return reached

    def logit(self) -> float:
        """Return the sum of the votes."""
        return float(self.w2 @ np.maximum(self.sums(), 0))


def likelihood(logit: float, y: int) -> float:
    """L = y·log ŷ + (1 − y)·log(1 − ŷ)."""
    return -float(np.logaddexp(0, -logit if y else logit))


def show_credit(lesson: Lesson, parameters: Parameters) -> list[Part]:
    """Show discounted and standardised returns of a real game."""
    rewards = lesson.rewards()
    if not len(rewards):
        return [Words(NO_RALLY)]
    returns = discounted_returns(rewards, parameters.gamma)
    advantages = standardise(returns)
    xs = np.arange(1, len(rewards) + 1, dtype=np.float64)
    points = np.flatnonzero(rewards)
    half = np.log(0.5) / np.log(parameters.gamma) if 0 < parameters.gamma < 1 else np.inf
    turned = int((np.sign(returns) != np.sign(advantages)).sum())
    words = [
        f"γ = {parameters.gamma:g}   (− + change it)     a point's credit halves every "
        + ("∞" if not np.isfinite(half) else f"{half:.0f}")
        + " steps",
        "",
    ]
    for number, (place, rally) in enumerate(zip(points.tolist(), lesson.rallies, strict=True), 1):
        words.append(
            f"  point {number}: {'won ' if rally.outcome > 0 else 'lost'} after {len(rally.decisions)} "
            f"steps; credited: first {num(returns[place - len(rally.decisions) + 1], 3, sign=True)},"
            f" last {num(returns[place], 0, sign=True)}"
        )
    mean, deviation = float(returns.mean()), float(returns.std())
    holds = bool(abs(advantages.mean()) < 1e-9 and (deviation < 1e-9 or abs(advantages.std() - 1) < 1e-9))
    words += [
        "",
        f"  their mean {num(mean, 3, sign=True)} and deviation {num(deviation)} are taken out:",
        f"  {tick(holds)} the standardised ones have mean {num(abs(advantages.mean()), 3)} and "
        f"deviation {num(float(advantages.std()))}",
        f"    {turned} of {len(returns)} changed sign: better or worse than usual is what counts",
    ]
    zero = Line("", xs[[0, -1]], np.zeros(2), faint=True)
    return [
        Words("\n".join(words)),
        Chart((zero, Line("standardised", xs, advantages), Line("discounted", xs, returns, dots=True)),
              "steps"),
    ]  # fmt: skip


def show_equations(lesson: Lesson, parameters: Parameters) -> list[Part]:
    """Compare each of the equations (1)–(6) with a numerical derivative."""
    net, moment = Dense.of(lesson, parameters.moment), lesson.moments[parameters.moment]
    y, logit = int(moment.up), net.logit()
    p = 1 / (1 + np.exp(-logit))
    hidden = np.maximum(net.sums(), 0)
    rows = [
        f"{lesson.name}, step {parameters.moment + 1}: it took {'UP' if y else 'DOWN'} (y = {y}), "
        f"ŷ = P(UP) = {p:.4f}",
        "Measured: nudge the number by 0.00001 both ways, and see how L answers.",
        "",
        f"    {'':<24}{'formula':>11}{'measured':>11}   apart",
    ]
    rows += [_equation_1(p, y), _equation_2(logit, p, y)]
    rows += [_equation_3(net, hidden, p, y), _equation_4(net, p, y), _equation_5(net)]
    rows += [_equation_6(net, p, y), "", _the_programs_own(lesson, parameters.moment, net, p, y)]
    return [Words("\n".join(rows))]


def show_estimator(lesson: Lesson, parameters: Parameters) -> list[Part]:
    """Check ∇E[f] = E[f·∇log p] by random samples."""
    p = float(np.clip(lesson.moments[parameters.moment].p_up, 0.02, 0.98))
    rng = np.random.default_rng(7)
    up = rng.random(max(_SAMPLES)) < p
    # a toy: UP wins the point three times out of four, DOWN once
    won = rng.random(len(up)) < np.where(up, 0.75, 0.25)
    f = np.where(won, 1.0, -1.0)
    # E[f] = p·½ − (1 − p)·½, and dp/dlogit = p·(1 − p)
    slope = p * (1 - p)
    score = up - p
    lines = [
        f"P(UP) = {p:.3f}, as at step {parameters.moment + 1}"
        + ("." if 0.02 <= lesson.moments[parameters.moment].p_up <= 0.98 else " (kept off 0 and 1)."),
        "Say UP wins 3 points of 4, and DOWN 1; f is 1 if it is won, else −1.",
        f"The slope of E[f] by the logit is then p·(1 − p)·(½ + ½) = {slope:.4f} exactly.",
        "The learner does not know that. It tosses, plays, and averages f·(y − p):",
        "",
        f"  {'tosses':>8}   {'mean f·(y − p)':>20}   {'away':>9}     after taking off",
        f"  {'':>8}   {'':>20}   {'':>9}     the mean of f",
    ]
    holds = True
    for count in _SAMPLES:
        terms = (f * score)[:count]
        better = ((f - f[:count].mean()) * score)[:count]
        mean, error = float(terms.mean()), float(terms.std() / np.sqrt(count))
        mean2, error2 = float(better.mean()), float(better.std() / np.sqrt(count))
        away = (mean - slope) / error if error else 0.0
        holds = holds and abs(away) < 4
        lines.append(
            f"  {count:>8,}   {num(mean, 4, sign=True):>11} ± {error:.4f}   {num(away, 1, sign=True):>4} err."
            f"     {num(mean2, 4, sign=True)} ± {error2:.4f}"
        )
    shifted = float(((f + 3) * score).std() / np.sqrt(len(f)))
    plain = float((f * score).std() / np.sqrt(len(f)))
    lines += [
        "",
        f"  {tick(holds)} within 4 errors everywhere: the average of f·∇log p is the slope",
        f"  {tick(shifted > plain)} with 3 added to every f it is {shifted / plain:.1f} times as uncertain:",
        "    that is why returns are centred, and why a critic helps",
    ]
    return [Words("\n".join(lines))]


def show_step(lesson: Lesson, parameters: Parameters) -> list[Part]:
    """Take a step along the gradient of the recorded game, and show how it changes P(UP)."""
    game = WholeGame.of(lesson)
    if game is None:
        return [Words(NO_RALLY)]
    up, credit, before, gradient = game.up, game.credit, game.before, game.gradient
    if not credit.any():
        return [Words("All returns are equal: no step stands out, so nothing is learned.")]
    changed = lesson.policy.copy()
    step = RMSProp(changed.parameters(), learning_rate=parameters.rate, decay=0.99, epsilon=1e-5)
    step.ascend({"w1": gradient.w1, "w2": gradient.w2})
    after = changed.forward(game.frames)

    def objective(logits: NDArray[np.float32]) -> float:
        z = logits.astype(np.float64)
        return float((credit * -np.logaddexp(0, np.where(up, -z, z))).sum())

    first, then = objective(before.lean), objective(after.lean)
    wanted = np.sign((up - 0.5) * credit)
    moved = after.lean.astype(np.float64) - before.lean
    right = float(((np.sign(moved) == wanted) & (wanted != 0)).sum() / max(1, int((wanted != 0).sum())))
    weighted = float((np.abs(credit) * (np.sign(moved) == wanted)).sum() / (np.abs(credit).sum() or 1))
    change = np.abs(after.up.astype(np.float64) - before.up)
    lines = [
        f"One RMSProp step on a copy of the network, rate {parameters.rate:g}   (− + change it)",
        "",
        f"  Σ advantage·log p(action)     before {num(first, 2):>9}   after {num(then, 2):>9}",
        f"  ✓ it grew by {num(then - first, 2)}"
        if then > first
        else "  ✗ it fell: so long a step leaps over the hill",
        f"  steps that moved as their credit asks        {right:>5.0%}   {bar(right, 20)}",
        f"  the same, weighted by credit                 {weighted:>5.0%}   {bar(weighted, 20)}",
        f"  P(UP) moved by {float(change.mean()):.1%} on average, {float(change.max()):.1%} at most",
        "",
        "  Not all of them get what they ask for: they share the weights. Training is",
        "  only this: the gradients of ten games, a short step, ten new games.",
    ]
    return [Words("\n".join(lines))]


def show_rmsprop(lesson: Lesson, parameters: Parameters) -> list[Part]:
    """Show what dividing by the recent size of the gradient does to a real gradient."""
    game = WholeGame.of(lesson)
    if game is None:
        return [Words(NO_RALLY)]
    flat = game.gradient.w1.ravel().astype(np.float64)
    sizes = np.sort(np.abs(flat[flat != 0]))
    if not len(sizes):
        return [Words("This game has no gradient: the network is completely sure. Choose another with m.")]
    rate, epsilon = 1e-4, 1e-5
    chosen = [
        ("largest", sizes[-1]),
        ("1 of 10 is larger", sizes[int(0.9 * (len(sizes) - 1))]),
        ("half are larger", sizes[len(sizes) // 2]),
        ("9 of 10 are larger", sizes[len(sizes) // 10]),
    ]
    lines = [
        f"The gradient of this game reaches {len(sizes):,} of {flat.size:,} weights of W1.",
        "",
        f"  {'its gradient':<20}{'':>9}   {'plain step':>11}   {'RMSProp 1st':>11}   {'100th':>8}",
    ]  # fmt: skip
    for name, size in chosen:
        first = _rms_step(float(size), 1, rate, epsilon)
        later = _rms_step(float(size), 100, rate, epsilon)
        lines.append(
            f"  {name:<20}{power(float(size)):>9}   {power(rate * float(size)):>11}   {power(first):>11}"
            f"   {power(later):>8}"
        )
    spread = float(sizes[-1] / sizes[len(sizes) // 10])
    even = _rms_step(float(sizes[-1]), 1, rate, epsilon) / _rms_step(
        float(sizes[len(sizes) // 10]), 1, rate, epsilon
    )
    lines += [
        "",
        "  From the first line to the last, gradients differ by a factor of",
        f"  {times(spread)}, but the steps only by {times(even)}, and that because of the",
        "  small number added to the root. (The first step is ten times the rate,",
        "  because the memory began empty.)",
        "",
        _optimiser_agrees(),
    ]
    return [Words("\n".join(lines))]


def _rms_step(gradient: float, updates: int, rate: float, epsilon: float) -> float:
    """Compute the size of the step after so many updates with the same gradient."""
    square = (1 - 0.99**updates) * gradient**2
    return float(rate * gradient / (np.sqrt(square) + epsilon))


def _optimiser_agrees() -> str:
    rng = np.random.default_rng(3)
    weights = {"w": rng.standard_normal(50).astype(np.float32)}
    by_hand, square = weights["w"].astype(np.float64), np.zeros(50)
    optimiser = RMSProp(weights, learning_rate=1e-4, decay=0.99, epsilon=1e-5)
    for _ in range(20):
        gradient = rng.standard_normal(50).astype(np.float32)
        optimiser.ascend({"w": gradient})
        square = 0.99 * square + 0.01 * gradient.astype(np.float64) ** 2
        by_hand += 1e-4 * gradient / (np.sqrt(square) + 1e-5)
    apart = float(np.abs(by_hand - weights["w"]).max())
    mark = tick(apart < 1e-5)
    return f"  {mark} the program's optimiser and the formula, after 20 updates: {power(apart)} apart"


def _row(label: str, formula: float, measured: float) -> str:
    apart = abs(formula - measured)
    holds = apart <= _CLOSE * max(1.0, abs(formula), abs(measured))
    return check(label, num(formula, 6), num(measured, 6), holds=holds, apart=power(apart))


def _rows(label: str, formula: Array, measured: Array) -> str:
    """Check many values at once; show the pair with the largest difference."""
    apart = np.abs(formula - measured)
    worst = int(apart.argmax())
    holds = bool((apart <= _CLOSE * np.maximum(1.0, np.abs(formula))).all())
    return check(
        label, num(float(formula.flat[worst]), 6), num(float(measured.flat[worst]), 6), holds=holds,
        apart=f"{power(float(apart.max()))} at most",
    )  # fmt: skip


def _equation_1(p: float, y: int) -> str:
    nudge = min(_NUDGE, p / 100, (1 - p) / 100)

    def likelihood_of(share: float) -> float:
        return float(np.log(share) if y else np.log1p(-share))

    measured = (likelihood_of(p + nudge) - likelihood_of(p - nudge)) / (2 * nudge)
    formula = y / p - (1 - y) / (1 - p)
    apart = abs(formula - measured)
    holds = apart <= 1e-3 * max(1.0, abs(formula))
    return check("(1) ∂L/∂ŷ", num(formula, 6), num(measured, 6), holds=holds, apart=power(apart))


def _equation_2(logit: float, p: float, y: int) -> str:
    measured = (likelihood(logit + _NUDGE, y) - likelihood(logit - _NUDGE, y)) / (2 * _NUDGE)
    return _row("(2) ∂L/∂logit", y - p, measured)


def _equation_3(net: Dense, hidden: Array, p: float, y: int) -> str:
    logit = net.logit()
    measured = np.array(
        [
            (likelihood(logit + _NUDGE * h, y) - likelihood(logit - _NUDGE * h, y)) / (2 * _NUDGE)
            for h in hidden.tolist()
        ]
    )
    return _rows(f"(3) ∂L/∂W2, {len(hidden)} weights", (y - p) * hidden, measured)


def _equation_4(net: Dense, p: float, y: int) -> str:
    sums = net.sums()
    units = np.flatnonzero(np.abs(sums) > 2 * _NUDGE)
    if not len(units):
        return check("(4) ∂L/∂h", "–", "–", holds=True, apart="no unit is reached")
    measured = np.array([_slope_by_sum(net, sums, y, u, _NUDGE) for u in units.tolist()])
    formula = (y - p) * net.w2[units] * (sums[units] > 0)
    return _rows(f"(4) ∂L/∂h, {len(units)} units", formula, measured)


def _slope_by_sum(net: Dense, sums: Array, y: int, unit: int, nudge: float) -> float:
    """Move one unit's sum by ``nudge`` both ways; return the change of L ÷ twice `_NUDGE`."""

    def shifted(by: float) -> float:
        moved = sums.copy()
        moved[unit] += by
        return likelihood(float(net.w2 @ np.maximum(moved, 0)), y)

    return (shifted(nudge) - shifted(-nudge)) / (2 * _NUDGE)


def _equation_5(net: Dense) -> str:
    sums = net.sums()
    clear = np.abs(sums) > 2 * _NUDGE
    slopes = (np.maximum(sums + _NUDGE, 0) - np.maximum(sums - _NUDGE, 0)) / (2 * _NUDGE)
    holds = bool(np.allclose(slopes[clear], sums[clear] > 0, atol=1e-6))
    active, silent = int((sums[clear] > 0).sum()), int((sums[clear] < 0).sum())
    return check(
        "(5) ReLU′",
        "1 or 0",
        "the same",
        holds=holds,
        apart=f"{active} active, {silent} silent",
    )


def _equation_6(net: Dense, p: float, y: int) -> str:
    sums, rng = net.sums(), np.random.default_rng(0)
    units, pixels = net.w1.shape
    pairs = [
        (int(u), int(x))
        for u, x in zip(rng.integers(0, units, 200), rng.integers(0, pixels, 200), strict=True)
    ]
    pairs = [(u, x) for u, x in pairs if abs(sums[u]) > 2 * _NUDGE or net.x[x] == 0] or [(0, pixels - 1)]
    measured = np.array([_slope_by_sum(net, sums, y, u, _NUDGE * net.x[x]) for u, x in pairs])
    formula = np.array([(y - p) * net.w2[u] * net.x[x] * (sums[u] > 0) for u, x in pairs])
    return _rows(f"(6) ∂L/∂W1, {len(pairs)} weights", formula, measured)


def _the_programs_own(lesson: Lesson, number: int, net: Dense, p: float, y: int) -> str:
    """Compare the gradient of the training code with the formula on all weights of this frame."""
    seen = lesson.moments[number].seen
    forward = lesson.policy.forward(seen)
    dlogit = np.array([[y - p]], np.float32)
    gradient = lesson.policy.gradient(seen, forward, dlogit)
    sums = net.sums()
    blame = (y - p) * net.w2 * (sums > 0)
    formula = np.outer(blame, net.x)[:, : len(seen.columns)]
    # in single precision the sign of a sum near 0 is uncertain
    clear = np.abs(sums) > 2 * _NUDGE
    apart = float(np.abs(gradient.w1[:, seen.columns] - formula)[clear].max(initial=0.0))
    untouched = np.delete(gradient.w1, seen.columns, axis=1)
    scale = max(1e-3, float(np.abs(formula).max(initial=0.0)))
    mark = tick(apart < 1e-3 * scale and not untouched.any())
    return (
        f"  {mark} the code that trains agrees on all {gradient.w1.size:,} weights of W1:\n"
        f"    {power(apart)} apart at most, and exactly 0 for the {untouched.size:,} weights\n"
        "    of pixels that did not change"
    )
