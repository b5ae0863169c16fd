"""What a session says of itself, and whether it is believed."""

import errno
import json
import os
import subprocess
import sys
import time

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pongarena.core.errors import LibraryError
from pongarena.jobs.process import is_alive
from pongarena.jobs.status import State, Status, read_status, write_status


@pytest.fixture
def path(tmp_path):
    return tmp_path / "status.json"


@pytest.fixture
def me():
    return {"pid": os.getpid(), "created": psutil.Process().create_time()}


def test_a_status_comes_back_as_it_was_written(path, me):
    status = Status(State.RUNNING, **me, episode=7, running_reward=-20.5, steps_per_s=812.0, target_episode=9)
    write_status(path, status)
    assert read_status(path) == status
    assert json.loads(path.read_text())["format_version"] == 1


def test_no_file_is_a_new_model(path):
    assert read_status(path).state is State.NEW


@pytest.mark.parametrize("state", [State.STARTING, State.RUNNING, State.PAUSED])
def test_a_process_that_vanished_is_a_crash(path, state):
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    write_status(
        path, Status(state, pid=child.pid, created=psutil.Process(child.pid).create_time(), episode=5)
    )
    assert read_status(path).state is state
    child.kill()
    # not waited for yet: a zombie; to ask psutil to wait would be to wait for it
    while psutil.Process(child.pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    assert read_status(path).state is State.CRASHED
    child.communicate()
    status = read_status(path)
    assert status.state is State.CRASHED
    assert "interrupted" in status.message
    assert status.episode == 5


def test_another_process_with_the_same_pid_is_not_the_session(path, me):
    write_status(path, Status(State.RUNNING, pid=me["pid"], created=me["created"] - 60))
    assert read_status(path).state is State.CRASHED
    assert is_alive(**me)
    assert not is_alive(0, 0.0)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        '{"format_version":99,"state":"running"}',
        '{"format_version":1,"state":"flying"}',
        '{"format_version":1,"state":"running","pid":"7"}',
        '{"format_version":1,"episode":NaN}',
        "[" * 100_000,
    ],
)
def test_a_damaged_status_says_so_and_stops_nobody(path, content):
    path.write_text(content)
    status = read_status(path)
    assert not status.active
    assert "cannot be read" in status.message


@given(st.binary(max_size=200))
def test_no_bytes_make_a_reader_fall(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("status") / "status.json"
    path.write_bytes(content)
    assert not read_status(path).active


def test_on_a_full_disk_the_last_word_is_written_over_the_one_before(path, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    write_status(path, Status(State.RUNNING, message="a long message that is there already, and longer"))
    monkeypatch.setattr(os, "fsync", full)
    write_status(path, Status(State.STOPPED, message="the disk is full"))
    status = read_status(path)
    assert (status.state, status.message) == (State.STOPPED, "the disk is full")
    path.unlink()
    with pytest.raises(LibraryError):
        write_status(path, status)
    assert list(path.parent.iterdir()) == []
