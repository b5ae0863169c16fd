"""Exhibits on why the turbo recipe is fast."""

from collections.abc import Callable
from time import perf_counter

import numpy as np

from pongarena.core.arrays import FloatArray
from pongarena.library.reference import read_reference
from pongarena.school.demos.numbers import bar, num, power, tick
from pongarena.school.demos.whole_game import NO_RALLY, WholeGame
from pongarena.school.lesson import Lesson
from pongarena.school.parts import Chart, Line, Parameters, Part, Words
from pongarena.training.algorithms.actor_critic_learner import advantages
from pongarena.training.algorithms.turbo import TurboRecipe
from pongarena.training.returns import discounted_returns

__all__ = ["show_critic", "show_curves", "show_growth", "show_kl", "show_sharing", "show_sparse"]

_FRAMES = 16
_ROUNDS = 3
_TURBO = TurboRecipe()
_KL_TARGET = _TURBO.kl_target_with(_TURBO.first_games)
_SHARED_ROWS = (1, 2, 4, 8, 16)


def show_sparse(lesson: Lesson, parameters: Parameters) -> list[Part]:
    """Time the same product, computed in full and only where something changed."""
    frames = lesson.frames(lesson.first, lesson.first + _FRAMES)
    dense, w1 = frames.dense(), np.ascontiguousarray(lesson.policy.w1)
    pixels = np.diff(frames.starts)

    # einsum, not a matrix product, whose threads would wait for cores that a session uses
    def in_full() -> None:
        for frame in dense:
            np.einsum("hp,p->h", w1, frame)

    def gathered() -> None:
        for first in range(len(frames)):
            columns = frames.columns[frames.starts[first] : frames.starts[first + 1]]
            values = frames.values[frames.starts[first] : frames.starts[first + 1]]
            np.einsum("p,ph->h", values, by_pixel.take(columns, axis=0))

    by_pixel = np.ascontiguousarray(w1.T)
    full, sparse = _fastest(in_full), _fastest(gathered)
    apart = float(
        np.abs(lesson.policy.forward(frames).hidden - np.maximum(np.einsum("np,hp->nh", dense, w1), 0)).max(
            initial=0.0
        )
    )
    mark = tick(apart < 1e-3)
    ratio = full / max(sparse, 1e-9)
    lines = [
        f"{len(frames)} frames of this game: of 6,400 pixels, {pixels.mean():.0f} are not zero on average,",
        f"and {pixels.max()} at most.",
        "",
        f"  in full, W1 · x            {1e6 * full / max(1, len(frames)):>8.1f} µs a frame   {bar(1.0, 20)}",
        f"  only what is not zero      {1e6 * sparse / max(1, len(frames)):>8.1f} µs a frame   "
        f"{bar(sparse / full if full else 0, 20)}",
        f"  {mark} the same numbers, {power(apart)} apart at most",
        f"    {ratio:.0f} times as fast, in numpy on one core, measured just now",
    ]
    return [Words("\n".join(lines))]


def show_critic(lesson: Lesson, parameters: Parameters) -> list[Part]:
    """Check on the real game what generalised advantages are at both ends of λ."""
    rewards = lesson.rewards()
    if not len(rewards):
        return [Words(NO_RALLY)]
    column = rewards[:, None]
    rng = np.random.default_rng(5)
    opinions = rng.normal(0, 0.3, column.shape).astype(np.float32)
    never, nothing = np.zeros(column.shape, np.bool_), np.zeros(1, np.float32)
    blank = np.zeros_like(opinions)

    def gae(values: FloatArray, lam: float) -> FloatArray:
        return advantages(column, never, values, nothing, gamma=0.99, gae_lambda=lam)

    returns = discounted_returns(rewards, 0.99)[:, None]
    one = float(np.abs(gae(blank, 1.0) - returns).max())
    base = float(np.abs(gae(opinions, 1.0) - (returns - opinions)).max())
    after = np.where(column == 0, np.vstack((opinions[1:], nothing[None])), 0)
    surprise = float(np.abs(gae(opinions, 0.0) - (column + 0.99 * after - opinions)).max())
    rows = [
        ("λ = 1, a critic that predicts 0: the discounted return", one),
        ("λ = 1: the return minus what the critic predicted", base),
        ("λ = 0: only the surprise, r + γ·V(next) − V(now)", surprise),
    ]
    lines = ["Advantages of this game, by the training code, beside the formula:", ""]
    lines += [f"  {tick(apart < 1e-4)} {words:<62}{power(apart):>7}" for words, apart in rows]
    lines += [
        "",
        "  λ = 0.95 lies between: 20 steps before a point, the point counts",
        f"  {0.95**20:.0%}, and the critic's values on the way make up the rest.",
    ]
    return [Words("\n".join(lines))]


