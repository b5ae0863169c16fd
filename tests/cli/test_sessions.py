"""Sessions in the background."""

import json

from pongarena.jobs.status import State
from pongarena.library.models import Library
from tests.cli.running import TRAIN, run
from tests.waiting import wait_for


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
