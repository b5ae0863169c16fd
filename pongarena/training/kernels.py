"""The loops of the turbo recipe that numpy is too slow for, compiled by numba.

Numpy alone was measured to need twenty times as long for the same gradients. The compiled code is kept, so
that only the first training waits for the compiler.

All functions release the interpreter lock, so that two networks can learn at the same time. Frames come as
the three arrays of `SparseFrames`; `rows` picks some of them. A weight table has one row an input, and its
gradient is kept with a mark for each row that is not zero: `touched`.
"""

import numpy as np

from pongarena.compilation import compiled

__all__ = ["LEVELS", "POOL", "adam_pooled", "backward", "forward", "squared_norm", "with_lit_pixels"]

WIDTH = 80
"""Columns, and rows, of a view."""

POOL = 16
"""Rows of a view that the coarsest tables share one weight for; divides 80."""

LEVELS = 5
"""Tables that a weight is the sum of: rows pooled by 1, 2, 4, 8 and 16."""


@compiled
def forward(starts, columns, values, rows, table, bias, head, head_bias, hidden, out):  # noqa: PLR0917
    """hidden[i] = ReLU(bias + frame · table) and out[i] = hidden[i] · head + head_bias, for i of `rows`."""
    units = table.shape[1]
    for i in range(rows.shape[0]):
        h = hidden[i]
        h[:] = bias
        for k in range(starts[rows[i]], starts[rows[i] + 1]):
            weights, value = table[columns[k]], values[k]
            for j in range(units):
                h[j] += value * weights[j]
        total = np.float32(0)
        for j in range(units):
            h[j] = max(h[j], np.float32(0))
            total += h[j] * head[j]
        out[i] = total + head_bias


@compiled
def backward(  # noqa: PLR0917
    starts, columns, values, rows, hidden, head, dout, gradient, touched, bias_gradient, head_gradient
):
    """Adds what the outputs' derivatives `dout` mean for table, bias and head to their gradients."""
    units = head.shape[0]
    dhidden = np.empty(units, np.float32)
    for i in range(rows.shape[0]):
        d, h = dout[i], hidden[i]
        if d == 0:
            continue
        for j in range(units):
            if h[j] > 0:
                head_gradient[j] += d * h[j]
                dhidden[j] = d * head[j]
                bias_gradient[j] += dhidden[j]
            else:
                dhidden[j] = 0
        for k in range(starts[rows[i]], starts[rows[i] + 1]):
            column, value = columns[k], values[k]
            row = gradient[column]
            if touched[column] == 0:
                touched[column] = 1
                row[:] = 0
            for j in range(units):
                row[j] += value * dhidden[j]


@compiled
def squared_norm(gradient, touched):
    """Sum of the squares of the rows that are not zero."""
    total = 0.0
    for row in range(gradient.shape[0]):
        if touched[row]:
            part = np.float32(0)
            for j in range(gradient.shape[1]):
                part += gradient[row, j] * gradient[row, j]
            total += part
    return total


@compiled
def adam_pooled(  # noqa: PLR0912, PLR0917
    table, gradient, touched, first, second, scale, rate, decay_first, decay_second, correct_second, epsilon
):
    """One step of Adam on the pooled tables whose sum is `table`, downhill; clears the marks in `touched`.

    A block is 16 pixels above one another. It has 31 weights: one a pixel, then one for each 2, 4, 8 and 16
    of them, with a gradient that is the sum of their pixels'. Only weights with a gradient move, and only
    their moments age: a pixel that is not lit for a while keeps its memory.

    Args:
        table: Shape (inputs, units); inputs are views of 80 × 80, one after the other.
        gradient: The same shape.
        touched: Shape (inputs,), uint8.
        first: The first moments, shape (inputs / 16 × 31, units).
        second: The second moments.
        scale: What the gradient is multiplied with before anything else.
        rate: Length of a step, the correction of the first moment included.
        decay_first: β₁.
        decay_second: β₂.
        correct_second: 1 / (1 − β₂ᵗ).
        epsilon: Added to the root.
    """
    units = table.shape[1]
    offsets = (0, 16, 24, 28, 30, 31)
    g = np.empty((31, units), np.float32)
    step = np.empty((31, units), np.float32)
    lit = np.empty(31, np.uint8)
    new_first, new_second = np.float32(1) - decay_first, np.float32(1) - decay_second
    for block in range(table.shape[0] // POOL):
        column, stripe = block % WIDTH, block // WIDTH
        top = stripe * POOL * WIDTH + column
        any_lit = False
        for r in range(POOL):
            pixel = top + r * WIDTH
            lit[r] = touched[pixel]
            touched[pixel] = 0
            if lit[r]:
                any_lit = True
                for j in range(units):
                    g[r, j] = gradient[pixel, j] * scale
            else:
                g[r, :] = 0
        if not any_lit:
            continue
        for level in range(1, LEVELS):
            for k in range(offsets[level + 1] - offsets[level]):
                node, child = offsets[level] + k, offsets[level - 1] + 2 * k
                lit[node] = lit[child] | lit[child + 1]
                for j in range(units):
                    g[node, j] = g[child, j] + g[child + 1, j]
        for node in range(31):
            if not lit[node]:
                step[node, :] = 0
                continue
            m, v = first[block * 31 + node], second[block * 31 + node]
            for j in range(units):
                m[j] = decay_first * m[j] + new_first * g[node, j]
                v[j] = decay_second * v[j] + new_second * g[node, j] * g[node, j]
                step[node, j] = rate * m[j] / (np.sqrt(v[j] * correct_second) + epsilon)
        for level in range(LEVELS - 1, 0, -1):
            for k in range(offsets[level + 1] - offsets[level]):
                node, child = offsets[level] + k, offsets[level - 1] + 2 * k
                for j in range(units):
                    step[child, j] += step[node, j]
                    step[child + 1, j] += step[node, j]
        for r in range(POOL):
            weights = table[top + r * WIDTH]
            for j in range(units):
                weights[j] -= step[r, j]


@compiled
def with_lit_pixels(starts, columns, values, words):
    """The difference frames, followed by what is lit now as inputs 6,400 and up.

    Args:
        starts: Of n frames, as in `SparseFrames`.
        columns: As there.
        values: As there.
        words: Shape (n, 800): the views, one byte a pixel, 0 or 1, as words of eight bytes.

    Returns:
        The same three arrays for the longer frames.
    """
    count = words.shape[0]
    lit = 0
    for i in range(count):
        for w in range(words.shape[1]):
            word = words[i, w]
            if word:
                for s in range(8):
                    lit += (word >> np.uint64(8 * s)) & np.uint64(1)
    new_starts = np.empty(count + 1, np.int64)
    new_columns = np.empty(columns.shape[0] + lit, np.int32)
    new_values = np.ones(columns.shape[0] + lit, np.float32)
    at = 0
    for i in range(count):
        new_starts[i] = at
        for k in range(starts[i], starts[i + 1]):
            new_columns[at], new_values[at] = columns[k], values[k]
            at += 1
        for w in range(words.shape[1]):
            word = words[i, w]
            if word:
                for s in range(8):
                    if (word >> np.uint64(8 * s)) & np.uint64(1):
                        new_columns[at] = WIDTH * WIDTH + 8 * w + s
                        at += 1
    new_starts[count] = at
    return new_starts, new_columns, new_values
