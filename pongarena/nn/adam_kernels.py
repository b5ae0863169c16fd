"""Adam on pooled tables, compiled; and what turns the emulator's frames into entries.

A weight table has one row an input, and its gradient is kept with a mark for each row that is not zero:
`touched`.
"""

import numpy as np
from numpy.typing import NDArray

from pongarena.core.compilation import compiled
from pongarena.nn.network_kernels import BLOCK

__all__ = [
    "POOL",
    "POOLS",
    "adam_pooled",
    "pool_tree",
    "squared_norms",
    "with_lit_pixels",
]

POOL = 16
"""Rows of a view that the coarsest tables share one weight for; divides the whole view's 80."""

POOLS = (1, 2, 4, 8, 16)
"""Rows that share a weight in each of the tables that a weight is the sum of."""


def pool_tree(pools: tuple[int, ...] = POOLS) -> NDArray[np.int64]:
    """The weights of a block, for `adam_pooled`: shape (nodes, 2), each node and the coarser one above it.

    Finer nodes come first, so a pixel's is its row in the block. The coarsest has `nodes` above it.

    Args:
        pools: Rows that share a weight, from 1 to 16, each a divisor of the next.
    """
    starts = np.cumsum([0, *(POOL // pool for pool in pools)])
    above = [
        starts[level + 1] + k * pool // (pools[level + 1] if level + 1 < len(pools) else POOL)
        for level, pool in enumerate(pools)
        for k in range(POOL // pool)
    ]
    return np.stack([np.arange(len(above)), above], axis=1).astype(np.int64)


@compiled
def squared_norms(gradient, touched, width, first_block, last_block, sums):  # noqa: PLR0917
    """Puts the sum of the squares of each block's rows that are not zero into `sums`, a number a block."""
    for block in range(first_block, last_block):
        top = block // width * POOL * width + block % width
        total = 0.0
        for r in range(POOL):
            pixel = top + r * width
            if touched[pixel]:
                part = np.float32(0)
                for j in range(gradient.shape[1]):
                    part += gradient[pixel, j] * gradient[pixel, j]
                total += part
        sums[block] = total


@compiled
def adam_pooled(  # noqa: PLR0912, PLR0915, PLR0917
    table,
    gradient,
    touched,
    first,
    second,
    tree,
    paces,
    width,
    first_block,
    last_block,
    scale,
    rate,
    decay_first,
    decay_second,
    correct_second,
    epsilon,
):
    """One step of Adam on the pooled tables whose sum is `table`, downhill; clears the marks in `touched`.

    A block is 16 pixels above one another. It has 31 weights: one a pixel, then one for each 2, 4, 8 and 16
    of them, with a gradient that is the sum of their pixels'. Only weights with a gradient move, and only
    their moments age: a pixel that is not lit for a while keeps its memory.

    Blocks have nothing in common: threads may each do some, and how they are divided changes no bit.

    Three things make it fast, and are easily undone. Rows are never taken as slices, whose reference counts
    cost as much as the arithmetic, and more when threads share them. Nodes are looked up in `tree`, though
    the first column only counts: if the compiler knew, it would ask whether any of them overlap instead of
    these two, and then compute one number at a time. And moments below 1e-30 become 0: where the gradient
    stays 0 they would end as denormals, which processors need a hundred times as long for.

    Args:
        table: Shape (inputs, units), row by row of the view.
        gradient: The same shape.
        touched: Shape (inputs,), uint8.
        first: The first moments, shape (blocks × nodes, units).
        second: The second moments; with shape (blocks × nodes, 1), of the squares' mean over the units.
        tree: Of `pool_tree`.
        paces: Shape (inputs,), float32: what the step of an input's weights is multiplied with at last.
        width: Columns of the view.
        first_block: Where to begin; there are as many as columns for every 16 rows that are begun.
        last_block: Where to end, itself not included.
        scale: What the gradient is multiplied with before anything else.
        rate: Length of a step, the correction of the first moment included.
        decay_first: β₁.
        decay_second: β₂.
        correct_second: 1 / (1 − β₂ᵗ).
        epsilon: Added to the root.
    """
    units, nodes, shared = table.shape[1], tree.shape[0], second.shape[1] == 1
    g = np.empty((nodes + 1, units), np.float32)
    lit = np.empty(nodes + 1, np.uint8)
    new_first, new_second = np.float32(1) - decay_first, np.float32(1) - decay_second
    tiny, zero = np.float32(1e-30), np.float32(0)
    for j in range(units):
        g[nodes, j] = 0
    for block in range(first_block, last_block):
        top = block // width * POOL * width + block % width
        any_lit = False
        for r in range(POOL):
            lit[r] = touched[top + r * width]
            touched[top + r * width] = 0
            if lit[r]:
                any_lit = True
        if not any_lit:
            continue
        for node in range(POOL, nodes):
            lit[node] = 0
            for j in range(units):
                g[node, j] = 0
        # gradients go up to the coarse nodes
        for i in range(nodes - 1):
            node, above = tree[i, 0], tree[i, 1]
            if not lit[node]:
                continue
            lit[above] = 1
            if node < POOL:
                pixel = top + node * width
                for j in range(units):
                    x = gradient[pixel, j] * scale
                    g[node, j] = x
                    g[above, j] += x
            else:
                for j in range(units):
                    g[above, j] += g[node, j]
        # and steps, which take the gradients' places, down to the pixels
        for i in range(nodes - 1, -1, -1):
            node, above = tree[i, 0], tree[i, 1]
            row = block * nodes + node
            if not lit[node]:
                for j in range(units):
                    g[node, j] = g[above, j]
            elif shared:
                squares = zero
                for j in range(units):
                    squares += g[node, j] * g[node, j]
                v = decay_second * second[row, 0] + new_second * squares / np.float32(units)
                second[row, 0] = v
                length = rate / (np.sqrt(v * correct_second) + epsilon)
                for j in range(units):
                    m = decay_first * first[row, j] + new_first * g[node, j]
                    m = zero if abs(m) < tiny else m
                    first[row, j] = m
                    g[node, j] = g[above, j] + length * m
            else:
                for j in range(units):
                    x = g[node, j]
                    m = decay_first * first[row, j] + new_first * x
                    v = decay_second * second[row, j] + new_second * x * x
                    m = zero if abs(m) < tiny else m
                    v = zero if v < tiny else v
                    first[row, j] = m
                    second[row, j] = v
                    g[node, j] = g[above, j] + rate * m / (np.sqrt(v * correct_second) + epsilon)
            if node < POOL:
                pixel = top + node * width
                pace = paces[pixel]
                for j in range(units):
                    table[pixel, j] -= pace * g[node, j]


@compiled
def with_lit_pixels(starts, columns, values, words):
    """The difference frames, followed by what is lit now as inputs of a second block.

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
                        new_columns[at] = BLOCK + 8 * w + s
                        at += 1
    new_starts[count] = at
    return new_starts, new_columns, new_values
