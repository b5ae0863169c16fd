"""The learners' network: gradients against finite differences, pooled Adam against numpy."""

from itertools import pairwise

import numpy as np
import pytest

from pongarena.envs.observation import PIXELS, Observation
from pongarena.nn import adam_kernels as kernels
from pongarena.nn import network_kernels
from pongarena.nn.network_kernels import BLOCK
from pongarena.nn.optimizers import PooledAdam
from pongarena.nn.sparse_net import SparseNet, extended
from pongarena.nn.threads import Threads
from tests.training.made import ALONE, a_net, dense, dense_output, lit, pixels_of, some_frames


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("blocks", "biases", "outputs", "deeper"),
    [(1, False, 1, ()), (2, True, 1, ()), (1, False, 3, ()), (1, False, 1, (4,)), (1, False, 3, (7, 3))],
)
def test_the_gradient_is_that_of_the_outputs(seed, blocks, biases, outputs, deeper):
    """Against central differences of Σ cᵢ·outputᵢ, weight by weight; some rows come twice."""
    rng = np.random.default_rng(seed)
    frames = some_frames(12, rng)
    net = a_net(rng, blocks=blocks, biases=biases, outputs=outputs, deeper=deeper)
    rows, factors = rng.integers(0, 12, 15), rng.standard_normal((15, outputs)).astype(np.float32)
    x = dense(frames, rows, blocks)
    weights = {name: array.astype(np.float64) for name, array in net.weights().items()}
    widths = net.widths.tolist()
    expected = dense_output(x, weights, widths)
    np.testing.assert_allclose(net.outputs(frames, rows), expected, rtol=1e-4, atol=1e-4)
    net.backward((frames, rows[:4], factors[:4]), (frames, rows[4:9], factors[4:9]))
    net.backward((frames, rows[9:], factors[9:]))
    gradients = net.gradients()
    assert gradients.keys() == weights.keys()
    named = np.flatnonzero(lit(frames, rows, blocks))
    tried = [("table", (int(pixel), int(rng.integers(5)))) for pixel in rng.choice(named, 15)]
    tried += [
        (name, at) for name, array in weights.items() if name != "table" for at in np.ndindex(array.shape)
    ]
    for name, place in tried:
        ends = []
        for step in (1e-5, -1e-5):
            moved = {key: array.copy() for key, array in weights.items()}
            moved[name][place] += step
            ends.append((factors * dense_output(x, moved, widths)).sum())
        assert gradients[name][place] == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=2e-2, abs=2e-4)
    assert not np.delete(gradients["table"], named, axis=0).any()
    net.forget_gradient()
    assert not any(array.any() for array in net.gradients().values())


def test_a_paddles_input_is_the_sum_of_its_pixels():
    rng = np.random.default_rng(0)
    pixels = rng.standard_normal((2 * PIXELS, 3)).astype(np.float32)
    table = extended(pixels)
    for column in range(2 * BLOCK):
        np.testing.assert_allclose(table[column], pixels[pixels_of(column)].sum(axis=0), atol=1e-5)


def test_the_gradient_of_a_paddles_input_goes_to_each_of_its_pixels():
    rng = np.random.default_rng(0)
    gradient, touched = np.zeros((2 * BLOCK, 3), np.float32), np.zeros(2 * BLOCK, np.uint8)
    some = rng.choice(2 * BLOCK, 200, replace=False)
    gradient[some], touched[some] = rng.standard_normal((200, 3)), 1
    expected, marked = np.zeros((2 * PIXELS, 3)), np.zeros(2 * PIXELS, bool)
    for column in some:
        expected[pixels_of(column)] += gradient[column]
        marked[pixels_of(column)] = True
    for _ in range(2):  # a second time changes nothing
        network_kernels.spread_runs(gradient, touched, Observation().places, 0, 3)
        for block in range(2):
            mine = slice(block * PIXELS, (block + 1) * PIXELS)
            own = slice(block * BLOCK, block * BLOCK + PIXELS)
            np.testing.assert_allclose(gradient[own], expected[mine], atol=1e-5)
            assert np.array_equal(touched[own].astype(bool), marked[mine])
            assert not gradient[own.stop : (block + 1) * BLOCK].any()


