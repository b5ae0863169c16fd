"""``pongarena lab``, with real processes."""

import os
import signal
import subprocess
import sys

import pytest
from click.testing import CliRunner

from pongarena.cli import cli
from pongarena.jobs.lock import model_lock
from pongarena.jobs.requests import Verb
from pongarena.jobs.status import State
from pongarena.lab import client as desk
from pongarena.lab.experiments import LENGTHS, Arm, Experiment, Length, experiment
from pongarena.lab.store import create_run, find_run, lab_runs
from tests.waiting import PATIENCE_S, wait_until

TINY = {"hidden_units": 4, "games": 2, "batch_episodes": 2, "max_frames": 400}

QUICK = Experiment(
    "tight-crop", "Tighter crop", "?", "", "",
    (Arm("plain", "karpathy", TINY), Arm("shuffled", "karpathy", {**TINY, "shuffle": 1}),
     Arm("raw", "karpathy", {**TINY, "normalise": 0})),
)  # fmt: skip
"""Seconds instead of minutes; the plan is what the process does."""


def lab(*arguments):
    return CliRunner().invoke(cli, ["lab", *arguments])


def test_the_list_says_what_can_be_done(home):
    result = lab("list")
    assert (
        result.exit_code == 0 and "permuted-pixels" in result.output and "there are no runs" in result.output
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "nothing"], "there is no experiment"),
        (["run", "tight-crop", "--seeds", "1"], "2<=x<=50"),
        (["report"], "there are no runs yet"),
        (["report", "tight-crop-7"], "there is no run"),
        (["stop", "tight-crop-7"], "there is no run"),
    ],
)
def test_mistakes_are_answered_in_words(home, arguments, words):
    result = lab(*arguments)
    assert result.exit_code == 2 and words in result.output and "Traceback" not in result.output


def test_a_report_can_be_asked_for_at_any_time(home):
    run = create_run(experiment("tight-crop"), LENGTHS[0])
    result = lab("report")
    assert "Not complete yet" in result.output and str(run.report) in result.output
    assert "nothing to draw yet" in result.output and "chart.svg" not in result.output
    assert '"complete": false' in lab("report", "--json").output
    assert lab("stop", run.id).exit_code == 2


def test_a_run_is_deleted_and_brought_back(home):
    run, damaged = (create_run(experiment("tight-crop"), LENGTHS[0]) for _ in range(2))
    (damaged.path / "plan.json").write_text("{")
    with model_lock(run.path):
        assert "another process" in lab("delete", run.id, "--yes").output
    for each in (run, damaged):
        assert lab("delete", each.id, "--yes").exit_code == 0
    assert lab_runs() == [] and lab("delete", run.id, "--yes").exit_code == 2
    assert run.id in lab("restore").output and damaged.id in lab("restore").output
    assert lab("restore", run.id).exit_code == 0
    assert find_run(run.id) == run
    anew = create_run(experiment("tight-crop"), LENGTHS[0])
    assert anew.id == damaged.id
    assert "another" in lab("restore", damaged.id).output


@pytest.mark.slow
def test_a_run_is_killed_resumed_and_completed(home, spawn):
    run = create_run(QUICK, Length("own", 600, 2))
    command = [sys.executable, "-m", "pongarena", "lab", "session", run.id]
    process = spawn(command, stdin=subprocess.DEVNULL)
    status = desk.wait_for(run, (State.RUNNING,), PATIENCE_S)
    with pytest.raises(Exception, match="is at work"):
        desk.begin(experiment("tight-crop"), LENGTHS[0])
    wait_until(lambda: any(len(part.points().steps) for part in run.parts()), "it learned")
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert run.status().state is State.CRASHED and status.pid == process.pid
    desk.resume(find_run(run.id))
    desk.ask(run, Verb.PAUSE)
    ended = (State.FINISHED, State.PAUSED)
    if desk.wait_for(run, ended, PATIENCE_S).state is State.PAUSED:
        desk.resume(run)
    desk.wait_for(run, (State.FINISHED,), PATIENCE_S)
    for part in run.parts():
        steps = part.points().steps
        assert steps[-1] >= 600 and (steps[1:] > steps[:-1]).all() and not part.saved.exists()
    assert "nothing can be said" in run.report.read_text(encoding="utf-8")
    with pytest.raises(Exception, match="complete"):
        desk.resume(run)
