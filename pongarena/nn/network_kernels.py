"""The sums of a network of one hidden layer over sparse frames, compiled.

A frame is a short list of entries: an input's number and its value. The first 6,400 inputs of a block are
the pixels of a view; behind them come `RUNS` inputs that stand for a whole paddle, one for each place where
its eight rows by two columns can be. A paddle is then one look-up instead of sixteen: its row of the table
is kept as the sum of its pixels' rows (`sum_runs`), and its gradient is handed out to them once an update
(`spread_runs`). Frames of the emulator, which come pixel by pixel, simply never use those inputs.

The actor looks at one block, the difference frame; the critic at a second one behind it, what is lit now.

Rows are never taken as slices: numba would count the references to their array, with atomic additions that
cost as much as the sums, and that keep threads waiting for each other.

All functions release the interpreter lock and work on a range, of rows of a batch or of hidden units. Every
number they write is computed in the same order whatever the range, so results do not depend on threads.
"""

import numpy as np

from pongarena.core.compilation import compiled
from pongarena.game.compiled import POSITIONS

__all__ = [
    "BLOCK",
    "PIXELS",
    "RUNS",
    "accumulate",
    "mark",
    "outputs",
    "policy_errors",
    "reinforce_errors",
    "rmsprop",
    "spread_runs",
    "sum_runs",
]

PIXELS = 6400
RUNS = 2 * POSITIONS
"""Inputs that stand for a paddle: far ones, then near ones."""

BLOCK = PIXELS + RUNS
"""Inputs of a view."""

_WIDTH, _TALL, _ABOVE = 80, 8, 32
_FAR_COLUMN, _NEAR_COLUMN = 8, 70


@compiled
def outputs(columns, values, begin, end, rows, first, last, table, bias, head, head_bias, out):  # noqa: PLR0917
    """out[i] = ReLU(bias + Σ value · table[column]) · head + head_bias, for i from first to last.

    Args:
        columns: Entries' inputs.
        values: Entries' values.
        begin: Of each frame's entries.
        end: Of each frame's entries.
        rows: Which frames.
        first: Range of `rows`.
        last: Its end.
        table: Shape (inputs, units).
        bias: Shape (units,).
        head: Shape (units,).
        head_bias: A number.
        out: As long as `rows`.
    """
    units = table.shape[1]
    h = np.empty(units, np.float32)
    for i in range(first, last):
        for j in range(units):
            h[j] = bias[j]
        for k in range(begin[rows[i]], end[rows[i]]):
            column, value = columns[k], values[k]
            for j in range(units):
                h[j] += value * table[column, j]
        total = np.float32(0)
        for j in range(units):
            total += max(h[j], np.float32(0)) * head[j]
        out[i] = total + head_bias


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
    """Adds what the outputs' derivatives mean for the weights of the units from low to high.

    The hidden activations are computed anew: that is quicker than to store and load them.
    """
    # unsigned numbers, of which the compiler knows that they do not count from an array's end
    units, base = np.uint64(high - low), np.uint64(low)
    h = np.empty(units, np.float32)
    for i in range(rows.shape[0]):
        d = dout[i]
        if d == 0:
            continue
        for j in range(units):
            h[j] = bias[base + j]
        start, stop = begin[rows[i]], end[rows[i]]
        for k in range(start, stop):
            column, value = np.uint64(columns[k]), values[k]
            for j in range(units):
                h[j] += value * table[column, base + j]
        # one short loop each: only such ones become vector instructions
        for j in range(units):
            head_gradient[base + j] += d * max(h[j], np.float32(0))
        for j in range(units):
            h[j] = d * head[base + j] if h[j] > 0 else np.float32(0)
        for j in range(units):
            bias_gradient[base + j] += h[j]
        for k in range(start, stop):
            column, value = np.uint64(columns[k]), values[k]
            for j in range(units):
                gradient[column, base + j] += value * h[j]


@compiled
def mark(columns, begin, end, rows, touched):
    """Sets `touched` to 1 for every input that an entry names."""
    for i in range(rows.shape[0]):
        for k in range(begin[rows[i]], end[rows[i]]):
            touched[columns[k]] = 1


@compiled
def sum_runs(table, low, high):
    """Makes the rows that stand for a paddle, in every block, from their pixels' rows."""
    pair = np.empty((_WIDTH, high - low), np.float32)
    for base in range(0, table.shape[0], BLOCK):
        for side in range(2):
            column = _NEAR_COLUMN if side else _FAR_COLUMN
            for r in range(_WIDTH):
                pixel = base + r * _WIDTH + column
                for j in range(low, high):
                    pair[r, j - low] = table[pixel, j] + table[pixel + 1, j]
            for position in range(POSITIONS):
                run = table[base + PIXELS + side * POSITIONS + position, low:high]
                run[:] = 0
                for r in range(max(position - _ABOVE, 0), min(position - _ABOVE + _TALL, _WIDTH)):
                    for j in range(high - low):
                        run[j] += pair[r, j]


