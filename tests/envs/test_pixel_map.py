"""Seeing the game otherwise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pongarena.envs.observation import SparseFrames
from pongarena.envs.pixel_map import PixelMap, PongThroughPixelMap
from pongarena.training.algorithms.karpathy_trainer import KarpathyTrainer
from pongarena.training.algorithms.turbo_trainer import TurboTrainer
from pongarena.training.registry import recipe


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25)
def test_shuffling_moves_every_pixel_and_loses_none(seed):
    rng = np.random.default_rng(seed)
    dense = rng.choice([-1, 0, 1], size=(3, 6400), p=[0.01, 0.98, 0.01]).astype(np.float32)
    pixel_map = PixelMap.permuting(rng)
    seen = pixel_map.frames(SparseFrames.from_dense(dense))
    expected = np.zeros_like(dense)
    expected[:, pixel_map.places] = dense
    assert np.array_equal(seen.dense(), expected)
    assert all(
        (np.diff(seen.columns[a:b]) > 0).all() for a, b in zip(seen.starts, seen.starts[1:], strict=False)
    )


def test_cropping_hides_what_lies_outside_and_nothing_else():
    dense = np.ones((2, 6400), np.float32)
    seen = PixelMap.cropping(8, 72).frames(SparseFrames.from_dense(dense)).dense().reshape(2, 80, 80)
    assert seen[:, :, 8:72].all() and not seen[:, :, :8].any() and not seen[:, :, 72:].any()


def test_two_pixels_cannot_go_to_one_place():
    with pytest.raises(ValueError, match="different places"):
        PixelMap(np.zeros(6400, np.int32))


def test_frames_and_views_are_seen_alike():
    pixel_map = PixelMap.permuting(np.random.default_rng(3))
    console = PongThroughPixelMap(2, pixel_map, sticky=0.0)
    console.reset([1, 2])
    before = console.views
    for _ in range(30):
        step = console.step(np.array([True, False]))
        again = SparseFrames.from_views(console.views, before)
        assert np.array_equal(step.frames.dense(), again.dense())
        before = console.views
    console.close()


def test_the_karpathy_recipe_cannot_tell_shuffled_pixels_from_plain_ones():
    """A shuffled network on shuffled pixels plays, and learns, as the plain one on plain pixels."""
    settings = {"hidden_units": 8, "batch_episodes": 1, "games": 1, "max_frames": 1500, "learning_rate": 1e-3}
    made = recipe("karpathy", emulator=1, **settings)  # glasses are worn on the emulator only
    plain = KarpathyTrainer(made, seed=4)
    pixel_map = PixelMap.permuting(np.random.default_rng(0))
    policy = plain.policy.copy()
    policy.w1[:, pixel_map.places] = plain.policy.w1.copy()
    shuffled = KarpathyTrainer(made, seed=4, policy=policy)
    shuffled.pixel_map = pixel_map
    for trainer in (plain, shuffled):
        events = trainer.events()
        while trainer.updates < 2:
            next(events)
        trainer.close()
    # the sums are made in another order, so the last digits differ
    assert np.allclose(shuffled.policy.w1[:, pixel_map.places], plain.policy.w1, atol=1e-4)
    assert plain.steps == shuffled.steps


@pytest.mark.parametrize("kind", [KarpathyTrainer, TurboTrainer])
def test_trainers_wear_them(kind):
    settings = {"hidden_units": 4, "games": 2, "max_frames": 400}
    settings |= {"batch_episodes": 2} if kind is KarpathyTrainer else {"rollout_steps": 8, "critic_units": 4}
    made = recipe("karpathy" if kind is KarpathyTrainer else "turbo", **settings)
    blind = kind(made, seed=1)
    before = blind.policy.w1.copy()
    blind.pixel_map = PixelMap.cropping(0, 0)
    events = blind.events()
    while blind.updates < 1:
        next(events)
    blind.close()
    # who sees nothing learns nothing
    assert np.array_equal(blind.policy.w1, before)