def show_kl(lesson: Lesson, parameters: Parameters) -> list[Part]:
    """Show how far P(UP) moves, for steps of several lengths."""
    game = WholeGame.of(lesson)
    if game is None:
        return [Words(NO_RALLY)]
    before, gradient = game.before, game.gradient
    length = gradient.norm() or 1.0
    p = np.clip(before.up.astype(np.float64), 1e-6, 1 - 1e-6)
    lines = [f"  {'length of the step':<20}{'KL a step':>14}   {'most that P(UP) moved':>22}"]
    for size in (0.01, 0.03, 0.1, 0.3, 1.0):
        changed = lesson.policy.copy()
        scale = np.float32(size / length)
        changed.w1[...] += scale * gradient.w1
        changed.w2[...] += scale * gradient.w2
        q = np.clip(changed.forward(game.frames).up.astype(np.float64), 1e-6, 1 - 1e-6)
        kl = float(np.mean(p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))))
        verdict = "longer" if kl < _KL_TARGET / 1.3 else "shorter" if kl > _KL_TARGET * 1.3 else "as it is"
        lines.append(f"  {size:<20g}{kl:>14.6f}   {float(np.abs(q - p).max()):>21.1%}   then: {verdict}")
    lines += [
        "",
        f"  Ten times the length, about a hundred times the KL. Keeping it near {_KL_TARGET:.3f}",
        "  finds the longest step that this network can bear now.",
    ]
    return [Words("\n".join(lines))]


def show_sharing(lesson: Lesson, parameters: Parameters) -> list[Part]:
    """Show what one lit pixel teaches its neighbours."""
    pixel = 37
    lines = ["A step for the pixel of row 37, if each of the five tables steps by 1:", ""]
    for row in (32, 34, 35, 36, 37, 38, 39, 40, 44, 47, 48):
        together = [size for size in _SHARED_ROWS if row // size == pixel // size]
        of = f"tables of {', '.join(map(str, together))} rows" if together else "none: another block of 16"
        mark = "→" if row == pixel else " "
        lines.append(f"  {mark} row {row}   {num(len(together), 0)}   {'█' * 4 * len(together):<20}   {of}")
    lines += [
        "",
        "  The weight in play is the sum of its five; only the sum is saved.",
    ]
    return [Words("\n".join(lines))]


def show_growth(lesson: Lesson, parameters: Parameters) -> list[Part]:
    """Show how turbo's updates change during a training, by the recipe itself."""
    lines = [
        f"  {'after steps':>16}   {'parallel games':>13}   {'steps an update':>19}   {'parts':>5}   KL",
    ]
    before, steps = 0, 0
    while before < _TURBO.games:
        games = _TURBO.games_after(steps)
        if games != before:
            lines.append(
                f"  {steps:>16,}   {games:>13,}   {games * _TURBO.rollout_steps:>19,}   "
                f"{_TURBO.passes_with(games)[1]:>5}   {_TURBO.kl_target_with(games):.3f}"
            )
            before = games
        steps += 100_000
    return [Words("\n".join(lines))]


def show_curves(lesson: Lesson, parameters: Parameters) -> list[Part]:
    """Show the reference runs of both recipes."""
    lines = []
    for name, faint in (("karpathy", True), ("turbo", False)):
        reference = read_reference(name)
        if reference is None or not reference.common.stop:
            continue
        xs = reference.steps[reference.common] / 1e6
        runs = reference.shares[:, reference.common] * 100
        lines.append(Line(f"{name}, median of {len(runs)} runs", xs, np.median(runs, axis=0), faint=faint))
    if not lines:
        return [Words("The reference runs are missing; install pongarena again.")]
    return [
        Words("Points won in per cent, by millions of steps (the bundled runs):"),
        Chart(tuple(lines), "million steps", (0.0, 100.0)),
    ]


def _fastest(task: Callable[[], None]) -> float:
    """Return the seconds of the fastest of some rounds; other programs only add to the time."""
    best = np.inf
    for _ in range(_ROUNDS):
        begin = perf_counter()
        task()
        best = min(best, perf_counter() - begin)
    return float(best)
