"""Writing files whole, or not at all."""

import json
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pongarena.core.errors import DiskFullError, LibraryError
from pongarena.core.files import (
    TEMPORARY,
    copy_ordinary,
    open_to_append,
    overwrite_in_place,
    write_atomically,
    write_json_atomically,
)


def test_a_written_file_has_its_content_and_leaves_no_temporary(tmp_path: Path) -> None:
    path = tmp_path / "status.json"
    write_json_atomically(path, {"état": [1, 2.5, None]})
    assert json.loads(path.read_text(encoding="utf-8")) == {"état": [1, 2.5, None]}
    assert [p.name for p in tmp_path.iterdir()] == ["status.json"]


def test_a_failing_writer_leaves_the_old_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "weights.npz"
    path.write_bytes(b"old")

    def fail_half_way(file) -> None:
        file.write(b"half")
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        write_atomically(path, fail_half_way)
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["weights.npz"]


def test_not_a_number_is_never_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Out of range float values"):
        write_json_atomically(tmp_path / "status.json", {"reward": float("nan")})
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_missing_is_named_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match=r"cannot write .*nowhere.*make the folder writable"):
        write_atomically(tmp_path / "nowhere" / "file", b"x")


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs POSIX device files")
def test_a_full_disk_is_reported_and_the_old_file_kept(tmp_path: Path) -> None:
    path = tmp_path / "metrics"
    path.write_bytes(b"old")

    def fill(file) -> None:
        with Path("/dev/full").open("wb", buffering=0) as full:
            full.write(b"x")

    with pytest.raises(LibraryError, match="No space left on device; free some space"):
        write_atomically(path, fill)
    assert path.read_bytes() == b"old"


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs POSIX device files")
def test_a_full_disk_is_an_error_of_its_own_because_it_is_worth_waiting(tmp_path: Path) -> None:
    def fill(file) -> None:
        with Path("/dev/full").open("wb", buffering=0) as full:
            full.write(b"x")

    with pytest.raises(DiskFullError):
        write_atomically(tmp_path / "file", fill)
    with pytest.raises(LibraryError) as missing:
        write_atomically(tmp_path / "nowhere" / "file", b"x")
    assert not isinstance(missing.value, DiskFullError)


@given(old=st.binary(max_size=200), new=st.binary(max_size=200))
def test_what_is_written_in_place_is_the_new_and_never_shorter(old: bytes, new: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "status.json"
        path.write_bytes(old)
        overwrite_in_place(path, new)
        assert path.read_bytes() == new + b" " * (len(old) - len(new))


def test_in_the_place_of_nothing_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="cannot write"):
        overwrite_in_place(tmp_path / "status.json", b"x")
    assert not list(tmp_path.iterdir())


def test_unfinished_files_tell_who_writes_them(tmp_path: Path) -> None:
    seen = []
    write_atomically(tmp_path / "a.b-c.json", lambda _: seen.extend(each.name for each in tmp_path.iterdir()))
    (match,) = [TEMPORARY.fullmatch(name) for name in seen]
    assert int(match["pid"]) == os.getpid()
    assert TEMPORARY.fullmatch(".status.json.k3_x9abz.part")["pid"] is None
    for name in ("status.json", ".status.json", "notes.part", ".part"):
        assert TEMPORARY.fullmatch(name) is None


@pytest.fixture(params=["symbolic", "hard", "dangling", "pipe"])
def trap(request, tmp_path):
    """A log that leads elsewhere."""
    if os.name != "posix":
        pytest.skip("such files are POSIX's")
    log, other = tmp_path / "log", tmp_path / "other"
    other.write_text("precious")
    if request.param == "pipe":
        os.mkfifo(log)
    elif request.param == "hard":
        log.hardlink_to(other)
    else:
        log.symlink_to(other if request.param == "symbolic" else tmp_path / "nowhere")
    yield log
    assert other.read_text() == "precious"
    assert not (tmp_path / "nowhere").exists()


def test_a_log_that_leads_elsewhere_is_refused_in_words(trap):
    with pytest.raises(LibraryError, match=r"remove it"):
        open_to_append(trap, 0o600)


def test_nothing_is_written_in_place_through_a_link(trap):
    with pytest.raises(LibraryError, match=r"remove it"):
        overwrite_in_place(trap, b"x")


def test_a_log_is_made_and_grows_at_its_end(tmp_path):
    for part in (b"one\n", b"two\n"):
        with os.fdopen(open_to_append(tmp_path / "log", 0o600), "r+b", buffering=0) as file:
            file.write(part)
    assert (tmp_path / "log").read_bytes() == b"one\ntwo\n"


def test_only_what_ends_is_copied(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    os.utime(tmp_path / "a", (5, 5))
    copy_ordinary(tmp_path / "a", tmp_path / "b")
    assert ((tmp_path / "b").read_bytes(), (tmp_path / "b").stat().st_mtime) == (b"abc", 5)
    (tmp_path / "endless").symlink_to("/dev/zero")
    with pytest.raises(OSError, match="not a regular file"):
        copy_ordinary(tmp_path / "endless", tmp_path / "c")


@pytest.mark.parametrize("name", ["a" * 255, "é" * 127, "\N{TABLE TENNIS PADDLE AND BALL}" * 63])
def test_the_longest_name_is_no_longer_than_its_temporary(tmp_path, name):
    write_atomically(tmp_path / name, b"new")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_name_that_is_too_long_is_refused_with_the_way_out(tmp_path):
    with pytest.raises(LibraryError, match="choose a shorter name, then try again"):
        write_atomically(tmp_path / ("a" * 256), b"new")
