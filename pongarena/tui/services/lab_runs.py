"""Begin, pause, stop and delete runs of the lab. Returned texts are messages for the user."""

from collections.abc import Callable

from pongarena.jobs.requests import Verb
from pongarena.jobs.status import State, Status
from pongarena.lab import client
from pongarena.lab.experiments import Experiment, Length
from pongarena.lab.store import LabRun, delete_run

__all__ = ["begin", "delete", "pause_or_go_on", "stop"]


def begin(experiment: Experiment, length: Length, cancelled: Callable[[], bool]) -> str:
    """Begin a run of an experiment."""
    run = client.begin(experiment, length, cancelled=cancelled)
    return f"{run.id} is at work; it goes on when you leave"


def pause_or_go_on(run: LabRun, status: Status, cancelled: Callable[[], bool]) -> str:
    """Pause a run that is at work, resume any other."""
    if status.state in (State.RUNNING, State.STARTING):
        client.ask(run, Verb.PAUSE)
        return f"{run.id} pauses"
    client.resume(run, cancelled=cancelled)
    return f"{run.id} goes on"


def stop(run: LabRun) -> str:
    """Ask a run to save and end."""
    client.ask(run, Verb.STOP)
    return f"{run.id} saves and stops; space goes on with it later"


def delete(run: LabRun) -> str:
    """Delete a run; it can be restored."""
    return f"{run.id} is deleted; bring it back: pongarena lab restore {delete_run(run)}"
