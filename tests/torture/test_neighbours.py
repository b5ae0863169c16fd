"""Several programs on one library at once, and files that an older or a dying program left."""

import json
import os
import random
import shutil
import sys
import time

import pexpect
import pytest

from pongarena.core.errors import SessionError
from pongarena.jobs.lock import model_lock
from pongarena.jobs.requests import Verb, pending_requests, submit_request
from pongarena.library.sessions.client import State, request, start_session
from tests.torture.conftest import LONG, QUICK, ROOT, SEED, require_readable
from tests.waiting import PATIENCE_S, wait_for, wait_until

COMMANDS = 200 if LONG else 25

_SHELL = """
import random, sys, warnings
import click
from pongarena.cli import cli

dice, count = random.Random(sys.argv[1]), int(sys.argv[2])
names = [f"m{n}" for n in range(4)]
for _ in range(count):
    name, other = dice.sample(names, 2)
    arguments = dice.choice([
        ["models", "list"], ["models", "list", "--json"], ["models", "show", name], ["sessions", "--all"],
        ["models", "fork", "live", name], ["models", "fork", name, other], ["models", "rename", name, other],
        ["models", "delete", name, "--yes"], ["models", "delete", "live", "--yes"], ["checkpoint", "live"],
        ["pause", "live"], ["resume", "live"],
    ])
    try:
        cli.main(arguments, prog_name="pongarena", standalone_mode=False)
    except (click.ClickException, SystemExit) as error:
        print("refused:", *arguments, repr(error))
    print("done:", *arguments, flush=True)
print("all done")
"""
"""Command lines one after another; any error but those that tell a user what to do ends it."""


@pytest.mark.skipif(os.name != "posix", reason="needs pseudo-terminals")
@pytest.mark.timeout(5400 if LONG else 900)
def test_two_apps_and_three_command_lines_work_on_one_library(library, tmp_path, tally, spawn, spawn_app):
    live = library.create("live", QUICK, 7)
    start_session(live)
    wait_until(lambda: len(live.checkpoints()) > 1, "it trained")
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "COLUMNS": "80"}
    apps = [spawn_app(env=environment, dimensions=(30, 100)) for _ in range(2)]
    for app in apps:
        app.expect("live")
    outputs = [tmp_path / f"shell-{number}" for number in range(3)]  # a pipe that nobody reads would fill
    shells = []
    for number, output in enumerate(outputs):
        with output.open("w") as file:
            command = [sys.executable, "-c", _SHELL, f"{SEED} {number}", str(COMMANDS)]
            shells.append(spawn(command, env=environment, stdout=file, stderr=file))
    dice = random.Random(SEED)
    while any(shell.poll() is None for shell in shells):
        for app in apps:
            app.send(dice.choice(["j", "k", "\x1b[A", "\x1b[B"]))
            try:
                app.read_nonblocking(1 << 16, timeout=0.05)
            except pexpect.TIMEOUT:
                continue
    for shell, output in zip(shells, outputs, strict=True):
        said = output.read_text()
        assert shell.returncode == 0, said
        assert said.rstrip().endswith("all done"), said
        assert "Traceback" not in said
        assert "damaged" not in said, said
        tally["command lines at once with others"] += said.count("done:") - 1
    for app in apps:
        tally["apps at once with others"] += 1
        assert app.isalive()
        app.send("q")
        app.expect(pexpect.EOF)
        app.close()
        assert app.exitstatus == 0
    require_readable(library)
    assert live.status().active
    if live.status().state is State.PAUSED:
        request(live, "resume")
        wait_for(live, {State.RUNNING})
    episode = live.status().episode
    wait_until(lambda: live.status().episode > episode, "it went on")
    assert {each.name[:1] for each in library.models()} <= {"l", "m"}