@compiled
def spread_runs(gradient, touched, low, high):
    """Adds the gradients of the rows that stand for a paddle to those of their pixels, and clears them."""
    for base in range(0, gradient.shape[0], BLOCK):
        for side in range(2):
            column = _NEAR_COLUMN if side else _FAR_COLUMN
            runs = base + PIXELS + side * POSITIONS
            for r in range(_WIDTH):
                pixel = base + r * _WIDTH + column
                for position in range(max(r + _ABOVE - _TALL + 1, 0), min(r + _ABOVE + 1, POSITIONS)):
                    if not touched[runs + position]:
                        continue
                    touched[pixel] = touched[pixel + 1] = 1
                    for j in range(low, high):
                        gradient[pixel, j] += gradient[runs + position, j]
                        gradient[pixel + 1, j] += gradient[runs + position, j]
            for position in range(POSITIONS):
                gradient[runs + position, low:high] = 0


@compiled
def policy_errors(logits, rows, first, last, up, old_log_p, advantage, clip, bonus, scale, out):  # noqa: PLR0917
    """Derivatives of the clipped policy loss by the logits (Schulman et al., 2017, equation 7).

    The loss is −mean(min(r·A, clip(r)·A)) − bonus·mean(entropy), with r = p(decision) / p_old(decision).

    Args:
        logits: As long as `rows`.
        rows: Which decisions.
        first: Range of `rows`.
        last: Its end.
        up: All decisions.
        old_log_p: Their log-probabilities under the policy that played.
        advantage: Their advantages.
        clip: How far the ratio may leave 1.
        bonus: Of the entropy.
        scale: 1 / number of decisions in the mean.
        out: As long as `rows`.
    """
    for i in range(first, last):
        z = min(max(np.float64(logits[i]), -50.0), 50.0)
        p = min(max(1.0 / (1.0 + np.exp(-z)), 1e-6), 1 - 1e-6)
        k = rows[i]
        took = p if up[k] else 1.0 - p
        ratio = np.exp(np.log(took) - old_log_p[k])
        a = advantage[k]
        clipped = min(max(ratio, 1.0 - clip), 1.0 + clip)
        uphill = -bonus * p * (1.0 - p) * logits[i]
        if ratio * a <= clipped * a:
            uphill += a * ratio * ((1.0 if up[k] else 0.0) - p)
        out[i] = -uphill * scale


@compiled
def reinforce_errors(up, logits, rewards, gamma, standardised, out):  # noqa: PLR0917
    """(y − P(UP)) · advantage for each decision of a game: equations (1) and (2), weighted.

    The advantage is the discounted return of the decision's rally; see `returns`.

    Args:
        up: The decisions.
        logits: What the network gave.
        rewards: −1, 0 or +1.
        gamma: Discount a decision.
        standardised: Whether the game's returns are brought to mean 0 and deviation 1.
        out: Float32, as long.
    """
    count = len(rewards)
    returns = np.zeros(count, np.float64)
    running, scored = 0.0, False
    for t in range(count - 1, -1, -1):
        if rewards[t] != 0:
            running, scored = np.float64(rewards[t]), True
        elif scored:
            running *= gamma
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
            # a constant's deviation is not always exactly 0 in floating point
            returns[t] = returns[t] / deviation if deviation > 1e-9 * most else 0.0
    for t in range(count):
        p = 1.0 / (1.0 + np.exp(-np.float64(logits[t])))
        out[t] = ((1.0 if up[t] else 0.0) - p) * returns[t]


@compiled
def rmsprop(  # noqa: PLR0917
    table, square, age, gradient, touched, first, last, update, rate, decay, epsilon
):
    """One step of RMSProp uphill on the rows with a gradient, which is cleared; see `optimizers.RMSProp`.

    A row without one would only see its squares shrink: that is made up for when it has one again.

    Args:
        table: Shape (inputs, units).
        square: The running means of the squared gradients, the same shape.
        age: Shape (inputs,): the update of each row's squares.
        gradient: Like `table`.
        touched: Shape (inputs,): 1 where there is a gradient; cleared.
        first: Range of rows.
        last: Its end.
        update: The number of this one.
        rate: Size of a step.
        decay: Share of the old mean that stays.
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
