"""Sessions in the background."""

import json
import os
import signal

import psutil
import pytest

from pongarena.jobs.status import State
from pongarena.library.models import Library
from tests.cli.running import TRAIN, run
from tests.waiting import wait_for, wait_until


def test_a_background_session_is_started_listed_paused_resumed_and_stopped():
    assert "in the background" in run("train", "deep", *TRAIN, "--background").stdout
    wait_for(Library().model("deep"), {State.RUNNING})
    (listed,) = json.loads(run("sessions", "--json").stdout)
    assert (listed["name"], listed["state"]) == ("deep", "running")
    assert "deep" in run("sessions").stdout
    assert "is paused" in run("pause", "deep").stdout
    assert "deep is running" in run("resume", "deep").stdout
    assert "saved deep@" in run("checkpoint", "deep").stdout
    assert "deep is stopped" in run("stop", "deep").stdout
    assert json.loads(run("sessions", "--json").stdout) == []


@pytest.mark.skipif(os.name != "posix", reason="suspends with a signal")
def test_a_suspended_session_is_listed_with_the_way_out(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")  # long words are broken in narrow tables
    run("train", "deep", *TRAIN, "--background")
    pid = wait_for(Library().model("deep"), {State.RUNNING}).pid
    try:
        os.kill(pid, signal.SIGSTOP)
        wait_until(lambda: psutil.Process(pid).status() == psutil.STATUS_STOPPED)
        assert f"deep is suspended (process {pid}); continue it: kill -CONT {pid}" in run("sessions").stdout
        assert f"suspended, continue it: kill -CONT {pid}" in run("jobs").stdout
    finally:
        os.kill(pid, signal.SIGCONT)
    run("stop", "deep")