def test_of_two_that_start_one_session_at_once_one_trains(library, tmp_path, tally, spawn):
    model = library.create("deep", QUICK, 7)
    command = [sys.executable, "-m", "pongarena", "session", "deep", "--episodes", "1000000"]
    said_by = [tmp_path / "one", tmp_path / "other"]
    both = []
    for output in said_by:
        with output.open("w") as file:
            both.append(spawn(command, stderr=file))
    wait_until(lambda: any(each.poll() is not None for each in both), "one of them ended")
    first_to_end = next(each for each in both if each.poll() is not None)
    said = said_by[both.index(first_to_end)].read_text()
    assert first_to_end.returncode == 2, said
    assert "already" in said or "another process trains" in said
    tally["sessions started twice"] += 1
    request(model, "stop")
    wait_for(model, {State.STOPPED})
    for each in both:
        each.wait(PATIENCE_S)
    require_readable(library)


def test_a_lock_of_the_dead_locks_nobody_out(library, sabotage, tally):
    model = library.create("deep", QUICK, 7)
    assert sabotage("session", model="deep", episodes=99, kill_at=30)["killed"]
    assert (model.path / "lock").exists()
    tally["locks left by the dead"] += 1
    with model_lock(model.path):
        pass
    with model_lock(model.path), pytest.raises(SessionError, match="another process"), model_lock(model.path):
        pass


def test_a_session_of_an_older_version_is_understood(library, tally):
    """Its status has no birth, and whatever else came later."""
    model = library.create("deep", QUICK, 7)
    start_session(model)
    path = model.path / "status.json"
    os.kill(model.status().pid, 19)  # it must not write a newer one meanwhile
    old = {
        key: value for key, value in json.loads(path.read_text()).items()
        if key in ("format_version", "state", "pid", "created", "episode", "updated", "message")
    }  # fmt: skip
    path.write_text(json.dumps(old))
    assert model.status().state in (State.STARTING, State.RUNNING)
    tally["sessions of an older version"] += 1
    with pytest.raises(SessionError, match="already"):
        start_session(model)
    os.kill(model.status().pid, 18)
    request(model, "stop")
    assert wait_for(model, {State.STOPPED}).episode >= 0


def test_a_status_of_a_newer_version_does_not_let_a_second_session_in(library, tally):
    model = library.create("deep", QUICK, 7)
    pid = start_session(model).pid
    os.kill(pid, 19)
    path = model.path / "status.json"
    newer = json.loads(path.read_text()) | {"format_version": 99}
    path.write_text(json.dumps(newer))
    assert "99" in model.status().message
    tally["sessions of a newer version"] += 1
    for change in (lambda: start_session(model), lambda: library.delete("deep")):
        with pytest.raises(SessionError, match="another process"):
            change()
    os.kill(pid, 9)


def test_what_lies_among_the_requests_and_is_none_is_not_served(library, tally):
    model = library.create("deep", QUICK, 7)
    requests = model.path / "requests"
    (requests / "1-1.stop").mkdir()
    (requests / "2-2.stop").symlink_to("/etc/passwd")
    (requests / "3-3.explode").write_text("boom")
    tally["false requests"] += 3
    start_session(model, episodes=4)
    assert wait_for(model, {State.FINISHED, State.STOPPED}).state is State.FINISHED
    assert pending_requests(model.path) == []


def test_the_same_request_twice_in_one_moment_is_one(library, monkeypatch):
    model = library.create("deep", QUICK, 7)
    monkeypatch.setattr(time, "time_ns", lambda: 42)
    assert submit_request(model.path, Verb.STOP) == submit_request(model.path, Verb.STOP)
    assert len(pending_requests(model.path)) == 1


def test_a_model_that_vanishes_while_the_library_is_read_is_not_called_damaged(library, monkeypatch):
    library.create("deep", QUICK, 7)
    other = library.create("other", QUICK, 7)
    from pongarena.library import models

    true_folders = models._folders

    def and_then_it_is_gone(root):
        found = true_folders(root)
        if root == library.root:
            shutil.rmtree(other.path, ignore_errors=True)
        return found

    monkeypatch.setattr(models, "_folders", and_then_it_is_gone)
    assert [(each.name, each.fault) for each in library.models()] == [("deep", None)]
