"""Files that are none, in every place where a command looks: pipes, endless devices, holes, bombs, links."""

import io
import os
import resource
import shutil
import zipfile
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from pongarena.cli import cli
from pongarena.core import paths
from pongarena.core.errors import LibraryError, PongArenaError
from pongarena.jobs.background import start_in_background
from pongarena.jobs.lock import held, line_lock, model_lock
from pongarena.library.duplicate import duplicate
from pongarena.library.metrics import MetricsWriter
from pongarena.library.models import Library
from pongarena.library.preferences import FILE, update_preferences
from pongarena.library.repairs import Backup, needed_repairs, perform
from pongarena.match.log import append_to_log, read_log
from pongarena.match.tournament import tournaments
from pongarena.nn.archive import is_whole
from pongarena.nn.checkpoint import read_checkpoint, read_resume
from tests.test_formats import FORMATS, MATCH

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="such files are POSIX's"),
    pytest.mark.timeout(60),  # what waits for a pipe waits for ever
]

COMMANDS = (
    "models list", "models list --json", "models show karpathy", "models show turbo", "models trash",
    "sessions --all", "ladder", "ratings", "replay --list", f"replay {MATCH}", "tournament list",
    "tournament show", "lab list", "lab report tight-crop-1", "estimate", "export karpathy -o x.npz",
    "import models/karpathy/checkpoints/ep000001.npz --name other", "import gift.pongarena",
)  # fmt: skip


@pytest.fixture
def full(home, monkeypatch):
    """A data directory with a file of every kind."""
    for name in ("models", "tournaments", "lab"):
        shutil.copytree(FORMATS / name, home / name)
    for name, source in (
        ("preferences.json", "preferences-1.json"),
        ("measured.json", "measured-1.json"),
        ("settings.json", "settings-1.json"),
        ("matches.jsonl", "matches-2.jsonl"),
        ("gift.pongarena", "bundle-1.pongarena"),
        ("models/karpathy/notes.json", "notes-1.json"),
        ("models/karpathy/card.json", "card-1.json"),
        ("models/karpathy/snapshot.npz", "snapshot-1.npz"),
    ):
        shutil.copy(FORMATS / source, home / name)
    for name in (
        "models/karpathy/evaluations.json",
        "models/karpathy/train.log",
        "models/karpathy/curve.npz",
    ):
        (home / name).write_text("x\n")
    paths.matches_dir().mkdir()
    shutil.copy(FORMATS / "recording-3.npz", paths.matches_dir() / f"{MATCH}.npz")
    monkeypatch.chdir(home)
    return home


def as_pipe(path):
    os.mkfifo(path)


def as_endless_device(path):
    path.symlink_to("/dev/zero")


def as_folder(path):
    path.mkdir()


def as_hole(path):
    with path.open("wb") as file:
        file.truncate(1 << 40)


def as_bomb(path):
    path.write_bytes(bomb_of(140 << 20))


def as_loop(path):
    path.symlink_to(path.name)


TRAPS = (as_pipe, as_endless_device, as_folder, as_hole, as_bomb, as_loop)


@pytest.mark.parametrize("trap", TRAPS)
def test_no_command_waits_or_dies_wherever_such_a_file_lies(full, trap):
    for path in [each for each in full.rglob("*") if each.is_file() and each.name != "model.json"]:
        path.unlink()
        trap(path)
    for command in COMMANDS:
        done = CliRunner().invoke(cli, command.split())
        assert done.exit_code in (0, 2), (command, done.output)
        assert done.exception is None or isinstance(done.exception, SystemExit), command
    library, backup = Library(), Backup()
    for repair in needed_repairs(library):
        try:
            perform(repair, backup)
        except PongArenaError as error:
            assert "Traceback" not in str(error)
    assert {model.name for model in library.models() if not model.bundled} >= {"karpathy", "turbo"}


@pytest.mark.parametrize("trap", TRAPS)
def test_a_description_that_is_none_is_told_of(full, trap):
    for path in full.glob("*/*/*.json"):
        path.unlink()
        trap(path)
    assert all(model.fault for model in Library(bundled=full / "none").models())
    assert all(each.fault for each in tournaments())
    for command in COMMANDS:
        done = CliRunner().invoke(cli, command.split())
        assert done.exit_code in (0, 2), (command, done.output)


@pytest.mark.parametrize("where", ["checkpoints", "."])
def test_a_model_with_such_a_file_is_not_copied(full, where):
    (full / "models" / "karpathy" / where / "x.npz").symlink_to("/dev/zero")
    with pytest.raises(LibraryError):
        duplicate(Library(), "karpathy", "twin")
    assert not (full / "models" / "twin").exists()


