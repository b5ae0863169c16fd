"""Clips: what is in the file, and what becomes of it when there is no room."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pongarena.core.errors import InvalidSettingError, LibraryError
from pongarena.window.clip import check_clip, frames_a_picture, write_clip
from tests.window.gif import opened

GROUND, BALL = 0x904811, 0xECECEC


def moving(count, size=(40, 60)):
    """A ball on a ground, one pixel further in every picture; it rests from the 5th to the 7th."""
    for number in range(count):
        picture = np.full(size, GROUND, np.uint32)
        place = min(number, 5) if number < 8 else number
        picture[10:14, place : place + 2] = BALL
        yield picture


def test_a_gif_has_every_picture_and_its_time(tmp_path):
    path = tmp_path / "clip.gif"
    write_clip(path, moving(12))
    pictures, times = opened(path)
    expected = list(moving(12))
    del expected[6:8]  # what rests is not repeated, but shown for longer
    assert len(pictures) == len(expected) == 10
    assert all(np.array_equal(a, b) for a, b in zip(pictures, expected, strict=True))
    assert times == [30, 30, 40, 30, 30, 40 + 30 + 30, 40, 30, 30, 40 + 1500]
    assert list(tmp_path.iterdir()) == [path]


def test_a_gif_of_many_colours_stays_near_them(tmp_path):
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 1 << 24, (50, 50), dtype=np.uint32) for _ in range(3)]
    flat = np.full((50, 50), GROUND, np.uint32)
    write_clip(tmp_path / "clip.gif", [flat, *pictures])
    again, _ = opened(tmp_path / "clip.gif")
    assert np.array_equal(again[0], flat)
    for before, after in zip(pictures, again[1:], strict=True):
        off = [np.abs((before >> s & 255).astype(int) - (after >> s & 255).astype(int)) for s in (0, 8, 16)]
        assert np.max(off) <= 128
        assert np.mean(off) < 20


def test_an_mp4_has_the_games_own_speed(tmp_path):
    imageio_ffmpeg = pytest.importorskip("imageio_ffmpeg")
    path = tmp_path / "clip.mp4"
    write_clip(path, moving(30, size=(41, 61)))
    reader = imageio_ffmpeg.read_frames(str(path))
    described = next(reader)
    reader.close()
    assert described["size"] == (60, 40)
    assert described["fps"] == 60
    assert imageio_ffmpeg.count_frames_and_secs(str(path))[0] == 30 + 90
    assert list(tmp_path.iterdir()) == [path]


def test_an_mp4_without_the_extra_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(InvalidSettingError, match=r"pip install 'pongarena\[video\]'"):
        write_clip(tmp_path / "clip.mp4", moving(3))


def test_refusals(tmp_path):
    with pytest.raises(InvalidSettingError, match=r"\.gif or an \.mp4"):
        check_clip(tmp_path / "clip.avi")
    with pytest.raises(LibraryError, match="create it"):
        check_clip(tmp_path / "nowhere" / "clip.gif")
    for name in ("clip.gif", "clip.mp4"):
        with pytest.raises(InvalidSettingError, match="at least one picture"):
            write_clip(tmp_path / name, iter(()))
    assert not list(tmp_path.iterdir())
    assert frames_a_picture(tmp_path / "a.GIF") == 2
    assert frames_a_picture(tmp_path / "a.mp4") == 1


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that even root cannot write")
@pytest.mark.parametrize("kind", ["gif", "mp4"])
def test_a_folder_that_cannot_be_written_is_named(kind):
    with pytest.raises(LibraryError, match=f"cannot write /proc/self/clip.{kind}.*make the folder writable"):
        write_clip(Path(f"/proc/self/clip.{kind}"), moving(3))


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit")
@pytest.mark.parametrize("kind", ["gif", "mp4"])
def test_a_full_disk_leaves_no_half_file(tmp_path, kind):
    """The system lets no file grow beyond 20 kB, as a full disk would not."""
    path = tmp_path / f"clip.{kind}"
    path.write_bytes(b"an older clip")
    code = (
        "import resource, sys\nimport numpy as np\nfrom pathlib import Path\n"
        "from pongarena.window.clip import write_clip\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
        "noise = np.random.default_rng(0)\n"
        "pictures = (noise.integers(0, 1 << 24, (200, 200), dtype=np.uint32) for _ in range(40))\n"
        "write_clip(Path(sys.argv[1]), pictures)\n"
    )
    run = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "LibraryError: cannot write" in run.stderr
    assert "File too large; free some space" in run.stderr
    assert "FFMPEG" not in run.stderr.rpartition("LibraryError")[2] and "av_" not in run.stderr
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == b"an older clip"
