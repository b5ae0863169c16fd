"""Compiled passes of a network over sparse frames: forward, backward, and an RMSProp step.

A frame is a short list of entries: an input's number and its value. The first 6,400 inputs of a block are the
pixels of a view. After them come `RUNS` inputs that each stand for a whole paddle, one for each position of
its eight rows by two columns. A paddle is then one look-up instead of sixteen: its table row is kept as the
sum of its pixels' rows (`sum_runs`), and its gradient is added to theirs once per update (`spread_runs`).
Frames of the emulator come pixel by pixel and never use those inputs.

The actor sees one block, the difference frame. The critic also sees a second block, the lit pixels.
`Observation.places` maps pixels to inputs; −1 marks a pixel that is not shown.

With one hidden layer, as in most networks, forward and backward are one pass each. With more layers, the
activations are kept between the two.

Rows are never sliced: numba would count references to their array with atomic additions, which cost as much
as the sums and make threads wait for each other.

All functions release the interpreter lock (GIL) and work on a range of rows of a batch or of hidden units.
The order of each sum does not depend on the range, so results do not depend on the number of threads.
"""

import numpy as np

from pongarena.core.compilation import compiled
from pongarena.game.compiled import POSITIONS

__all__ = [
    "BLOCK",
    "FAR_COLUMN",
    "NEAR_COLUMN",
    "PIXELS",
    "RUNS",
    "accumulate",
    "accumulate_deeper",
    "accumulate_inputs",
    "activations",
    "deltas",
    "finish",
    "mark",
    "outputs",
    "policy_errors",
    "reinforce_advantages",
    "reinforce_errors",
    "rmsprop",
    "spread_runs",
    "sum_runs",
]

PIXELS = 6400
RUNS = 2 * POSITIONS
"""Inputs that stand for a paddle: first the far paddle's, then the near one's."""

BLOCK = PIXELS + RUNS
"""Inputs per view."""

_WIDTH, _TALL, _ABOVE = 80, 8, 32

FAR_COLUMN, NEAR_COLUMN = 8, 70
"""The first of each paddle's two columns."""


@compiled(inline="always")
def finish(deeper, widths, head, head_bias, a, z):  # noqa: PLR0917
    """Compute the logits from the first hidden layer.

    Args:
        deeper: The matrices between the hidden layers, concatenated, each unit's weights together.
        widths: Units of each hidden layer.
        head: Shape (outputs, units of the last hidden layer).
        head_bias: Shape (outputs,).
        a: The hidden layers' activations, concatenated. The first layer's pre-activations are given.
        z: Shape (outputs,): receives the logits.
    """
    if widths.shape[0] == 1:
        for output in range(head.shape[0]):
            total = np.float32(0)
            for j in range(head.shape[1]):
                total += max(a[j], np.float32(0)) * head[output, j]
            z[output] = total + head_bias[output]
        return
    for j in range(widths[0]):
        a[j] = max(a[j], np.float32(0))
    base, at = 0, 0
    for layer in range(widths.shape[0] - 1):
        before = widths[layer]
        for unit in range(widths[layer + 1]):
            total = np.float32(0)
            for j in range(before):
                total += deeper[at + j] * a[base + j]
            a[base + before + unit] = max(total, np.float32(0))
            at += before
        base += before
    for output in range(head.shape[0]):
        total = np.float32(0)
        for j in range(head.shape[1]):
            total += a[base + j] * head[output, j]
        z[output] = total + head_bias[output]


@compiled
def _sum_inputs(columns, values, start, stop, table, bias, low, h):  # noqa: PLR0917
    """Write one frame's pre-activations of the hidden units from `low` on to `h`, as many as fit.

    It takes four entries at a time, so `h` is loaded and stored once instead of four times. The order of the
    sums stays, so no bit differs. Indices are unsigned, so the compiler need not handle negative ones.
    """
    units, base, one, four = np.uint64(h.shape[0]), np.uint64(low), np.uint64(1), np.uint64(4)
    k, end = np.uint64(start), np.uint64(stop)
    for j in range(units):
        h[j] = bias[base + j]
    while k + four <= end:
        a, b = np.uint64(columns[k]), np.uint64(columns[k + one])
        c, d = np.uint64(columns[k + np.uint64(2)]), np.uint64(columns[k + np.uint64(3)])
        of_a, of_b = values[k], values[k + one]
        of_c, of_d = values[k + np.uint64(2)], values[k + np.uint64(3)]
        for j in range(units):
            at = base + j
            h[j] = (
                h[j] + of_a * table[a, at] + of_b * table[b, at] + of_c * table[c, at] + of_d * table[d, at]
            )
        k += four
    while k < end:
        column, value = np.uint64(columns[k]), values[k]
        for j in range(units):
            h[j] += value * table[column, base + j]
        k += one


