"""Which checkpoints of a long run are kept."""

import doctest
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pongarena.library import thinning
from pongarena.library.thinning import KEPT_CHECKPOINTS, thin

EPISODES = st.lists(st.integers(0, 10**6), max_size=150)


@given(EPISODES, st.integers(2, 50))
def test_no_more_than_asked_are_kept_and_the_ends_always(episodes, keep):
    kept = thin(episodes, keep)
    assert len(kept) == min(keep, len(set(episodes)))
    assert kept == sorted(kept)
    assert set(kept) <= set(episodes)
    if episodes:
        assert kept[0] == min(episodes)
        assert kept[-1] == max(episodes)


@given(EPISODES, st.integers(2, 50), st.data())
def test_pinned_ones_stay(episodes, keep, data):
    pinned = data.draw(st.lists(st.sampled_from(episodes), max_size=keep - 2) if episodes else st.just([]))
    assert set(pinned) <= set(thin(episodes, keep, pinned))


@given(EPISODES)
def test_thinning_twice_changes_nothing(episodes):
    once = thin(episodes)
    assert thin(once) == once


@pytest.mark.parametrize("total", [50, 400, 3000])
def test_a_run_thinned_after_each_checkpoint_stays_dense_at_both_ends(total):
    kept = []
    for episode in range(0, total * 100 + 1, 100):
        kept = thin([*kept, episode])
    assert len(kept) == KEPT_CHECKPOINTS
    gaps = [after - before for before, after in pairwise(kept)]
    assert gaps[0] == 100 and gaps[-1] < kept[-1] / 20
    # no hole in the history: a gap is at most as long as all that was before it
    assert all(gap <= max(200, before) for gap, before in zip(gaps, kept, strict=False))
    assert max(gaps[:10]) <= max(gaps[10:])


def test_a_night_of_fast_training_keeps_its_first_minutes():
    """As a session saves them: each tenth more, and one in five minutes; a thousand games a second."""
    kept, last, hours = [0], 0, 10
    for second in range(1, hours * 3600):
        if second >= 1.1 * last or second - last >= 300:
            kept, last = thin([*kept, 1000 * second]), second
    growing = [each for each in kept if 5_000 < each < 300_000]
    assert len(growing) >= 10  # all were dropped when only the end counted
    assert max(after / before for before, after in pairwise(growing)) < 2
    assert sum(each > 0.85 * kept[-1] for each in kept) >= 3


def test_fewer_than_two_is_refused():
    with pytest.raises(ValueError, match="first and the last"):
        thin([1, 2, 3], keep=1)


def test_the_example_holds():
    assert doctest.testmod(thinning).failed == 0
