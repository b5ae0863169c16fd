"""Filming matches."""

from PIL import Image

from pongarena.core import paths
from pongarena.window.arrangement import window_size
from tests.cli.running import run


def test_record(ada, tmp_path):
    path = tmp_path / "clip.gif"
    done = run("record", "ai", "ada@100", "--points", 1, "--scale", 1, "--seed", 3, "-o", path)
    assert done.exit_code == 0, done.output
    assert f"wrote {path}" in done.output
    assert "ada@100" in done.output
    with Image.open(path) as image:
        assert image.size == window_size(1, 1)
        assert image.n_frames > 40
    assert not paths.matches_log().exists()


def test_record_stops_in_time(ada, tmp_path):
    path = tmp_path / "clip.gif"
    done = run("record", "ada", "ada@0", "--seconds", 1, "--scale", 1, "--no-overlay", "-o", path)
    assert done.exit_code == 0, done.output
    assert "stopped before the end" in done.output
    with Image.open(path) as image:
        assert image.size == window_size(1, 0)
