"""Compiled Adam on pooled tables, and the conversion of the emulator's frames to entries.

A weight table has one row per input. Its gradient comes with `touched`, which marks the rows that are not
zero.
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
"""Rows of a view that share one weight in the coarsest tables; divides the full view's 80."""

POOLS = (1, 2, 4, 8, 16)
"""Rows that share a weight, for each of the tables whose sum is the weight."""


def pool_tree(pools: tuple[int, ...] = POOLS) -> NDArray[np.int64]:
    """Return the tree of a block's weights for `adam_pooled`: shape (nodes, 2), each node and its parent.

    Finer nodes come first, so a pixel's node is its row in the block. The coarsest node's parent is `nodes`.

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
    """Write each block's sum of squared gradients, over its touched rows, to `sums`, one number per block."""
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
    """Take one Adam step downhill on the pooled tables whose sum is `table`; clears `touched`.

    A block is 16 pixels in a column. It has 31 weights: one per pixel, then one for each group of 2, 4, 8 and
    16 pixels. A group's gradient is the sum of its pixels' gradients. Only weights with a gradient move, and
    only their moments decay: a pixel that is dark for a while keeps its moments.

    Blocks are independent: threads may share them out in any way, with bit-identical results.

    Three things make it fast; do not undo them. Rows are never sliced: counting references to slices costs as
    much as the arithmetic, and more when threads share them. Nodes are looked up in `tree`, although its
    first column only counts: if the compiler knew that, it would check all nodes for overlap instead of these
    two, and not vectorise. And moments below 1e-30 become 0: where the gradient stays 0 they would become
    denormals, which take a hundred times as long.

    Args:
        table: Shape (inputs, units), row by row of the view.
        gradient: The same shape.
        touched: Shape (inputs,), uint8.
        first: The first moments, shape (blocks × nodes, units).
        second: The second moments; with shape (blocks × nodes, 1), of the mean square over the units.
        tree: From `pool_tree`.
        paces: Shape (inputs,), float32: factor for the final step of each input's weights.
        width: Columns of the view.
        first_block: First block of the range; every 16 rows, rounded up, have one block per column.
        last_block: End of the range, exclusive.
        scale: Factor for the gradient, applied first.
        rate: Step size, including the bias correction of the first moment.
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
        # pass gradients up to the coarse nodes
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
        # pass steps down to the pixels; they overwrite the gradients
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
    """Append the lit pixels to the difference frames, as inputs of a second block.

    Args:
        starts: As in `SparseFrames`, for n frames.
        columns: As in `SparseFrames`.
        values: As in `SparseFrames`.
        words: Shape (n, 800): the views, one byte per pixel, 0 or 1, as 8-byte words.

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
