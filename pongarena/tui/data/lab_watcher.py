"""Read the state of the lab's folder, in a thread of the screen."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pongarena.core.errors import PongArenaError
from pongarena.jobs.status import Status
from pongarena.lab.client import speeds
from pongarena.lab.experiments import Experiment
from pongarena.lab.report import Results, read_results
from pongarena.lab.store import LabRun, lab_runs

__all__ = ["LabSnapshot", "look_at_lab"]


@dataclass(frozen=True)
class LabSnapshot:
    """The lab's folder at one moment.

    Attributes:
        runs: All runs with their status, the oldest first.
        results: Results of the shown run; None when there is none.
        shown: The id of that run.
        speeds: Agent steps per second of each method, as far as known.
        fault: Why the lab cannot be read; empty when it can.
    """

    runs: tuple[tuple[LabRun, Status], ...] = ()
    results: Results | None = None
    shown: str = ""
    speeds: Mapping[str, float] = field(default_factory=dict)
    fault: str = ""

    def of(self, experiment: Experiment) -> list[tuple[LabRun, Status]]:
        """List the undamaged runs of an experiment."""
        return [
            (run, status)
            for run, status in self.runs
            if run.fault is None and run.experiment.name == experiment.name
        ]

    def chosen(self, experiment: Experiment, wanted: str | None) -> tuple[LabRun, Status] | None:
        """Return the wanted run of an experiment, or its latest when that is not there."""
        mine = self.of(experiment)
        return next((each for each in mine if each[0].id == wanted), mine[-1] if mine else None)


def look_at_lab(experiment: Experiment, wanted: str | None) -> LabSnapshot:
    """Read all runs, and the results of the wanted run of an experiment, or of its latest."""
    try:
        look = LabSnapshot(tuple((run, run.status()) for run in lab_runs()), speeds=speeds())
        chosen = look.chosen(experiment, wanted)
        if chosen is None:
            return look
        return LabSnapshot(look.runs, read_results(chosen[0]), chosen[0].id, look.speeds)
    except PongArenaError as error:
        return LabSnapshot(fault=str(error))
