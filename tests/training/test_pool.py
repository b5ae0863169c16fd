"""Older selves: which are kept, what a save holds, and a rating from points."""

import numpy as np
import pytest

from pongarena.envs.observation import Observation
from pongarena.nn.spec import AgentSpec
from pongarena.training.pool import Pool, chance_of, rated
from tests.training.made import a_network

SPEC = AgentSpec(Observation(0.5, crop=2, shuffle=3), 4, 3)


def a_pool(window=3, deeper=(5, 4), hidden=6):
    net = a_network(SPEC, hidden=hidden, deeper=deeper)
    return net, Pool(net, SPEC, window)


def changed(net, by):
    weights = net.copy_weights()
    net.take_weights({name: array + np.float32(by) for name, array in weights.items()})


def test_the_network_comes_first_and_its_selves_stay_as_they_were():
    net, pool = a_pool()
    begun = net.copy_weights()
    changed(net, 0.5)
    pool.follow()
    assert np.array_equal(pool.tables[0], net.table) and np.array_equal(pool.heads[0], net.head)
    assert np.array_equal(pool.deeper[0], net.deeper)
    np.testing.assert_allclose(pool.heads[1], begun["head"], rtol=1e-3)
    np.testing.assert_allclose(pool.deeper[1], begun["deeper"], rtol=1e-3, atol=1e-7)
    net.take_weights(begun)  # the rows that stand for a paddle, too
    np.testing.assert_allclose(pool.tables[1], net.table, rtol=2e-3, atol=1e-4)


def test_the_latest_few_are_kept():
    net, pool = a_pool(window=2)
    for k in range(1, 4):
        assert pool.size == min(k, 2)
        changed(net, 1.0)
        pool.save()
    kept = sorted(float(head[0, 0]) for head in pool.heads[1:])
    last = float(net.head[0, 0])
    np.testing.assert_allclose(kept, [last - 1, last], atol=1e-2)


def test_a_save_holds_all_of_it():
    net, pool = a_pool()
    changed(net, 0.1)
    pool.rate(np.array([1, 1, 0]), np.array([9, 8, 3]), np.array([2, 0, 4]))
    pool.save()
    pool.follow()
    other = Pool(net, SPEC, 3)
    other.restore(pool.state())
    other.follow()
    assert other.saved == 2 and other.rating == pool.rating > 0
    for name in ("tables", "deeper", "heads"):
        assert np.array_equal(getattr(other, name), getattr(pool, name)), name
    for name, array in pool.state().items():
        assert np.array_equal(other.state()[name], array), name


@pytest.mark.parametrize("name", Pool(*(a_pool()[0], SPEC, 1)).state())
def test_a_pool_with_a_part_missing_is_refused(name):
    _, pool = a_pool()
    state = pool.state()
    del state[name]
    with pytest.raises(ValueError, match=f"older selves is missing: no {name}"):
        pool.restore(state)


@pytest.mark.parametrize(
    ("name", "made", "words"),
    [
        ("pool_saved", np.array([0]), "damaged: expected a count"),
        ("pool_saved", np.array([2]), "damaged"),
        ("pool_saved", np.array([1.0]), "damaged"),
        ("pool_rating", np.array([np.nan]), "numbers out of range"),
        ("pool_rating", np.array([1e300]), "numbers out of range"),
        ("pool_ratings", np.zeros(2), "damaged"),
    ],
)
def test_a_damaged_pool_is_refused(name, made, words):
    _, pool = a_pool()
    with pytest.raises(ValueError, match=words):
        pool.restore({**pool.state(), name: made})


@pytest.mark.parametrize("name", ["pool_tables", "pool_heads", "pool_deeper"])
def test_weights_that_are_no_numbers_are_refused(name):
    _, pool = a_pool()
    state = pool.state()
    state[name].flat[3] = np.inf
    with pytest.raises(ValueError, match="numbers out of range"):
        pool.restore(state)


@pytest.mark.parametrize("shape", [{"hidden": 7}, {"deeper": ()}, {"deeper": (5, 5)}])
def test_selves_of_another_shape_cannot_be_played(shape):
    _, pool = a_pool()
    _, other = a_pool(**shape)
    with pytest.raises(ValueError, match="another shape, which cannot play each other"):
        pool.restore(other.state())


def test_four_hundred_more_win_ten_points_for_one():
    assert chance_of(400) == pytest.approx(10 / 11)
    assert chance_of(0) == 0.5 and chance_of(-1e9) < 1e-9


def test_a_rating_goes_to_where_the_points_are_explained():
    """Against equal opponents who win one point of eleven it must come to 400, and stay."""
    rating = 0.0
    for _ in range(200):
        rating = rated(rating, np.zeros(2), np.array([100, 10]), np.array([10, 1]))
    assert rating == pytest.approx(400, abs=1)
    assert rated(50.0, np.array([0.0]), np.array([0]), np.array([0])) == 50
    assert rated(0.0, np.array([0.0]), np.array([5]), np.array([5])) == pytest.approx(0, abs=1e-6)


def test_who_wins_everything_rises_slowly_for_ever():
    first = rated(0.0, np.zeros(1), np.array([50]), np.array([0]))
    second = rated(first, np.zeros(1), np.array([50]), np.array([0]))
    assert 0 < second - first < first


def test_points_against_itself_tell_nothing():
    _, pool = a_pool()
    pool.rate(np.zeros(3, np.int64), np.array([9, 9, 9]), np.zeros(3, np.int64))
    assert pool.rating == 0
