"""A model's whole training as one clip."""

import pytest
from PIL import Image

from pongarena.cli.reel import spread
from tests.cli.running import run
from tests.window.mp4 import heard_in, pictures_of, streams


def test_reel(ada, tmp_path):
    path = tmp_path / "grow.gif"
    done = run("reel", "ada", "--most", 2, "--seconds", 1, "--scale", 1, "--no-cards", "-o", path)
    assert done.exit_code == 0, done.output
    assert "checkpoints 0, 200" in done.output
    with Image.open(path) as image:
        times = []
        for number in range(image.n_frames):
            image.seek(number)
            times.append(image.info["duration"])
    assert sum(times) == pytest.approx(2 * (1000 + 700) + 1500, abs=150)


def test_a_reel_begins_and_ends_with_a_card(ada, tmp_path):
    path = tmp_path / "grow.mp4"
    wanted = "--most", 2, "--seconds", 1, "--scale", 1, "--layout", "field"
    done = run("reel", "ada", *wanted, "-o", path)
    assert done.exit_code == 0, done.output
    assert ["Audio" in line for line in streams(path)] == [False, True]
    assert len(heard_in(path)) == pytest.approx(60 * (1.5 + 2 * 1.7 + 3 + 1.5), abs=6)
    near = [abs(each.astype(int) - (144, 72, 17)).max(axis=2) < 12 for each in pictures_of(path)]
    brown = [each.mean() for each in near]
    assert max(brown[:3]) < 0.3 < min(brown[4:6])
    assert max(brown[-8:]) < 0.5


def test_spread():
    assert spread([1, 2, 3], 8) == [1, 2, 3]
    assert spread(list(range(0, 1001, 100)), 3) == [0, 500, 1000]
    assert spread([], 3) == []