@compiled
def outputs(  # noqa: PLR0917
    columns, values, begin, end, rows, first, last, table, bias, deeper, widths, head, head_bias, out
):
    """Compute the logits of the frames `rows[first:last]`; see `finish`.

    Args:
        columns: Each entry's input.
        values: Each entry's value.
        begin: Start of each frame's entries.
        end: End of each frame's entries.
        rows: Indices of the frames.
        first: Start of the range of `rows`.
        last: End of the range, exclusive.
        table: Shape (inputs, units).
        bias: Shape (units,).
        deeper: As in `finish`.
        widths: As in `finish`.
        head: As in `finish`.
        head_bias: As in `finish`.
        out: Shape (rows, outputs).
    """
    h = np.empty(widths.sum(), np.float32)
    inner = h[: table.shape[1]]
    for i in range(first, last):
        _sum_inputs(columns, values, begin[rows[i]], end[rows[i]], table, bias, 0, inner)
        finish(deeper, widths, head, head_bias, h, out[i])


@compiled
def accumulate(  # noqa: PLR0917
    columns,
    values,
    begin,
    end,
    rows,
    dout,
    table,
    bias,
    head,
    gradient,
    bias_gradient,
    head_gradient,
    low,
    high,
):
    """Add to the gradients of the units `low..high`, given the loss's derivatives by the outputs.

    For one hidden layer. Recomputing its activations is faster than storing and loading them.
    """
    units, base = np.uint64(high - low), np.uint64(low)
    h = np.empty(units, np.float32)
    g = np.empty(units, np.float32)
    for i in range(rows.shape[0]):
        is_still = True
        for output in range(head.shape[0]):
            if dout[i, output] != 0:
                is_still = False
        if is_still:
            continue
        start, stop = begin[rows[i]], end[rows[i]]
        _sum_inputs(columns, values, start, stop, table, bias, low, h)
        # separate short loops: only these are vectorised
        for j in range(units):
            g[j] = 0
        for output in range(head.shape[0]):
            d = dout[i, output]
            for j in range(units):
                head_gradient[output, base + j] += d * max(h[j], np.float32(0))
            for j in range(units):
                g[j] += d * head[output, base + j]
        for j in range(units):
            g[j] = g[j] if h[j] > 0 else np.float32(0)
        for j in range(units):
            bias_gradient[base + j] += g[j]
        for k in range(start, stop):
            column, value = np.uint64(columns[k]), values[k]
            for j in range(units):
                gradient[column, base + j] += value * g[j]


@compiled
def activations(  # noqa: PLR0917
    columns, values, begin, end, rows, first, last, table, bias, deeper, widths, head, head_bias, a, z
):
    """Do as `outputs`, and keep the activations of all hidden layers: `a` has one row for each of `rows`."""
    units = table.shape[1]
    for i in range(first, last):
        _sum_inputs(columns, values, begin[rows[i]], end[rows[i]], table, bias, 0, a[i, :units])
        for j in range(units):
            a[i, j] = max(a[i, j], np.float32(0))
        finish(deeper, widths, head, head_bias, a[i], z[i])


@compiled
def deltas(dout, a, deeper, widths, head, first, last, out):  # noqa: PLR0917
    """Write the loss's derivatives by the pre-activations to `out`, shaped like `a`, for a range of rows."""
    total = widths.sum()
    for i in range(first, last):
        for j in range(total):
            out[i, j] = 0
        base = total - widths[-1]
        for output in range(head.shape[0]):
            d = dout[i, output]
            for j in range(widths[-1]):
                out[i, base + j] += d * head[output, j]
        at = deeper.shape[0]
        for layer in range(widths.shape[0] - 1, -1, -1):
            for j in range(widths[layer]):
                if a[i, base + j] <= 0:
                    out[i, base + j] = 0
            if layer > 0:
                before = widths[layer - 1]
                at -= before * widths[layer]
                for unit in range(widths[layer]):
                    d = out[i, base + unit]
                    if d != 0:
                        for j in range(before):
                            out[i, base - before + j] += d * deeper[at + unit * before + j]
                base -= before


