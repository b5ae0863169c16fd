"""What a network sees."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pongarena.envs.observation import (
    CROPS,
    MOST_SHUFFLES,
    PIXELS,
    VIEW_SHAPE,
    FrameDifferencer,
    Observation,
    SparseFrames,
    crop,
    mirror,
)
from pongarena.game.cartridge import Cartridge
from pongarena.game.paddle import Move
from pongarena.game.rules import SCREEN_SHAPE
from tests.waiting import PATIENCE_S

settings.register_profile("vision", max_examples=40)
settings.load_profile("vision")


@st.composite
def dense_frames(draw, values=(-1, 1)):
    """A few frames with a few non-zero pixels, at the ends and word borders too."""
    frames = np.zeros((draw(st.integers(0, 4)), PIXELS), np.float32)
    pixel = st.one_of(st.integers(0, PIXELS - 1), st.sampled_from([0, 7, 8, 79, 80, PIXELS - 8, PIXELS - 1]))
    for frame in frames:
        for column in draw(st.sets(pixel, max_size=30)):
            frame[column] = draw(st.sampled_from(values))
    return frames


@st.composite
def pairs_of_views(draw):
    """Two views of the same games that differ in a few pixels, and the seldom case of all pixels."""
    games = draw(st.integers(0, 4))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    previous = rng.random((games, *VIEW_SHAPE)) < draw(st.sampled_from([0.0, 0.01, 0.5, 1.0]))
    changed = rng.random((games, *VIEW_SHAPE)) < draw(st.sampled_from([0.0, 0.003, 0.5, 1.0]))
    return previous ^ changed, previous


def same(one, other):
    return all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in ("starts", "columns", "values")
    )


@given(dense_frames())
def test_sparse_and_dense_say_the_same(frames):
    sparse = SparseFrames.from_dense(frames)
    assert len(sparse) == len(frames)
    assert np.array_equal(sparse.dense(), frames)
    assert same(SparseFrames.from_dense(sparse.dense()), sparse)
    assert (sparse.starts.dtype, sparse.columns.dtype, sparse.values.dtype) == (
        np.int64,
        np.int32,
        np.float32,
    )


@given(pairs_of_views())
def test_a_difference_frame_is_the_later_view_minus_the_earlier_one(views):
    current, previous = views
    expected = (current.astype(np.float32) - previous.astype(np.float32)).reshape(-1, PIXELS)
    sparse = SparseFrames.from_views(current, previous)
    assert np.array_equal(sparse.dense(), expected)
    assert same(sparse, SparseFrames.from_dense(expected))


@given(st.lists(dense_frames(), max_size=4))
def test_concatenation_puts_frames_behind_each_other(parts):
    joined = SparseFrames.concatenate([SparseFrames.from_dense(part) for part in parts])
    expected = np.concatenate([np.zeros((0, PIXELS), np.float32), *parts])
    assert np.array_equal(joined.dense(), expected)


def test_empty_frames_are_zero():
    assert np.array_equal(SparseFrames.empty(3).dense(), np.zeros((3, PIXELS)))
    assert len(SparseFrames.empty(0)) == 0


@given(arrays(np.uint8, SCREEN_SHAPE, fill=st.just(0)))
def test_mirroring_twice_changes_nothing(screen):
    assert np.array_equal(mirror(mirror(screen)), screen)
    assert np.array_equal(mirror(screen)[:, 0], screen[:, -1])


@given(st.integers(0, 2**32), st.sampled_from([34, 87, 107, 228, 0, 255]))
def test_a_view_is_every_second_pixel_that_is_not_background(seed, background):
    rng = np.random.default_rng(seed)
    screens = np.where(rng.random((2, *SCREEN_SHAPE)) < 0.05, 236, background).astype(np.uint8)
    screens[:, 22, 80] = background
    before = screens.copy()
    seen = crop(screens)
    assert np.array_equal(seen, screens[:, 35:195:2, ::2] != background)
    assert np.array_equal(seen[1], crop(screens[1]))
    assert np.array_equal(screens, before)
    seen[:] = True  # a copy of its own
    assert np.array_equal(screens, before)


def in_play(frames=90):
    cartridge = Cartridge()
    for number in range(frames):
        cartridge.step(Move.UP if number % 3 else Move.STAY, Move.STAY)
    return cartridge


def test_a_mirrored_left_paddle_lies_where_the_right_one_does():
    cartridge = in_play()
    right_only = cartridge.screen.copy()
    right_only[right_only != 200] = 34
    left_only = cartridge.screen.copy()
    left_only[left_only != 56] = 34
    for screen in (right_only, mirror(left_only)):
        assert np.flatnonzero(crop(screen).any(axis=0)).tolist() == [70, 71]


def test_screens_may_be_read_only_and_mirrored():
    cartridge = in_play()
    screen = cartridge.screen.copy()
    screen.flags.writeable = False
    assert np.array_equal(crop(mirror(screen)), crop(np.ascontiguousarray(mirror(screen))))
    eye = FrameDifferencer()
    eye.look(screen)
    eye.look(mirror(screen))
    assert np.array_equal(screen, cartridge.screen)


def test_an_eye_sees_the_difference_to_what_it_saw_before():
    cartridge, eye = in_play(), FrameDifferencer()
    before = crop(cartridge.screen).copy()
    assert not eye.look(cartridge.screen).dense().any()
    for _ in range(4):
        cartridge.step(Move.UP, Move.DOWN)
    after = crop(cartridge.screen)
    expected = (after.astype(np.float32) - before).reshape(1, PIXELS)
    assert expected.any()
    assert np.array_equal(eye.look(cartridge.screen).dense(), expected)
    assert not eye.look(cartridge.screen).dense().any()
    eye.reset()
    cartridge.step(Move.DOWN, Move.UP)
    assert not eye.look(cartridge.screen).dense().any()


@pytest.mark.parametrize(
    "bad", [np.zeros((80, 80), np.uint8), np.zeros(SCREEN_SHAPE), np.zeros((1, 1, 210, 160), np.uint8)]
)
def test_other_things_than_screens_are_refused(bad):
    with pytest.raises(ValueError, match="expected screens of shape"):
        crop(bad)


def test_other_things_than_frames_and_views_are_refused():
    with pytest.raises(ValueError, match="expected frames of shape"):
        SparseFrames.from_dense(np.zeros((2, 80, 80)))
    one, two = np.zeros((1, *VIEW_SHAPE), bool), np.zeros((2, *VIEW_SHAPE), bool)
    with pytest.raises(ValueError, match="expected two arrays of shape"):
        SparseFrames.from_views(one, two)


def test_seeing_needs_no_emulator():
    code = (
        "import sys, pongarena.cli, pongarena.envs.observation;"
        " print('ale_py' in sys.modules, 'gymnasium' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=PATIENCE_S
    )
    assert done.stdout.split() == ["False", "False"]


OBSERVATIONS = st.builds(
    Observation,
    st.sampled_from([0.0, 0.25, 0.5, 1.0]),
    st.integers(0, len(CROPS) - 1),
    st.sampled_from([0, 1, 7, MOST_SHUFFLES - 1]),
)


@given(OBSERVATIONS)
def test_an_observation_is_known_again_by_its_name(observation):
    assert Observation.named(observation.name) == observation


@pytest.mark.parametrize(
    "name", ["", "difference", "difference-81x80", "difference-80x80-shuffled-0", "view-80x80"]
)
def test_a_name_of_nothing_is_not_known(name):
    assert Observation.named(name) is None


@given(OBSERVATIONS, dense_frames())
def test_frames_are_shown_where_the_places_say(observation, frames):
    shown = observation.frames(SparseFrames.from_dense(frames)).dense()
    assert shown.shape == (len(frames), observation.inputs)
    assert np.array_equal(shown, frames[:, observation.pixels])
    for number, frame in enumerate(shown):
        assert np.array_equal(observation.on_field(frame).ravel()[observation.pixels], frame)
        if not observation.shuffle:
            assert np.array_equal(observation.picture(frame), observation.on_field(frame))
        lit = observation.views(frames[number : number + 1].astype(bool).reshape(1, 80, 80))
        assert (
            np.array_equal(lit[0, : observation.inputs], frame != 0)
            and not lit[0, observation.inputs :].any()
        )


def test_the_crops_are_those_that_are_told():
    assert [Observation(crop=crop).shape for crop in range(3)] == [(80, 80), (75, 80), (80, 64)]
    assert Observation(crop=1).pixels[-1] == 75 * 80 - 1
    assert Observation(crop=2).pixels[0] == 8


def test_every_shuffle_is_its_own_and_always_the_same():
    one, other = Observation(shuffle=1), Observation(shuffle=2)
    assert not np.array_equal(one.places, other.places)
    assert np.array_equal(np.sort(one.places), np.arange(PIXELS))
    assert np.array_equal(one.pixels[:5], Observation(0.5, shuffle=1).pixels[:5])


@pytest.mark.parametrize("values", [(-0.1, 0, 0), (1.1, 0, 0), (1.0, 3, 0), (1.0, 0, -1)])
def test_there_is_no_such_observation(values):
    with pytest.raises(ValueError, match="expected a fade"):
        Observation(*values)
