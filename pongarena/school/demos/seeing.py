"""Exhibits on what the network sees, and how it decides."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pongarena.core.arrays import FloatArray, UInt8Array
from pongarena.envs.observation import VIEW_SHAPE, SparseFrames, crop
from pongarena.match.inspector import contributions, logit_gradient, receptive_field, shades
from pongarena.nn.distributions import sigmoid
from pongarena.school.demos.numbers import bar, beside, num, shrink, signed_bar, table_of, tick
from pongarena.school.lesson import Lesson
from pongarena.school.parts import Chart, Image, Line, Parameters, Part, Words

__all__ = [
    "ball_pixels",
    "moved_ball",
    "show_ball",
    "show_chance",
    "show_forward",
    "show_frames",
    "show_units",
]

_CAME, _WENT, _NOTHING = (236, 255, 226), (188, 92, 30), (30, 34, 31)
"""Colours of a difference frame's pixels; they differ in brightness, too."""

_PATCH = 8
"""Rows and columns of the patch whose numbers are shown."""

_PADDLES = ((8, 10), (70, 72))
"""Columns of the paddles in a view."""

_TOSSES = 10_000

_STRONGEST = 8
"""Hidden units whose votes are listed."""


def show_frames(lesson: Lesson, parameters: Parameters) -> list[Part]:
    """Show how a real frame becomes the network's input, step by step."""
    moment = lesson.moments[parameters.moment]
    earlier = lesson.moments[max(0, parameters.moment - 1)]
    screen, field = moment.screen, moment.screen[35:195]
    halved = field[::2, ::2]
    now, before = crop(screen), crop(earlier.screen)
    row, column = _spot(now, moment.seen)
    rows, columns = slice(row, row + _PATCH), slice(column, column + _PATCH)
    middle = 2 * row + _PATCH // 2, 2 * column + _PATCH // 2
    wide = (slice(middle[0], middle[0] + _PATCH), slice(middle[1], middle[1] + _PATCH))
    dense, fade = _picture(lesson, moment.seen), lesson.policy.spec.fade
    lit = int(now.sum())
    came = "have come (+1" if fade == 1 else "are lit (above 0"
    last = "4  subtract the view before" if fade == 1 else f"4  subtract {fade:g} of the view before"
    steps: list[tuple[UInt8Array, int, str, str, str, NDArray[Any], int]] = [
        (lesson.rgb(screen), 4, "0  the screen", "210 × 160 numbers of a palette",
         f"here {len(np.unique(screen))} colours are in use", screen[35:][wide], 4),
        (lesson.rgb(field), 4, "1  crop", "rows 35 to 194: 160 × 160", "score and walls are gone",
         field[wide], 4),
        (lesson.rgb(halved), 2, "2  halve", "every second row and column:", "80 × 80",
         halved[rows, columns], 4),
        (_view_rgb(now.astype(np.int64)), 2, "3  erase the background", f"{lit} of 6,400 pixels are 1,",
         "all the others 0", now[rows, columns].astype(np.int64), 3),
        (_view_rgb(dense), 2, last, f"{int((dense > 0).sum())} {came}, bright)",
         f"{int((dense < 0).sum())} have gone (−{fade:g}, dark)", dense[rows, columns],
         3 if fade == 1 else 4),
    ]  # fmt: skip
    agree = np.allclose(dense, now.astype(np.float64) - fade * before.astype(np.float64))
    parts: list[Part] = [Words(_heading(lesson, parameters.moment))]
    for pixels, factor, title, first, second, patch, width in steps:
        small = shrink(pixels, factor, factor)
        words = beside(title, "", first, second, "", "the numbers where it gets", "interesting:", "",
                       table_of(patch, width))  # fmt: skip
        parts.append(Image(small[: len(small) // 2 * 2], words))
    mark = tick(agree or parameters.moment == 0)
    parts.append(
        Words(
            f"  {mark} step 4, computed here from two screens, is what the network was shown;\n"
            f"    {len(moment.seen.columns)} pixels of 6,400 are not zero: only these enter the sums"
        )
    )
    return parts


def show_forward(lesson: Lesson, parameters: Parameters) -> list[Part]:
    """Show the way from pixels to P(UP), with every number on it."""
    moment = lesson.moments[parameters.moment]
    forward = lesson.policy.forward(moment.seen)
    hidden, weights = forward.hidden[0].astype(np.float64), lesson.policy.votes.astype(np.float64)
    votes = hidden * weights
    active = int((hidden > 0).sum())
    pushed = contributions(lesson.policy, moment.seen, forward.hidden[0])
    words = [
        "what it was shown",
        "",
        f"{len(moment.seen.columns)} pixels changed",
        f"{active} of {len(hidden)} units are active",
        "",
        "who pushed, in parts of the logit:",
        "",
    ]
    limit = max(
        (abs(push.value) for push in logit_gradient(moment.seen, pushed, lesson.policy.spec.observation)),
        default=1.0,
    )
    for push in logit_gradient(moment.seen, pushed, lesson.policy.spec.observation):
        words.append(f"{push.name:<7}{num(push.value, 2, sign=True):>7} {signed_bar(push.value, limit, 7)}")
    words += ["", "← pushes DOWN        pushes UP →"]
    dense = _picture(lesson, moment.seen)
    return [
        Words(_heading(lesson, parameters.moment)),
        Image(shrink(_view_rgb(dense), 2, 2), beside(*words)),
        Words(_votes(hidden, weights, votes, float(forward.lean[0]))),
    ]


def show_ball(lesson: Lesson, parameters: Parameters) -> list[Part]:
    """Show P(UP) while only the ball is moved up and down."""
    moment = lesson.moments[parameters.moment]
    shifts = np.arange(-70, 71)
    frames = SparseFrames.concatenate([moved_ball(moment.seen, int(shift)) for shift in shifts])
    inside = np.array([ball_pixels(frames, i) for i in range(len(shifts))])
    p_up = lesson.policy.forward(frames).up.astype(np.float64)
    whole = inside == inside[70]
    here = moved_ball(moment.seen, parameters.ball)
    p_here = float(lesson.policy.forward(here).up[0])
    dense = _picture(lesson, here)
    ball = parameters.ball
    words = ["the ball, moved", "", f"by {abs(ball)} rows {'down' if ball > 0 else 'up'}" if ball else
             "not moved yet: − and + move it", "", f"P(UP) = {p_here:.1%}",
             f"DOWN {bar(p_here, 20)} UP"]  # fmt: skip
    if not inside[70]:
        words += ["", "There is no ball in this frame;", "← and → choose another one."]
    parts: list[Part] = [Image(shrink(_view_rgb(dense), 2, 2), beside(*words))]
    if inside[70]:
        xs, ys = shifts[whole].astype(np.float64), p_up[whole] * 100
        mark = Line("here", np.array([float(parameters.ball)]), np.array([p_here * 100]), dots=True)
        level = Line("undecided", np.array([xs[0], xs[-1]]), np.array([50.0, 50.0]), faint=True)
        parts.append(Words("P(UP) in per cent, by where the ball is (rows: up ← 0 → down)"))
        parts.append(Chart((level, Line("P(UP)", xs, ys), mark), "rows", (0.0, 100.0)))
    return parts


def show_chance(lesson: Lesson, parameters: Parameters) -> list[Part]:
    """Toss the coin many times, and compare the share of UP with P(UP)."""
    moment = lesson.moments[parameters.moment]
    p = moment.p_up
    rng = np.random.default_rng(parameters.moment)
    tosses = rng.random(_TOSSES) < p
    share, error = float(tosses.mean()), float(np.sqrt(p * (1 - p) / _TOSSES))
    inside = min(max(p, 1e-12), 1 - 1e-12)
    entropy = -(inside * np.log(inside) + (1 - inside) * np.log1p(-inside))
    every = np.array([each.p_up for each in lesson.moments])
    sure = float(((every < 0.1) | (every > 0.9)).mean())
    first = " ".join("U" if up else "D" for up in tosses[:30])
    holds = abs(share - p) <= 4 * error + 1e-12
    lines = [
        _heading(lesson, parameters.moment),
        "",
        f"  P(UP) = {p:.4f}   DOWN {bar(p, 30)} UP",
        f"  30 tosses:  {first}",
        "",
        f"  {tick(holds)} {_TOSSES:,} tosses: {share:.4f} of them UP; expected {p:.4f} ± {error:.4f}",
        f"  in the game it drew {'UP' if moment.up else 'DOWN'}",
        "",
        f"  entropy of this coin   {entropy:.3f} nats   {bar(entropy / np.log(2), 20)}",
        "  (0.693 is a fair coin, 0 a network that is sure)",
        f"  in {sure:.0%} of the {len(every)} steps of this game it was more than 90 % sure",
    ]
    return [Words("\n".join(lines))]


def show_units(lesson: Lesson, parameters: Parameters) -> list[Part]:
    """Show the strongest hidden units as pictures of their weights."""
    strongest = np.argsort(-np.abs(lesson.policy.votes), kind="stable")[:4]
    parts: list[Part] = []
    for place, unit in enumerate(strongest.tolist()):
        weights = receptive_field(lesson.policy, unit)
        small = weights.reshape(40, 2, 40, 2).mean(axis=(1, 3))
        vote = float(lesson.policy.votes[unit])
        h = np.array([each.decision.hidden[unit] for each in lesson.moments])
        # the centre of gravity of the squared weights: where it looks
        square = weights.astype(np.float64) ** 2
        column = float((square.sum(axis=0) * np.arange(80)).sum() / (square.sum() or 1))
        row = float((square.sum(axis=1) * np.arange(80)).sum() / (square.sum() or 1))
        words = beside(
            f"unit {unit}, the {('strongest', 'second', 'third', 'fourth')[place]} vote", "",
            f"votes {'UP' if vote > 0 else 'DOWN'} with {num(vote, 3, sign=True)}",
            f"active in {float((h > 0).mean()):.0%} of this game", "",
            f"looks around column {column:.0f}, row {row:.0f}", "",
            "orange: excited by what comes", "blue: excited by what goes",
        )  # fmt: skip
        parts.append(Image(shades(np.ascontiguousarray(small, np.float32)), words))
    return parts


def moved_ball(seen: SparseFrames, shift: int) -> SparseFrames:
    """Move everything but the paddles of a difference frame down; drop the pixels that leave it."""
    columns, rows = seen.columns % VIEW_SHAPE[1], seen.columns // VIEW_SHAPE[1]
    is_ball = _off_paddles(columns)
    rows = np.where(is_ball, rows + shift, rows)
    keep = (rows >= 0) & (rows < VIEW_SHAPE[0])
    pixels = rows[keep] * VIEW_SHAPE[1] + columns[keep]
    order = np.argsort(pixels, kind="stable")
    return SparseFrames(
        np.array([0, len(order)], np.int64),
        pixels[order].astype(np.int32),
        seen.values[keep][order],
    )


def _picture(lesson: Lesson, seen: SparseFrames) -> FloatArray:
    """Return what the network sees, shape (80, 80)."""
    picture: FloatArray = lesson.policy.spec.observation.picture(seen.dense()[0])
    return picture


def ball_pixels(frames: SparseFrames, number: int) -> int:
    """Count the pixels of a frame that do not belong to a paddle."""
    columns = frames.columns[frames.starts[number] : frames.starts[number + 1]] % VIEW_SHAPE[1]
    return int(_off_paddles(columns).sum())


def _off_paddles(columns: NDArray[np.int32]) -> NDArray[np.bool_]:
    on = np.zeros(columns.shape, np.bool_)
    for first, stop in _PADDLES:
        on |= (columns >= first) & (columns < stop)
    return ~on


def _spot(now: NDArray[np.bool_], seen: SparseFrames) -> tuple[int, int]:
    """Return the upper left corner of a patch around the ball, or else around something that moved."""
    columns, rows = seen.columns % VIEW_SHAPE[1], seen.columns // VIEW_SHAPE[1]
    chosen = _off_paddles(columns) & (seen.values > 0)
    if not chosen.any():
        chosen = np.ones(len(columns), np.bool_)
    row, column = (40, 40) if not len(columns) else (int(rows[chosen].mean()), int(columns[chosen].mean()))
    most = VIEW_SHAPE[0] // 2 * 2 - _PATCH
    return int(np.clip(row - _PATCH // 2, 0, most)), int(np.clip(column - _PATCH // 2, 0, most))


def _view_rgb(values: NDArray[np.int64] | FloatArray) -> UInt8Array:
    pixels = np.empty((*values.shape, 3), np.uint8)
    pixels[:] = _NOTHING
    pixels[values > 0] = _CAME
    pixels[values < 0] = _WENT
    return pixels


def _heading(lesson: Lesson, number: int) -> str:
    return f"{lesson.name}, step {number + 1} of {len(lesson.moments)}   (← → choose another)"


def _votes(hidden: FloatArray | NDArray[np.float64], weights: NDArray[np.float64],
           votes: NDArray[np.float64], logit: float) -> str:  # fmt: skip
    order = np.argsort(-np.abs(votes), kind="stable")[:_STRONGEST]
    limit = float(np.abs(votes).max(initial=1e-12))
    lines = ["  unit   activity h      weight W2        vote h·W2  ← DOWN · UP →"]
    for unit in order.tolist():
        if votes[unit] == 0:
            continue
        lines.append(
            f"  {unit:>4}   {num(hidden[unit]):>10}   ×{num(weights[unit], sign=True):>10}   ="
            f"{num(votes[unit], sign=True):>10}   {signed_bar(votes[unit], limit, 11)}"
        )
    rest = float(votes.sum() - votes[order].sum())
    others = int((votes != 0).sum()) - int((votes[order] != 0).sum())
    total = float(votes.sum())
    p_up = float(sigmoid(np.array([total], np.float32))[0])
    holds = abs(total - logit) < 1e-3 * max(1.0, abs(logit))
    return "\n".join(
        [
            *lines,
            f"  {others:>4} others                               {num(rest, sign=True):>10}",
            f"  {tick(holds)} all votes together: the logit        {num(total, sign=True):>10}"
            f"   (the program: {num(logit, sign=True)})",
            "",
            f"  P(UP) = 1 / (1 + e^{num(-total, 3)}) = {p_up:.4f}      DOWN {bar(p_up, 16)} UP",
        ]
    )