def test_pooled_adam_is_plain_adam_on_the_sum_of_the_tables():
    """Against a dense float64 version that keeps the five tables apart."""
    rng = np.random.default_rng(0)
    units, rate, b1, b2, epsilon = 3, 0.01, 0.9, 0.999, 1e-5
    fast = a_net(rng, units=units, biases=False)
    fast.head[:] = 1
    optimizer = PooledAdam(fast)
    slow = fast.copy_weights()["table"].astype(np.float64).reshape(80, 80, units)
    pools = (1, 2, 4, 8, 16)
    moments = {pool: np.zeros((2, 80 // pool, 80, units)) for pool in pools}
    rows = np.arange(6)
    for step in range(1, 6):
        frames = some_frames(6, rng)
        fast.backward((frames, rows, rng.standard_normal((6, 1)).astype(np.float32)))
        gradient = fast.gradients()["table"].astype(np.float64).reshape(80, 80, units)
        was_lit = lit(frames, rows)
        fast.head[:] = 1
        optimizer.step(rate, max_norm=1e9)
        for pool in pools:
            first, second = moments[pool]
            pooled = gradient.reshape(80 // pool, pool, 80, units).sum(axis=1)
            moves = was_lit.reshape(80 // pool, pool, 80).any(axis=1)
            first[moves] = b1 * first[moves] + (1 - b1) * pooled[moves]
            second[moves] = b2 * second[moves] + (1 - b2) * pooled[moves] ** 2
            move = np.zeros_like(pooled)
            root = np.sqrt(second[moves] / (1 - b2**step)) + epsilon
            move[moves] = rate / (1 - b1**step) * first[moves] / root
            slow -= np.repeat(move, pool, axis=0)
    learned = fast.weights()["table"]
    np.testing.assert_allclose(learned.reshape(80, 80, units), slow, atol=2e-4)
    np.testing.assert_array_equal(fast.table, extended(learned))


@pytest.mark.parametrize("pools", [(1, 2, 4, 8, 16), (1, 4, 16)])
@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("units", [3, 40])
def test_the_pooled_step_is_what_numpy_says_however_its_blocks_are_divided(pools, shared, units):
    rng = np.random.default_rng(7)
    tree, blocks = kernels.pool_tree(pools), 400
    b1, b2, epsilon, scale = (np.float32(x) for x in (0.9, 0.999, 1e-5, 0.5))
    start = rng.standard_normal((PIXELS, units)).astype(np.float32)
    paces = rng.uniform(0, 8, PIXELS).astype(np.float32)
    shape = blocks * len(tree), 1 if shared else units
    splits = ([0, 400], [0, 1, 77, 240, 400])
    # one start for both ways, and one for numpy
    nets = [
        (start.copy(), np.zeros((shape[0], units), np.float32), np.zeros(shape, np.float32)) for _ in splits
    ]
    slow = start.astype(np.float64)
    moments = {
        pool: [np.zeros((80 // pool, 80, units)), np.zeros((80 // pool, 80, shape[1]))] for pool in pools
    }
    for step in range(1, 5):
        gradient = rng.standard_normal((PIXELS, units)).astype(np.float32)
        lit = rng.random(PIXELS) < (1.0, 0.3, 0.02, 0.9)[step - 1]
        lit.reshape(80, 80)[:, :8] = False
        lit.reshape(80, 80)[:, 70] = step == 1
        correct, rate = np.float32(1 / (1 - b2**step)), np.float32(0.01)
        norms = []
        for bounds, net in zip(splits, nets, strict=True):
            touched, sums = lit.astype(np.uint8), np.zeros(blocks)
            for low, high in pairwise(bounds):
                kernels.squared_norms(gradient, touched, 80, low, high, sums)
            for low, high in pairwise(bounds):
                table, first, second = net
                kernels.adam_pooled(
                    table,
                    gradient,
                    touched,
                    first,
                    second,
                    tree,
                    paces,
                    80,
                    low,
                    high,
                    scale,
                    rate,
                    b1,
                    b2,
                    correct,
                    epsilon,
                )
            assert not touched.any()
            norms.append(sums.sum())
        assert (
            norms[0] == norms[1] == pytest.approx(np.square(gradient[lit].astype(np.float64)).sum(), rel=1e-5)
        )
        g = np.where(lit[:, None], gradient, 0).astype(np.float64) * scale
        for pool in pools:
            pooled = g.reshape(80 // pool, pool, 80, units).sum(axis=1)
            moves = lit.reshape(80 // pool, pool, 80).any(axis=1)
            m, v = moments[pool]
            squares = np.square(pooled[moves])
            m[moves] = b1 * m[moves] + (1 - b1) * pooled[moves]
            v[moves] = b2 * v[moves] + (1 - b2) * (squares.mean(axis=1, keepdims=True) if shared else squares)
            change = np.zeros_like(pooled)
            change[moves] = rate * m[moves] / (np.sqrt(v[moves] * correct) + epsilon)
            slow -= paces[:, None] * np.repeat(change, pool, axis=0).reshape(PIXELS, units)
    for one, other in zip(*nets, strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_allclose(nets[0][0], slow, atol=1e-4)


@pytest.mark.parametrize("observation", [Observation(), Observation(crop=1), Observation(crop=2, shuffle=3)])
def test_a_column_has_its_own_pace_wherever_its_pixels_went(observation):
    """Of a step of Adam whose gradients are all alike."""
    rng = np.random.default_rng(1)
    pixels = rng.standard_normal((observation.inputs, 2)).astype(np.float32)
    moved = []
    for paces in ({}, {"ball": 3.0, "far": 0.5}):
        net = SparseNet(
            extended(pixels, observation),
            np.ones((1, 2), np.float32),
            biases=False,
            threads=ALONE,
            observation=observation,
        )
        before = net.table[: observation.inputs].copy()
        net.gradient[: observation.inputs], net.touched[: observation.inputs] = 1e-3, 1
        PooledAdam(net, **paces).step(0.01, max_norm=1e9)
        moved.append(net.table[: observation.inputs] - before)
    pace = np.full((80, 80), 3.0)
    pace[:, 8:10], pace[:, 70:72] = 0.5, 1.0
    for pixel, place in enumerate(observation.places.tolist()):
        if place >= 0:
            expected = pace.flat[pixel] * moved[0][place]
            np.testing.assert_allclose(moved[1][place], expected, rtol=1e-3, atol=1e-6)


def test_moments_that_fade_become_zero_and_not_denormal():
    rng = np.random.default_rng(0)
    net = a_net(rng, biases=False)
    optimizer = PooledAdam(net)
    optimizer._first[:], optimizer._second[:] = 1.1e-30, 1.0005e-30
    net.touched[:] = 1
    optimizer.step(0.01, max_norm=1.0)
    assert not optimizer._first.any()
    assert not optimizer._second.any()


@pytest.mark.parametrize(("units", "deeper"), [(5, ()), (70, ()), (96, ()), (70, (33, 20))])
def test_threads_change_no_bit(units, deeper):
    """Neither of an output, nor of a gradient, nor of a step."""
    states, told = [], []
    for count in (1, 2, 3):
        threads = Threads(count)
        net = a_net(
            np.random.default_rng(1), blocks=2, units=units, deeper=deeper, biases=True, threads=threads
        )
        optimizer = PooledAdam(net)
        rng = np.random.default_rng(2)
        for _ in range(3):
            frames, rows = some_frames(9, rng), rng.permutation(9)
            told.append(net.outputs(frames, rows))
            net.backward((frames, rows, rng.standard_normal((9, 1)).astype(np.float32)))
            told += net.gradients().values()
            told.append(optimizer.step(0.01, max_norm=0.5))
        states.append(
            [*net.copy_weights().values(), *(array.copy() for array in optimizer.state("x").values())]
        )
        threads.close()
    parts = np.array_split(np.arange(len(told)), 3)
    for others in zip(*([told[i] for i in part] for part in parts), strict=True):
        assert all(np.array_equal(others[0], other) for other in others)
    for others in zip(*states, strict=True):
        assert all(np.array_equal(others[0], other) for other in others)


def test_a_longer_gradient_is_shortened():
    rng = np.random.default_rng(3)
    frames, rows = some_frames(6, rng), np.arange(6)
    dout = rng.standard_normal((6, 1)).astype(np.float32)
    one, other = (a_net(np.random.default_rng(4), biases=True) for _ in range(2))
    one.backward((frames, rows, dout))
    length = np.sqrt(sum(np.square(array.astype(np.float64)).sum() for array in one.gradients().values()))
    assert PooledAdam(one).step(0.01, max_norm=length / 2) == pytest.approx(length, rel=1e-5)
    other.backward((frames, rows, dout / 2))
    assert PooledAdam(other).step(0.01, max_norm=1e9) == pytest.approx(length / 2, rel=1e-5)
    np.testing.assert_allclose(one.table, other.table, atol=1e-6)


def test_a_gradient_that_is_not_finite_moves_nothing():
    rng = np.random.default_rng(0)
    net, frames = a_net(rng, biases=True), some_frames(3, rng)
    before = net.table.copy()
    net.backward((frames, np.arange(3), np.full((3, 1), np.nan, np.float32)))
    assert not np.isfinite(PooledAdam(net).step(0.1, max_norm=1))
    assert np.array_equal(net.table, before)
    assert not any(array.any() for array in net.gradients().values())


def test_outputs_are_the_same_however_many():
    rng = np.random.default_rng(0)
    net, frames = a_net(rng, biases=True), some_frames(3000, rng, pixels=3, runs=1)
    everything = net.outputs(frames, np.arange(3000))
    rows = rng.integers(0, 3000, 1000)
    assert np.array_equal(net.outputs(frames, rows), everything[rows])


def test_a_net_goes_on_where_it_was_saved():
    rng = np.random.default_rng(5)
    one = PooledAdam(a_net(rng, blocks=2, biases=True))
    frames, rows, dout = some_frames(6, rng), np.arange(6), rng.standard_normal((6, 1)).astype(np.float32)
    one.net.backward((frames, rows, dout))
    one.step(0.01, max_norm=1)
    other = PooledAdam(a_net(rng, blocks=2, biases=True))
    other.restore({name: array.copy() for name, array in one.state("x").items()}, "x")
    for each in (one, other):
        each.net.backward((frames, rows, dout))
        each.step(0.01, max_norm=1)
    for name, array in one.state("x").items():
        assert np.array_equal(array, other.state("x")[name]), name
    assert np.array_equal(one.net.table, other.net.table)