@compiled
def accumulate_deeper(dout, a, delta, widths, gradient, head_gradient, part, parts):  # noqa: PLR0917
    """Add to the gradients of the matrices between the hidden layers, and of the head.

    Units are assigned to the parts in turn, so each number is summed by one part, in the order of rows.
    """
    for i in range(a.shape[0]):
        base, at = 0, 0
        for layer in range(widths.shape[0] - 1):
            before = widths[layer]
            for unit in range(part, widths[layer + 1], parts):
                d = delta[i, base + before + unit]
                if d != 0:
                    for j in range(before):
                        gradient[at + unit * before + j] += d * a[i, base + j]
            at += before * widths[layer + 1]
            base += before
        for output in range(part, head_gradient.shape[0], parts):
            d = dout[i, output]
            for j in range(widths[-1]):
                head_gradient[output, j] += d * a[i, base + j]


@compiled
def accumulate_inputs(  # noqa: PLR0917
    columns, values, begin, end, rows, delta, gradient, bias_gradient, low, high
):
    """Add to the first layer's gradient for the units `low..high`."""
    for i in range(rows.shape[0]):
        for j in range(low, high):
            bias_gradient[j] += delta[i, j]
        for k in range(begin[rows[i]], end[rows[i]]):
            column, value = columns[k], values[k]
            for j in range(low, high):
                gradient[column, j] += value * delta[i, j]


@compiled
def mark(columns, begin, end, rows, touched):
    """Set `touched` to 1 for every input with an entry."""
    for i in range(rows.shape[0]):
        for k in range(begin[rows[i]], end[rows[i]]):
            touched[columns[k]] = 1


@compiled
def sum_runs(table, places, low, high):
    """Recompute the rows that stand for a paddle, in every block, from their pixels' rows."""
    pair = np.empty((_WIDTH, high - low), np.float32)
    for base in range(0, table.shape[0], BLOCK):
        for side in range(2):
            column = NEAR_COLUMN if side else FAR_COLUMN
            for r in range(_WIDTH):
                one, other = places[r * _WIDTH + column], places[r * _WIDTH + column + 1]
                for j in range(low, high):
                    pair[r, j - low] = 0
                if one >= 0:
                    for j in range(low, high):
                        pair[r, j - low] = table[base + one, j]
                if other >= 0:
                    for j in range(low, high):
                        pair[r, j - low] += table[base + other, j]
            for position in range(POSITIONS):
                run = table[base + PIXELS + side * POSITIONS + position, low:high]
                run[:] = 0
                for r in range(max(position - _ABOVE, 0), min(position - _ABOVE + _TALL, _WIDTH)):
                    for j in range(high - low):
                        run[j] += pair[r, j]


@compiled
def spread_runs(gradient, touched, places, low, high):
    """Add the gradients of the rows that stand for a paddle to their pixels' gradients, and clear them."""
    for base in range(0, gradient.shape[0], BLOCK):
        for side in range(2):
            column = NEAR_COLUMN if side else FAR_COLUMN
            runs = base + PIXELS + side * POSITIONS
            for r in range(_WIDTH):
                for position in range(max(r + _ABOVE - _TALL + 1, 0), min(r + _ABOVE + 1, POSITIONS)):
                    if not touched[runs + position]:
                        continue
                    for k in range(2):
                        pixel = places[r * _WIDTH + column + k]
                        if pixel >= 0:
                            touched[base + pixel] = 1
                            for j in range(low, high):
                                gradient[base + pixel, j] += gradient[runs + position, j]
            for position in range(POSITIONS):
                gradient[runs + position, low:high] = 0


@compiled
def _softmax(logits, p):
    """Write the actions' probabilities to `p`, in double precision, none below 1e-6."""
    top, total = np.float64(logits[0]), 0.0
    for a in range(p.shape[0]):
        top = max(top, np.float64(logits[a]))
    for a in range(p.shape[0]):
        p[a] = np.exp(max(np.float64(logits[a]) - top, -50.0))
        total += p[a]
    for a in range(p.shape[0]):
        p[a] = max(p[a] / total, 1e-6)


