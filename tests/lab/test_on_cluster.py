"""Experiments whose trainings are done by others, piece by piece."""

import pytest

from pongarena.jobs.executor import ProcessExecutor
from pongarena.jobs.requests import Verb, submit_request
from pongarena.jobs.status import State
from pongarena.lab import on_cluster
from pongarena.lab.experiments import Length, experiment
from pongarena.lab.runner import run_lab
from pongarena.lab.store import create_run
from pongarena.library.metrics import MetricsTail

LENGTH = Length("own", 3000, 1)


def rows(run):
    return {
        part.name: [
            (row["steps"], row["won"], row["lost"])
            for row in MetricsTail(part.metrics).read_new()
            if row["kind"] == "update"
        ]
        for part in run.parts()
    }


def test_trainings_are_the_same_wherever_and_in_however_many_pieces_they_are_done(home, monkeypatch):
    here = create_run(experiment("normalised-returns"), LENGTH)
    run_lab(here.id)
    monkeypatch.setattr(on_cluster, "_PIECE_S", 0.0)  # an update each
    there = create_run(experiment("normalised-returns"), LENGTH)
    with ProcessExecutor(1) as executor:
        assert run_lab(there.id, executor).state is State.FINISHED
    assert rows(there) == rows(here)
    assert not any(part.saved.exists() for part in there.parts())


def test_a_stop_keeps_what_is_done_and_a_resume_goes_on(home, monkeypatch):
    monkeypatch.setattr(on_cluster, "_PIECE_S", 0.0)
    run = create_run(experiment("normalised-returns"), LENGTH)

    class Stopping(ProcessExecutor):
        def submit(self, *task):
            if run.parts()[0].metrics.exists():
                submit_request(run.path, Verb.STOP)
            return super().submit(*task)

    with Stopping(1) as executor:
        assert run_lab(run.id, executor).state is State.STOPPED
    half = rows(run)
    assert any(half.values())
    with ProcessExecutor(1) as executor:
        assert run_lab(run.id, executor).state is State.FINISHED
    assert all(whole[: len(half[name])] == half[name] for name, whole in rows(run).items())


@pytest.mark.slow
def test_on_a_cluster_too(home):
    pytest.importorskip("distributed")
    from pongarena.jobs.cluster import open_cluster

    run = create_run(experiment("normalised-returns"), LENGTH)
    with open_cluster("local", workers=2) as executor:
        status = run_lab(run.id, executor)
    assert status.state is State.FINISHED
    alone = create_run(experiment("normalised-returns"), LENGTH)
    run_lab(alone.id)
    assert rows(run) == rows(alone)
