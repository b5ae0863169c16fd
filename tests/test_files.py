"""Writing files whole, or not at all."""

import json
import os
from pathlib import Path

import pytest

from pongarena.errors import LibraryError
from pongarena.files import write_atomically, write_json_atomically


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