def test_a_log_with_a_hole_is_read_behind_it(full):
    for path in (paths.matches_log(), full / "models" / "turbo" / "metrics.jsonl"):
        content = path.read_bytes()
        with path.open("r+b") as file:
            file.seek(1 << 40)
            file.write(b"\n" + content)
    assert (len(read_log().results), read_log().damaged) == (2, 1)
    curve = Library().model("turbo").curve_tail()
    curve.refresh()
    assert curve.damaged >= 1
    assert not curve.refresh(), "its place was found again"


# -- bombs


@cache
def bomb_of(size: int, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A part of zeros that is a thousandth as large while it is packed."""
    file, block = io.BytesIO(), bytes(1 << 20)
    with zipfile.ZipFile(file, "w", method, compresslevel=1) as archive, archive.open("w1.npy", "w") as part:
        for _ in range(size >> 20):
            part.write(block)
    return file.getvalue()


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_is_packed_in_other_ways_is_not_unpacked(tmp_path, method):
    (tmp_path / "resume.npz").write_bytes(bomb_of(2 << 20, method))
    assert not is_whole(tmp_path / "resume.npz", thoroughly=True)
    with pytest.raises(PongArenaError, match="a way that numpy does not use"):
        read_resume(tmp_path / "resume.npz")


def test_an_archive_that_would_unpack_to_more_than_any_of_ours_is_not_unpacked(tmp_path):
    path = tmp_path / "ep000001.npz"
    path.write_bytes(bomb_of(140 << 20))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert not is_whole(path, thoroughly=False)
    for read in (read_resume, read_checkpoint):
        with pytest.raises(PongArenaError, match="it unpacks to 146,800,640 bytes"):
            read(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 << 10  # kilobytes


def test_parts_that_lie_in_one_another_are_not_read(tmp_path):
    """Every entry of the table of contents leads to the same bytes."""
    path = tmp_path / "resume.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.npy", bytes(100_000))
        archive.writestr("b.npy", b"")
        (info,) = [each for each in archive.infolist() if each.filename == "a.npy"]
        for number in range(50):
            twin = zipfile.ZipInfo(f"{number}.npy")
            for name in ("CRC", "compress_size", "file_size", "header_offset"):
                setattr(twin, name, getattr(info, name))
            archive.filelist.append(twin)
    assert not is_whole(path, thoroughly=True)
    with pytest.raises(PongArenaError, match="its parts have 5,100,000 bytes"):
        read_resume(path)


# -- locks and logs that are links


@pytest.fixture(params=["symbolic", "hard"])
def link(request, tmp_path):
    """Makes a link to something precious; at the end that must be as it was."""
    precious = tmp_path / "precious"
    precious.write_text("years of work\n")

    def make(path: Path) -> None:
        path.unlink(missing_ok=True)
        if request.param == "hard":
            path.hardlink_to(precious)
        else:
            path.symlink_to(precious)

    yield make
    assert precious.read_text() == "years of work\n"


def test_no_lock_empties_what_it_leads_to(full, link):
    library = Library()
    link(full / "models" / "karpathy" / "lock")
    link(full / "models" / ".line.lock")
    link(full / f".{FILE}.lock")
    for take in (lambda: model_lock(full / "models" / "karpathy"), lambda: line_lock(library.root)):
        with pytest.raises(LibraryError, match="link"), take():
            pass
    with pytest.raises(LibraryError, match="link"), held(full / f".{FILE}.lock", 0, "taken"):
        pass
    with pytest.raises(LibraryError, match="link"):
        update_preferences(full, theme="dark")
    needed_repairs(library)  # looks whether somebody holds a lock


def test_no_log_grows_where_it_leads_to(full, link):
    metrics = full / "models" / "karpathy" / "metrics.jsonl"
    link(metrics)
    with pytest.raises(LibraryError, match="link"):
        MetricsWriter(metrics)
    result = read_log().results[0]
    link(paths.matches_log())
    with pytest.raises(LibraryError, match="link"):
        append_to_log(result)
    link(full / "models" / "turbo" / "train.log")
    done = CliRunner().invoke(cli, ["train", "turbo", "--background"])
    assert (done.exit_code, "link" in done.output) == (2, True), done.output
    link(full / "run.log")
    for anew in (False, True):
        with pytest.raises(LibraryError, match="link"):
            start_in_background(["--version"], full / "run.log", what="it", anew=anew)