@compiled
def policy_errors(logits, rows, first, last, actions, old_log_p, advantage, clip, bonus, scale, out):  # noqa: PLR0917
    """Write the clipped policy loss's derivatives by the logits (Schulman et al., 2017, equation 7).

    The loss is −mean(min(r·A, clip(r)·A)) − bonus·mean(entropy), with r = p(decision) / p_old(decision).

    Args:
        logits: Shape (rows, outputs).
        rows: Indices of the decisions.
        first: Start of the range of `rows`.
        last: End of the range, exclusive.
        actions: All decisions, numbered as in `AgentSpec.moves`.
        old_log_p: Their log-probabilities under the policy that played.
        advantage: Their advantages.
        clip: How far the ratio may move from 1.
        bonus: Weight of the entropy.
        scale: 1 / number of decisions in the mean.
        out: Like `logits`.
    """
    count = logits.shape[1]
    shares = np.empty(count)
    for i in range(first, last):
        k = rows[i]
        a = advantage[k]
        if count == 1:
            z = min(max(np.float64(logits[i, 0]), -50.0), 50.0)
            p = min(max(1.0 / (1.0 + np.exp(-z)), 1e-6), 1 - 1e-6)
            took = p if actions[k] == 0 else 1.0 - p
        else:
            _softmax(logits[i], shares)
            took = shares[actions[k]]
        ratio = np.exp(np.log(took) - old_log_p[k])
        clipped = min(max(ratio, 1.0 - clip), 1.0 + clip)
        pull = a * ratio if ratio * a <= clipped * a else 0.0
        if count == 1:
            uphill = -bonus * p * (1.0 - p) * logits[i, 0]
            uphill += pull * ((1.0 if actions[k] == 0 else 0.0) - p)
            out[i, 0] = -uphill * scale
        else:
            entropy = 0.0
            for c in range(count):
                entropy -= shares[c] * np.log(shares[c])
            for c in range(count):
                uphill = -bonus * shares[c] * (np.log(shares[c]) + entropy)
                uphill += pull * ((1.0 if actions[k] == c else 0.0) - shares[c])
                out[i, c] = -uphill * scale


@compiled
def reinforce_advantages(rewards, turns, penalty, gamma, standardised, returns):  # noqa: PLR0917
    """Compute the discounted return of each decision within its rally; see `training.returns`.

    Args:
        rewards: −1, 0 or +1, of one game.
        turns: Whether each decision differs from the previous one.
        penalty: Cost of such a change.
        gamma: Discount per decision.
        standardised: Whether to scale the game's returns to mean 0 and standard deviation 1.
        returns: Float64, receives the result.
    """
    count = len(rewards)
    running, scored = 0.0, False
    for t in range(count - 1, -1, -1):
        if rewards[t] != 0:
            running, scored = np.float64(rewards[t]), True
        elif scored:
            running *= gamma
        if penalty > 0 and turns[t] and scored:
            running -= penalty
        returns[t] = running
    if standardised:
        total, most = 0.0, 1.0
        for t in range(count):
            total += returns[t]
            most = max(most, abs(returns[t]))
        mean, squares = total / count, 0.0
        for t in range(count):
            returns[t] -= mean
            squares += returns[t] * returns[t]
        deviation = np.sqrt(squares / count)
        for t in range(count):
            # in floating point, a constant's deviation is not always exactly 0
            returns[t] = returns[t] / deviation if deviation > 1e-9 * most else 0.0


@compiled
def reinforce_errors(actions, logits, advantages, out):
    """Write ∂ log p(decision) / ∂ logit · advantage for each logit: equations (1) and (2), weighted.

    Args:
        actions: The decisions, numbered as in `AgentSpec.moves`.
        logits: Shape (decisions, outputs).
        advantages: One per decision.
        out: Float32, shaped like `logits`.
    """
    shares = np.empty(logits.shape[1])
    for t in range(len(actions)):
        if logits.shape[1] == 1:
            p = 1.0 / (1.0 + np.exp(-np.float64(logits[t, 0])))
            out[t, 0] = ((1.0 if actions[t] == 0 else 0.0) - p) * advantages[t]
        else:
            _softmax(logits[t], shares)
            for c in range(len(shares)):
                out[t, c] = ((1.0 if actions[t] == c else 0.0) - shares[c]) * advantages[t]


@compiled
def rmsprop(  # noqa: PLR0917
    table, square, age, gradient, touched, first, last, update, rate, decay, epsilon
):
    """Take one RMSProp step uphill on the rows with a gradient, and clear it; see `optimizers.RMSProp`.

    A row without a gradient would only see its squares decay: that is caught up when it has one again.

    Args:
        table: Shape (inputs, units).
        square: The running means of the squared gradients, the same shape.
        age: Shape (inputs,): number of the last update of each row's squares.
        gradient: Like `table`.
        touched: Shape (inputs,): 1 where there is a gradient; cleared.
        first: Start of the range of rows.
        last: End of the range, exclusive.
        update: Number of this update.
        rate: Step size.
        decay: Share of the old mean that is kept.
        epsilon: Added to the root.
    """
    fresh = np.float32(1 - decay)
    for i in range(first, last):
        if not touched[i]:
            continue
        touched[i] = 0
        kept = np.float32(decay ** (update - age[i]))
        age[i] = update
        weights, squares, g = table[i], square[i], gradient[i]
        for j in range(table.shape[1]):
            squares[j] = kept * squares[j] + fresh * (g[j] * g[j])
            weights[j] += rate * g[j] / (np.sqrt(squares[j]) + epsilon)
            g[j] = 0
