"""What works in the background, in one list."""

import os
import subprocess
import sys

import psutil
import pytest

from pongarena.core.files import write_json_atomically
from pongarena.jobs.process import ProcessMark
from pongarena.jobs.status import State, Status, write_status
from pongarena.lab.background import JobWatcher, sessions_at_work
from pongarena.lab.experiments import Length, experiment
from pongarena.lab.store import create_run
from pongarena.library.models import Library
from pongarena.match.tournament import Entrant, create
from pongarena.training.registry import recipe


def mark():
    found = ProcessMark.of(os.getpid())
    return {"pid": found.pid, "created": found.created, "birth": found.birth}


def say(run, state, steps):
    live = mark() if state in (State.RUNNING, State.PAUSED) else {}
    write_status(run.path / "status.json", Status(state, steps=steps, message="whole field, seed 1", **live))


def play(tournament, *, running):
    write_json_atomically(
        tournament.path / "run.json", {"format_version": 1, "running": running, "workers": 2, **mark()}
    )


@pytest.fixture
def cup(home):
    return create((Entrant("ai"), Entrant("x@1", "0" * 64), Entrant("y@1", "1" * 64)))


@pytest.fixture
def run(home):
    return create_run(experiment("tight-crop"), Length("own", 10_000, 2))


def test_what_runs_or_is_paused_is_listed_and_what_ended_is_not(cup, run):
    watcher = JobWatcher()
    assert watcher.look() == ()
    play(cup, running=True)
    say(run, State.RUNNING, run.amount // 4)
    first, second = watcher.look()
    assert (first.kind, first.name, first.state, first.done) == ("tournament", cup.id, State.RUNNING, 0.0)
    assert first.words == f"0 of {cup.matches} matches" and first.seconds_left is None
    assert (second.kind, second.name, second.done) == ("lab", run.id, 0.25)
    assert second.words == "whole field, seed 1"
    play(cup, running=False)
    say(run, State.PAUSED, run.amount // 2)
    (only,) = watcher.look()
    assert (only.name, only.state, only.done) == (run.id, State.PAUSED, 0.5)
    say(run, State.FINISHED, run.amount)
    assert watcher.look() == ()


def test_a_run_tells_how_long_it_will_take_once_it_goes_on(run):
    watcher = JobWatcher()
    say(run, State.RUNNING, 100)
    assert watcher.look()[0].seconds_left is None
    say(run, State.RUNNING, 200)
    assert watcher.look()[0].seconds_left > 0


def test_a_process_that_died_is_no_work(cup, run):
    gone = max(psutil.pids()) + 1000
    write_json_atomically(
        cup.path / "run.json", {"format_version": 1, "running": True, "pid": gone, "created": 1.0}
    )
    write_status(run.path / "status.json", Status(State.RUNNING, pid=gone, created=1.0))
    assert JobWatcher().look() == ()


def test_looking_loads_no_emulator_while_no_tournament_is_played(cup):
    play(cup, running=False)
    code = (
        "import sys; from pongarena.lab.background import JobWatcher; found = JobWatcher().look()\n"
        "print(found, 'ale_py' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "() False"


def test_damaged_folders_are_left_out(cup, run):
    play(cup, running=True)
    (cup.path / "tournament.json").write_text("{")
    say(run, State.RUNNING, 1)
    (run.path / "plan.json").write_text("{")
    assert JobWatcher().look() == ()


def test_sessions_are_work_while_they_are_there(home, tmp_path):
    library = Library(bundled=tmp_path)
    live, ended = (library.create(name, recipe("karpathy"), 0) for name in ("live", "ended"))
    words = {"episode": 5, "target_episode": 20}
    write_status(live.path / "status.json", Status(State.PAUSED, **words, **mark()))
    write_status(ended.path / "status.json", Status(State.STOPPED, **words))
    (job,) = sessions_at_work(library)
    assert (job.kind, job.name, job.done, job.words) == ("training", "live", 0.25, "5 of 20 games")
