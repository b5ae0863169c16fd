"""How work scales with workers: measured on this machine, simulated beyond it, and what holds it up.

The simulation hands out tasks one after the other, as a scheduler does, to whoever is free next; a task's
arguments and result go over one line, that of the machine that hands out, which writes each result. Nothing
else is modelled: no worker fails, none is slower than another, all are there from the beginning.
"""

import heapq
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from pongarena.jobs.cluster import open_cluster
from pongarena.jobs.executor import TaskExecutor
from pongarena.library.models import Library
from pongarena.match.entrants import enter, find_refs
from pongarena.match.tournament import create, delete
from pongarena.match.tournament_results import Results
from pongarena.match.tournament_run import run

__all__ = ["WORKERS", "ScalingFigures", "Work", "measure_scaling", "simulate"]

SCHEDULER_S = 1e-3
"""That Dask's scheduler takes for a task, as its documentation says."""

LINE_BYTES_PER_S = 125e6
"""1 Gbit/s."""

WORKERS = (1, 2, 4, 16, 64, 256, 1000)

_PLAYERS = ("ai", "first-steps", "rallier", "rival", "challenger")


@dataclass(frozen=True)
class Work:
    """Tasks that depend on nothing but their arguments.

    Attributes:
        name: What it is.
        tasks: How many.
        seconds: That they take, one after the other in turn.
        size: Bytes of a task's arguments and result.
        writing_s: Seconds in which this machine puts a result on the disk, one after the other.
    """

    name: str
    tasks: int
    seconds: tuple[float, ...]
    size: float
    writing_s: float = 0.0


@dataclass(frozen=True)
class Simulated:
    """What came of it.

    Attributes:
        workers: How many there were.
        seconds: Until the last task was done.
        speedup: Against one worker.
        bottleneck: What takes longest of all that cannot be shared out further.
    """

    workers: int
    seconds: float
    speedup: float
    bottleneck: str


@dataclass(frozen=True)
class ScalingFigures:
    """Measured turns, and the simulation that begins with their matches' seconds.

    Attributes:
        matches: Of the tournament that was measured.
        points: To which each was played.
        own: Seconds with two own processes, a turn each.
        local: Seconds of the same turns with two local workers.
        single: With one local worker.
        same: Whether all results were the same.
        match_s: Seconds of each match, as two own processes played it.
    """

    matches: int
    points: int
    own: tuple[float, ...]
    local: tuple[float, ...]
    single: tuple[float, ...]
    same: bool
    match_s: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """Two local workers ÷ two own processes, the median of the turns."""
        return float(np.median(np.array(self.local) / np.array(self.own)))

    def rows(self) -> dict[str, str]:
        """For a table."""
        return {
            "two own processes, s": _several(self.own),
            "two local workers, s": _several(self.local),
            "one local worker, s": _several(self.single),
            "local ÷ own, two each": f"{self.ratio:.2f}",
            "one ÷ two local workers": f"{np.median(np.array(self.single) / np.array(self.local)):.2f}",
            "same results": "yes" if self.same else "no",
        }

    def to_json(self) -> dict[str, Any]:
        """As JSON types."""
        return {**asdict(self), "ratio": self.ratio}


def simulate(work: Work, workers: int) -> Simulated:
    """How long some work takes with so many workers.

    Args:
        work: What is to be done.
        workers: 1 or more.
    """
    line_s = work.size / LINE_BYTES_PER_S
    end = _makespan(work, workers, line_s)
    total = sum(work.seconds[i % len(work.seconds)] for i in range(work.tasks))
    bounds = {
        "the workers": total / workers,
        "the scheduler": work.tasks * SCHEDULER_S,
        "the line": work.tasks * line_s,
        "the disk": work.tasks * work.writing_s,
        "the longest task": max(work.seconds[: work.tasks]),
    }
    return Simulated(
        workers, end, _makespan(work, 1, line_s) / end, max(bounds, key=lambda each: bounds[each])
    )


def measure_scaling(
    rounds: int, points: int, turns: int, on_progress: Callable[[str], None] = lambda _: None
) -> ScalingFigures:
    """Plays one tournament in turns on own processes and on local workers.

    Args:
        rounds: Of the tournament of five players: twenty matches each.
        points: To which a match is played.
        turns: Of each; the first one, in which everybody loads what is needed, is thrown away.
        on_progress: Told what is going on.

    Raises:
        PongArenaError: When Dask is missing.
    """
    with open_cluster("local", workers=2) as two, open_cluster("local", workers=1) as one:
        kinds: dict[str, TaskExecutor | None] = {"own": None, "local": two, "single": one}
        times: dict[str, list[float]] = {name: [] for name in kinds}
        outcomes: list[Any] = []
        match_s: tuple[float, ...] = ()
        for turn in range(turns + 1):
            for name, executor in kinds.items():
                on_progress(f"turn {turn} of {turns}: {name}")
                seconds, outcome, each_s = _play(rounds, points, executor)
                outcomes.append(outcome)
                if turn:
                    times[name].append(seconds)
                if name == "own":
                    match_s = each_s
    return ScalingFigures(
        len(match_s),
        points,
        tuple(times["own"]),
        tuple(times["local"]),
        tuple(times["single"]),
        all(each == outcomes[0] for each in outcomes),
        match_s,
    )


def _play(rounds: int, points: int, executor: TaskExecutor | None) -> tuple[float, Any, tuple[float, ...]]:
    made = create(enter(find_refs(Library(), _PLAYERS)), rounds=rounds, points=points, seed=5)
    began = time.perf_counter()
    run(made, workers=2, executor=executor)
    seconds = time.perf_counter() - began
    games = [game for _, game in sorted(Results.of(made).games.items())]
    delete(made)
    outcome = [(game.number, game.result.score, game.result.frames) for game in games]
    return seconds, outcome, tuple(round(game.seconds, 3) for game in games)


def _makespan(work: Work, workers: int, line_s: float) -> float:
    free = [0.0] * min(workers, work.tasks)
    ends = []
    handed_out = carried = 0.0
    for number in range(work.tasks):
        handed_out += SCHEDULER_S
        carried = max(carried, handed_out) + line_s
        began = max(heapq.heappop(free), carried)
        ends.append(began + work.seconds[number % len(work.seconds)])
        heapq.heappush(free, ends[-1])
    written = 0.0
    for end in sorted(ends):
        written = max(written, end) + work.writing_s
    return written


def _several(seconds: Sequence[float]) -> str:
    return ", ".join(f"{each:.1f}" for each in seconds)
