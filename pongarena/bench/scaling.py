"""Scaling with the number of workers: measured on this machine, simulated beyond it, with the bottleneck.

The simulated scheduler assigns tasks one after the other to the next free worker. All arguments and results
go over the network line of the scheduler's machine, which writes each result. Nothing else is modelled: no
worker fails, all are equally fast and present from the start.
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
"""Time of Dask's scheduler per task, from its documentation."""

LINE_BYTES_PER_S = 125e6
"""1 Gbit/s."""

WORKERS = (1, 2, 4, 16, 64, 256, 1000)

_PLAYERS = ("ai", "first-steps", "rallier", "rival", "challenger")


@dataclass(frozen=True)
class Work:
    """A number of independent tasks.

    Attributes:
        name: Its label.
        tasks: Number of tasks.
        seconds: Durations of the tasks, repeated cyclically.
        size: Bytes of a task's arguments and result.
        writing_s: Seconds to write a result to this machine's disk, one after the other.
    """

    name: str
    tasks: int
    seconds: tuple[float, ...]
    size: float
    writing_s: float = 0.0


@dataclass(frozen=True)
class Simulated:
    """The result of a simulation.

    Attributes:
        workers: Number of workers.
        seconds: Time until the last task is done.
        speedup: Speed-up over one worker.
        bottleneck: The resource that limits the speed.
    """

    workers: int
    seconds: float
    speedup: float
    bottleneck: str


@dataclass(frozen=True)
class ScalingFigures:
    """The measured times of a tournament.

    Attributes:
        matches: Matches of the tournament.
        points: Points to win a match.
        own: Seconds per turn with two own processes.
        local: Seconds per turn with two local workers.
        single: Seconds per turn with one local worker.
        same: Whether all results were equal.
        match_s: Seconds of each match with two own processes.
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
        """Two local workers ÷ two own processes: the median over the turns."""
        return float(np.median(np.array(self.local) / np.array(self.own)))

    def rows(self) -> dict[str, str]:
        """Return the rows of a table."""
        return {
            "two own processes, s": _several(self.own),
            "two local workers, s": _several(self.local),
            "one local worker, s": _several(self.single),
            "local ÷ own, two each": f"{self.ratio:.2f}",
            "one ÷ two local workers": f"{np.median(np.array(self.single) / np.array(self.local)):.2f}",
            "same results": "yes" if self.same else "no",
        }

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON types."""
        return {**asdict(self), "ratio": self.ratio}


def simulate(work: Work, workers: int) -> Simulated:
    """Simulate work with a number of workers."""
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
    """Play one tournament in turns on own processes and on local workers.

    Args:
        rounds: Rounds of a tournament of five players, with twenty matches each.
        points: Points to win a match.
        turns: Turns of each; a first one for warming up is discarded.
        on_progress: Called with a description of the current work.

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
