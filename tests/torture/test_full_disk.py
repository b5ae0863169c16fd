"""A disk that is full at any moment: the session says so, waits, and goes on as if nothing had been."""

import contextlib
import os
import signal
import subprocess
import sys

import pytest

from pongarena.core.errors import LibraryError
from pongarena.library.metrics import MetricsTail
from pongarena.library.models import Library
from pongarena.library.sessions.client import State, log_tail, request, start_session
from tests.torture.conftest import LONG, QUICK, everything, left_behind, require_readable
from tests.waiting import wait_for, wait_until

CALLS, TARGET = (10_000, 8) if LONG else (4, 8)


@pytest.mark.timeout(5400 if LONG else 900)
def test_no_space_at_any_write_changes_nothing_in_the_end(sabotage, library, dice, tally):
    library.create("whole", QUICK, 7)
    calls = sabotage("session", model="whole", episodes=TARGET)["calls"]
    expected = everything(library.model("whole"))
    # the first two calls make the first status and the metrics: there is nothing yet that could be lost
    writes = [n for n, name in enumerate(calls) if name in ("create", "write") and n > 12]
    for number in sorted(dice.sample(writes, min(CALLS, len(writes)))):
        model = library.create("victim", QUICK, 7)
        said = sabotage("session", model="victim", episodes=TARGET, full_at=number, full_for=12)
        tally["disk full at a chosen write"] += 1
        assert (said.get("state"), said.get("episode")) == ("finished", TARGET), said
        require_readable(library)
        assert everything(model) == expected, f"full at call {number}, {calls[number]}"
        assert MetricsTail(model.path / "metrics.jsonl").damaged == 0
        assert left_behind(library) == []
        library.delete("victim")


def test_a_disk_that_is_full_from_the_start_is_named_and_nothing_is_half_there(sabotage, library, tally):
    for number in range(12):
        said = sabotage("create", model="new", full_at=number, full_for=1000)
        tally["disk full while a model is made"] += 1
        require_readable(library)
        if "error" not in said:
            library.delete("new")
            continue
        assert said["error"] in ("LibraryError", "DiskFullError"), said
        assert "free some space" in said["message"]
        assert library.models() == []
        assert left_behind(library) == []


@pytest.fixture
def small_disk(home):
    """A real file system with room for little, where this user may mount one."""
    home.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m,mode=0700", "none", home], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("needs the right to mount a small file system")
    yield home
    subprocess.run(["umount", "-l", home], check=True)


def fill(disk):
    """Takes all the space; returns the file that holds it."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))
    with filler.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(1))
    return filler


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a tmpfs")
def test_a_real_session_waits_while_a_real_disk_is_full(small_disk, library, tally, monkeypatch, tmp_path):
    model = library.create("deep", QUICK, 7)
    start_session(model)
    wait_until(lambda: model.status().episode >= 4, "it trained")
    filler = fill(small_disk)
    tally["a real disk full"] += 1
    waiting = wait_for(model, {State.PAUSED})
    assert "the disk is full" in waiting.message
    with pytest.raises(LibraryError, match="No space left"):
        library.create("other", QUICK, 1)
    assert [each.name for each in library.models()] == ["deep"]
    filler.unlink()
    assert wait_for(model, {State.RUNNING}).message == ""
    episode = model.status().episode
    wait_until(lambda: model.status().episode >= episode + 2, "it went on")
    filler = fill(small_disk)
    tally["a real disk full"] += 1
    wait_for(model, {State.PAUSED})
    os.kill(model.status().pid, 15)
    stopped = wait_for(model, {State.STOPPED})
    assert "while the disk was full" in stopped.message
    filler.unlink()
    start_session(model)
    request(model, "stop")
    ended = wait_for(model, {State.STOPPED})
    assert "the disk is full" in log_tail(model)

    monkeypatch.setenv("PONGARENA_HOME", str(tmp_path / "roomy"))
    roomy = Library(bundled=tmp_path / "none")
    whole = roomy.create("deep", QUICK, 7)
    start_session(whole, episodes=ended.episode)
    wait_for(whole, {State.FINISHED})
    one, other = everything(whole), everything(model)
    for name in ("weights", "memory"):
        assert one[name] == other[name], name
    for name in ("trainer", "session"):
        assert one["state"][name] == other["state"][name], name
    # how many games share a row goes by the clock
    one, other = whole.curve(), model.curve()
    # a game that no update had learned from is told, too, until it is played again
    learned = other.episodes <= ended.episode
    assert one.games.sum() == other.games[learned].sum() == ended.episode
    assert one.squares.sum() == other.squares[learned].sum()
    assert (one.running[-1], one.steps[-1]) == (other.running[learned][-1], other.steps[learned][-1])


@contextlib.contextmanager
def foreground(model, said):
    """The process of a training in the foreground that has learned; what it says on stderr goes to a file."""
    command = [sys.executable, "-m", "pongarena", "train", model.name]
    with said.open("wb") as output, subprocess.Popen(command, stderr=output) as process:
        wait_until(lambda: model.status().episode >= 2, "it trained")
        yield process


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a tmpfs")
def test_a_training_in_the_foreground_says_that_it_waits(small_disk, library, tally, tmp_path):
    model = library.create("deep", QUICK, 7)
    said = tmp_path / "said"
    with foreground(model, said) as process:
        filler = fill(small_disk)
        tally["a real disk full"] += 1
        wait_until(lambda: "deep: the disk is full; it continues by itself" in said.read_text(), "it said so")
        filler.unlink()
        wait_until(lambda: "deep: there is room again" in said.read_text(), "it went on")
        process.terminate()
    assert process.returncode == 128 + 15
    assert model.status().state is State.STOPPED


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a tmpfs")
def test_a_stop_on_a_full_disk_says_what_was_saved(small_disk, library, tally, tmp_path):
    model = library.create("deep", QUICK, 7)
    said = tmp_path / "said"
    with foreground(model, said) as process:
        fill(small_disk)
        tally["a real disk full"] += 1
        wait_until(lambda: "deep: the disk is full" in said.read_text(), "it said so")
        process.send_signal(signal.SIGINT)
    assert process.returncode == 128 + 2
    assert "while the disk was full: it resumes from its last checkpoint" in said.read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a tmpfs")
def test_a_population_waits_for_room_with_what_it_has_trained(small_disk, library, tally, tmp_path):
    said, filler = tmp_path / "said", fill(small_disk)
    tally["a real disk full"] += 1
    words = (
        "population karpathy best --seeds 2 --steps 600 --games 0 --set hidden_units=4 --set max_frames=1000"
    )
    command = [sys.executable, "-m", "pongarena", *words.split()]
    with said.open("wb") as output, subprocess.Popen(command, stderr=output) as process:
        wait_until(lambda: "the trainings wait to be kept" in said.read_text(), "it said so")
        assert left_behind(library) == []
        filler.unlink()
    assert process.returncode == 0
    assert library.model("best").checkpoints()
    require_readable(library)
