"""Sessions that begin on a machine whose compiler has not finished its work for them."""

import re
import subprocess
import sys

import psutil
import pytest

from pongarena.jobs.status import State
from pongarena.library.models import Library
from pongarena.library.sessions.client import log_tail, request, start_session
from pongarena.library.sessions.queue import start_or_wait
from pongarena.training.registry import recipe
from tests.compiling import TURBO, nearly_warm_cache
from tests.waiting import wait_for, wait_until

TIMEOUT_S = 350.0
"""The compiler needs seconds, and on a busy machine many times as long."""


@pytest.fixture
def library(tmp_path, monkeypatch):
    """With a compiler's cache in which something is missing."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(nearly_warm_cache(tmp_path / "cache")))
    return Library(bundled=tmp_path / "bundled")


@pytest.fixture
def model(library):
    return library.create("deep", TURBO, 3)


def compiles(status):
    return status.state is State.STARTING and "compiling" in status.message


def until_it_compiles(model):
    seen = []

    def is_seen():
        seen[:] = [model.status()]
        return seen[0].state is not State.STARTING or compiles(seen[0])

    wait_until(is_seen, "it compiled", TIMEOUT_S)
    assert compiles(seen[0]), seen
    return seen[0]


@pytest.mark.timeout(800)
def test_a_session_that_compiles_says_so_and_a_later_one_does_not(library, model):
    status = start_or_wait(library, model, patience_s=0.0)
    assert status.state is State.STARTING  # no error, however long it takes
    assert "compiling the game and the learner, once (" in until_it_compiles(model).message
    status = wait_for(model, {State.RUNNING})
    assert status.message == ""
    compiled = log_tail(model).count("compiling the game and the learner, once")
    assert compiled > 1 and f"(0 of {compiled})" in log_tail(model)
    request(model, "stop")
    wait_for(model, {State.STOPPED})
    wait_until(lambda: not psutil.pid_exists(status.pid), "its process was gone")
    assert start_session(model).state is State.RUNNING
    assert log_tail(model).count("compiling the game and the learner, once") == compiled


@pytest.mark.slow
@pytest.mark.timeout(800)
def test_who_waits_may_leave_as_soon_as_it_compiles(model):
    assert compiles(start_session(model, leave=compiles))


@pytest.mark.timeout(800)
def test_a_session_killed_while_it_compiles_resumes(library, model):
    start_or_wait(library, model, patience_s=0.0)
    psutil.Process(until_it_compiles(model).pid).kill()
    wait_for(model, {State.CRASHED})
    assert model.checkpoints() == [0]
    assert start_session(model).state is State.RUNNING
    request(model, "stop")
    assert wait_for(model, {State.STOPPED}).message == "stopped on request"


@pytest.mark.slow
@pytest.mark.timeout(800)
def test_a_session_that_compiles_is_stopped_on_request(library, model):
    start_or_wait(library, model, patience_s=0.0)
    until_it_compiles(model)
    request(model, "stop")
    stopped = wait_for(model, {State.STOPPED})
    assert (stopped.episode, stopped.updates) == (0, 0)
    assert model.checkpoints() == [0]


def pongarena(*words):
    return subprocess.run(
        [sys.executable, "-m", "pongarena", *words], capture_output=True, text=True, check=False
    )


@pytest.mark.timeout(800)
def test_the_command_returns_at_once_and_says_that_it_compiles(model):
    done = pongarena("train", "deep", "--background")
    assert (done.returncode, done.stderr) == (0, "")
    assert "deep is starting: " in done.stdout  # and what it does, unless the machine is too busy to say it
    assert "training deep in the background" in done.stdout
    listed = pongarena("sessions")
    assert "starting: compiling" in listed.stdout or "running" in listed.stdout


@pytest.mark.slow
@pytest.mark.timeout(800)
def test_a_training_in_the_foreground_tells_its_log_what_it_compiles(model):
    done = pongarena("train", "deep", "--minutes", "0.001")
    assert done.returncode == 0
    assert re.search(r"deep: compiling the game and the learner, once \(\d of \d\)", done.stderr)


@pytest.mark.slow
@pytest.mark.timeout(800)
def test_where_nothing_can_be_kept_it_compiles_each_time(library, tmp_path, monkeypatch, spawn):
    # on the emulator: the compiled games would be half a minute's work
    library.create("shallow", recipe("karpathy", emulator=1, hidden_units=4, games=1, max_frames=100), 3)
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file" / "cache"))
    words = ("train", "shallow", "--minutes", "0.001")
    assert "compiling" in pongarena(*words).stderr
    again = spawn([sys.executable, "-m", "pongarena", *words], stderr=subprocess.PIPE, text=True)
    assert "compiling" in again.stderr.readline()
