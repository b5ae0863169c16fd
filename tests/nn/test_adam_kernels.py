"""From the emulator's frames to entries."""

import numpy as np

from pongarena.envs.observation import SparseFrames
from pongarena.nn.adam_kernels import with_lit_pixels
from pongarena.nn.frames import Frames
from tests.training.made import dense


def test_the_critic_also_sees_what_is_lit():
    rng = np.random.default_rng(3)
    views = rng.random((4, 80, 80)) < 0.01
    differences = rng.choice([-1, 0, 1], size=(4, 6400), p=[0.01, 0.98, 0.01])
    plain = SparseFrames.from_dense(differences)
    words = views.reshape(4, -1).view(np.uint64)
    seen = SparseFrames(*with_lit_pixels(plain.starts, plain.columns, plain.values, words))
    frames, rows = Frames.of(plain, seen), np.arange(4)
    assert len(frames) == 4
    np.testing.assert_array_equal(dense(frames, rows), differences)
    both = np.concatenate([differences, views.reshape(4, -1)], axis=1)
    np.testing.assert_array_equal(dense(frames, rows, 2), both)


def test_frames_without_the_critics_part_have_nothing_behind_them():
    plain = SparseFrames.from_dense(np.eye(3, 6400))
    frames = Frames.of(plain)
    assert np.array_equal(frames.middle, frames.end)
    np.testing.assert_array_equal(dense(frames, np.arange(3)), plain.dense())
