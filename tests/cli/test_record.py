"""Filming matches."""

import os

import pytest
from PIL import Image

from pongarena.core import paths
from pongarena.tui.data.clips import last_clips
from pongarena.window.arrangement import mind_size, window_size
from pongarena.window.clip_folder import new_clip
from tests.cli.running import run
from tests.window.mp4 import heard_in, streams


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


@pytest.mark.parametrize(
    ("layout", "size"),
    [("field", window_size(1, 0)), ("field+mind", window_size(1, 1)), ("mind", mind_size(1, 1)[2])],
)
def test_what_is_filmed(ada, tmp_path, layout, size):
    path = tmp_path / "clip.gif"
    wanted = "record", "ai", "ada", "--seconds", 1, "--scale", 1, "--no-cards", "--layout", layout
    done = run(*wanted, "-o", path)
    assert done.exit_code == 0, done.output
    with Image.open(path) as image:
        assert image.size == size
    if layout != "field":
        done = run(*wanted, "--no-overlay", "-o", path, "--force")
        assert done.exit_code == 2
        assert "leave one of them out" in done.output


def test_a_film_with_sound_and_a_card(ada, tmp_path):
    path = tmp_path / "clip.mp4"
    tmp_path.chmod(0o755)
    wanted = "--points", 1, "--seconds", 1, "--scale", 1, "--layout", "field"
    done = run("record", "ai", "ada", *wanted, "-o", path)
    assert done.exit_code == 0, done.output
    assert ["Audio" in line for line in streams(path)] == [False, True]
    assert len(heard_in(path)) == pytest.approx(60 * (1.5 + 1 + 1.5), abs=4)
    assert os.name != "posix" or path.stat().st_mode & 0o044, "as readable as its folder"


def test_a_film_without_a_place_goes_among_the_clips_and_overwrites_none(ada):
    wanted = "record", "ai", "ada@100", "--seconds", 1, "--scale", 1, "--no-cards", "--layout", "field"
    outputs = [run(*wanted).output for _ in range(2)]
    clips = sorted(paths.clips_dir().iterdir())
    assert [path.stem for path in clips] == ["ai-ada-001", "ai-ada-002"]
    assert all(str(path) in output for path, output in zip(clips, outputs, strict=True))
    assert {clip.path for clip in last_clips()} == set(clips)


def test_a_film_that_fails_leaves_nothing_among_the_clips(home):
    with pytest.raises(RuntimeError), new_clip("ai-../ada@1 x", ".mp4") as path:
        assert path.name == "ai-ada-1-x-001.mp4"
        assert last_clips() == ()
        raise RuntimeError
    assert not list(paths.clips_dir().iterdir())


def test_the_name_of_a_clip_is_made_printable(ada, tmp_path):
    path = tmp_path / "clip\x1b]0;owned\x07\u202e.gif"
    done = run("record", "ai", "ada", "--seconds", 1, "--scale", 1, "--no-cards", "-o", path)
    assert done.exit_code == 0 and path.exists(), done.output
    assert "wrote" in done.output and not set("\x1b\x07\u202e") & set(done.output)
