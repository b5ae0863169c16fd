"""Frames and networks made for the tests of the learners, and what they mean, in plain numpy."""

from itertools import pairwise

import numpy as np

from pongarena.envs.observation import PIXELS
from pongarena.game.compiled import POSITIONS
from pongarena.nn.frames import Frames
from pongarena.nn.network_kernels import BLOCK
from pongarena.nn.policy import PolicyNetwork
from pongarena.nn.sparse_net import SparseNet, extended
from pongarena.nn.spec import CLASSIC
from pongarena.nn.threads import Threads

ALONE = Threads(1)
"""Does the work where the number of threads is not the question."""


def pixels_of(column):
    """The pixels, of all blocks counted on, that an input stands for: itself, or eight rows of a paddle."""
    block, place = divmod(int(column), BLOCK)
    if place < PIXELS:
        return [block * PIXELS + place]
    side, position = divmod(place - PIXELS, POSITIONS)
    left = (8, 70)[side]
    rows = [row for row in range(position - 32, position - 24) if 0 <= row < 80]
    return [block * PIXELS + row * 80 + column for row in rows for column in (left, left + 1)]


def dense(frames, rows, blocks=1):
    """Shape (len(rows), 6400·blocks), float64: the frames' entries written out in full."""
    x = np.zeros((len(rows), blocks * PIXELS))
    ends = frames.middle if blocks == 1 else frames.end
    for i, row in enumerate(rows):
        for k in range(frames.begin[row], ends[row]):
            x[i, pixels_of(frames.columns[k])] += frames.values[k]
    return x


def lit(frames, rows, blocks=1):
    """Shape (6400·blocks,), bool: the pixels that an entry names, even where entries cancel out."""
    found = np.zeros(blocks * PIXELS, bool)
    ends = frames.middle if blocks == 1 else frames.end
    for row in rows:
        for k in range(frames.begin[row], ends[row]):
            found[pixels_of(frames.columns[k])] = True
    return found


def some_frames(count, rng, *, pixels=20, runs=4):
    """Frames of scattered pixels and of whole paddles, with what is lit behind them, and gaps between."""
    columns, values, edges = [], [], []
    for _ in range(count):
        begin = len(columns)
        columns += rng.choice(PIXELS, pixels, replace=False).tolist()
        columns += (PIXELS + rng.choice(2 * POSITIONS, runs, replace=False)).tolist()
        values += rng.choice([-1.0, 1.0], pixels + runs).tolist()
        middle = len(columns)
        columns += (BLOCK + rng.choice(BLOCK, 5, replace=False)).tolist()
        values += [1.0] * 5
        edges.append((begin, middle, len(columns)))
        # room that no frame uses, as between those of the compiled games
        columns += [3] * 2
        values += [7.0] * 2
    begin, middle, end = np.array(edges, np.int64).T
    numbers = np.array(columns, np.int16), np.array(values, np.float32)
    return Frames(*numbers, *(np.ascontiguousarray(each) for each in (begin, middle, end)))


def a_net(rng, *, blocks=1, units=5, outputs=1, deeper=(), biases, threads=ALONE):
    table = (rng.standard_normal((blocks * PIXELS, units)) * 0.2).astype(np.float32)
    widths = (units, *deeper)
    between = [
        (rng.standard_normal((after, before)) * 0.5).astype(np.float32) for before, after in pairwise(widths)
    ]
    head = rng.standard_normal((outputs, widths[-1])).astype(np.float32)
    net = SparseNet(extended(table), head, biases=biases, threads=threads, deeper=between)
    if biases:
        net.bias[:] = rng.standard_normal(units) * 0.1
        net.head_bias[:] = 0.3
    return net


def dense_output(x, weights, widths):
    """The same network in float64, from arrays that a test may change."""
    hidden, at = np.maximum(x @ weights["table"] + weights.get("bias", 0), 0), 0
    for before, after in pairwise(widths):
        matrix = weights["deeper"][at : at + before * after].reshape(after, before)
        hidden, at = np.maximum(hidden @ matrix.T, 0), at + before * after
    return hidden @ weights["head"].T + weights.get("head_bias", 0)


def a_network(spec=CLASSIC, hidden=6, seed=3, deeper=()):
    """A random network, ready to learn and to play compiled games."""
    return SparseNet.of(PolicyNetwork.random(hidden, np.random.default_rng(seed), spec, deeper=deeper), ALONE)
