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
def test_a_run_thinned_after_each_checkpoint_stays_readable_and_denser_near_the_end(total):
    kept = []
    for episode in range(0, total * 100 + 1, 100):
        kept = thin([*kept, episode])
    assert len(kept) == KEPT_CHECKPOINTS
    gaps = [after - before for before, after in pairwise(kept)]
    assert gaps[-1] == 100
    # no hole in the history: a gap is at most a third of its distance to the end, give or take the newest
    assert all(gap <= max(300, (kept[-1] - before) / 2) for gap, before in zip(gaps, kept, strict=False))
    assert sum(gaps[:10]) > sum(gaps[-10:])


def test_fewer_than_two_is_refused():
    with pytest.raises(ValueError, match="first and the last"):
        thin([1, 2, 3], keep=1)


def test_the_example_holds():
    assert doctest.testmod(thinning).failed == 0
