"""A model's whole training as one clip."""

import pytest
from PIL import Image

from pongarena.cli.reel import spread
from tests.cli.running import run


def test_reel(ada, tmp_path):
    path = tmp_path / "grow.gif"
    done = run("reel", "ada", "--most", 2, "--seconds", 1, "--scale", 1, "-o", path)
    assert done.exit_code == 0, done.output
    assert "checkpoints 0, 200" in done.output
    with Image.open(path) as image:
        times = []
        for number in range(image.n_frames):
            image.seek(number)
            times.append(image.info["duration"])
    assert sum(times) == pytest.approx(2 * (1000 + 700) + 1500, abs=150)


def test_spread():
    assert spread([1, 2, 3], 8) == [1, 2, 3]
    assert spread(list(range(0, 1001, 100)), 3) == [0, 500, 1000]
    assert spread([], 3) == []
