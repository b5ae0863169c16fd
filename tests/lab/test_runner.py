"""The process that does an experiment."""

import os

from pongarena.jobs.process import birth_of
from pongarena.jobs.status import State
from pongarena.lab.experiments import Length, experiment
from pongarena.lab.runner import run_lab
from pongarena.lab.store import create_run


def test_its_process_is_known_by_the_kernels_word(home):
    """So that no clock that is set back makes a run at work look dead."""
    run = create_run(experiment("normalised-returns"), Length("own", 500, 1))
    run_lab(run.id)
    status = run.status()
    assert status.state is State.FINISHED
    assert (status.pid, status.birth) == (os.getpid(), birth_of(os.getpid()))
