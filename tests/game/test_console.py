"""A console that was played on plays the next game bit for bit as a fresh one does."""

import gc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pongarena.game import console
from pongarena.game.cartridge import Ball, Cartridge
from pongarena.game.paddle import Move
from pongarena.game.types import Knob


@pytest.fixture(autouse=True)
def no_spare_ones(monkeypatch):
    monkeypatch.setattr(console, "_spare", [])


def play(cartridge, frames, seed):
    """Everything that is seen and remembered in so many frames of hasty play."""
    rng, seen = np.random.default_rng(seed), [cartridge.screen.tobytes()]
    for _ in range(frames):
        left = Knob(int(rng.integers(30, 220))) if rng.random() < 0.3 else list(Move)[rng.integers(3)]
        frame = cartridge.step(left, list(Move)[rng.integers(3)])
        seen += [cartridge.screen.tobytes(), cartridge.rgb().tobytes(), cartridge._memory, frame]
    return seen


@settings(max_examples=8)
@given(
    st.booleans(), st.sampled_from(Ball), st.integers(0, 2**31), st.integers(0, 600), st.integers(0, 2**31)
)
def test_what_was_played_before_changes_nothing(left_ai, ball, seed, before, earlier):
    gc.collect()
    console._spare.clear()
    fresh = Cartridge(seed=seed, left_ai=left_ai, ball=ball)
    expected = play(fresh, 300, seed)
    used = Cartridge(seed=earlier, left_ai=not left_ai, ball=Ball.FASTER)
    play(used, before, earlier)
    used.close()
    (spare,) = console._spare
    again = Cartridge(seed=seed, left_ai=left_ai, ball=ball)
    assert again._ale is spare and not console._spare
    assert play(again, 300, seed) == expected


def test_a_closed_game_shows_its_last_picture_while_another_is_played_on_its_console():
    first = Cartridge(seed=1, left_ai=True)
    play(first, 300, 1)
    screen, memory = first.screen.copy(), first._memory
    first.close()
    first.close()
    picture = first.rgb().copy()
    second = Cartridge(seed=2)
    play(second, 200, 2)
    assert second._ale is first._ale
    assert np.array_equal(first.rgb(), picture) and np.array_equal(first.screen, screen)
    assert first._memory == memory
    assert not np.array_equal(second.rgb(), picture)
    with pytest.raises(ValueError, match="closed"):
        first.step(Move.STAY, Move.STAY)


def test_a_game_that_is_forgotten_leaves_its_console_too():
    cartridge = Cartridge(seed=1)
    ale = cartridge._ale
    del cartridge
    gc.collect()
    assert ale in console._spare


def test_the_few_that_are_kept_are_silent():
    for sound in (True, False, False, False):
        Cartridge(seed=1, sound=sound).close()
    several = [Cartridge(seed=1, sound=sound) for sound in (True, False, False, False, False)]
    for each in several:
        each.close()
    assert len(console._spare) == 2
    with pytest.raises(ValueError, match="closed"):
        several[0].audio()
