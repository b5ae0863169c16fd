"""Scaling with the number of workers: measured on this machine, simulated beyond it, with the bottleneck.

The simulated scheduler assigns tasks one after the other to the next free worker. All arguments and results
go over the network line of the scheduler's machine, which writes each result. Nothing else is modelled: no
worker fails, all are equally fast and present from the start.
"""

import heapq
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

from pongarena.bench.turns import Spread
from pongarena.core.errors import ClusterError
from pongarena.core.extras import require
from pongarena.core.paths import HOME_VARIABLE
from pongarena.jobs.cluster import LOCAL

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
        own: Seconds of the whole command with two own processes, turn by turn.
        local: Seconds of the same with two local workers.
        single: Seconds of the same with one local worker.
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
    def ratio(self) -> Spread:
        """Two local workers ÷ two own processes, turn by turn."""
        return Spread.of_ratios(self.local, self.own)

    def rows(self) -> dict[str, str]:
        """Return the rows of a table."""
        return {
            "two own processes, s": _several(self.own),
            "two local workers, s": _several(self.local),
            "one local worker, s": _several(self.single),
            "local ÷ own, two each": _spread(self.ratio),
            "one ÷ two local workers": _spread(Spread.of_ratios(self.single, self.local)),
            "same results": "yes" if self.same else "no",
        }

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON types."""
        return {**asdict(self), "ratio": asdict(self.ratio)}


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
    """Play one tournament in turns on own processes and on local workers, as whole commands.

    Args:
        rounds: Rounds of a tournament of five players, with twenty matches each.
        points: Points to win a match.
        turns: Turns of each.
        on_progress: Called with a description of the current work.

    Raises:
        InvalidSettingError: When Dask is not installed.
        ClusterError: When a command fails.
    """
    require("distributed", "this measurement")
    kinds = {
        "own": ("--jobs", "2"),
        "local": ("--jobs", "2", "--scheduler", LOCAL),
        "single": ("--jobs", "1", "--scheduler", LOCAL),
    }
    on_progress("warming up")
    for words in kinds.values():  # what is compiled, and read from the disk, is there from then on
        _play(1, 1, words)
    times: dict[str, list[float]] = {name: [] for name in kinds}
    outcomes: list[Any] = []
    match_s: tuple[float, ...] = ()
    for turn in range(1, turns + 1):
        for name, words in kinds.items():
            on_progress(f"turn {turn} of {turns}: {name}")
            seconds, outcome, each_s = _play(rounds, points, words)
            outcomes.append(outcome)
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


def _play(rounds: int, points: int, words: Sequence[str]) -> tuple[float, Any, tuple[float, ...]]:
    """Return the seconds from a command's start to its end, the outcomes, and the seconds of each match."""
    how = ("--rounds", str(rounds), "--points", str(points), "--seed", "5", "--json")
    command = [sys.executable, "-m", "pongarena", "tournament", "start", *_PLAYERS, *how, *words]
    with tempfile.TemporaryDirectory(prefix="pongarena-bench-") as home:
        began = time.perf_counter()
        done = subprocess.run(
            command, env={**os.environ, HOME_VARIABLE: home}, capture_output=True, text=True, check=False
        )
        seconds = time.perf_counter() - began
        if done.returncode != 0:
            raise ClusterError(f"expected a tournament to be played, got: {done.stderr.strip()}")
        (file,) = Path(home).glob("tournaments/*/matches.jsonl")
        lines = sorted(map(json.loads, file.read_text("utf-8").splitlines()), key=itemgetter("number"))
    outcome = [(each["number"], each["result"]["score"], each["result"]["frames"]) for each in lines]
    return seconds, outcome, tuple(each["seconds"] for each in lines)


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


def _spread(ratio: Spread) -> str:
    return f"{ratio.median:.2f} ({ratio.least:.2f}–{ratio.most:.2f})"
