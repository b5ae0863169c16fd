"""How the library does with many models and long curves: time to open, time of a look, memory.

Makes its own models in a temporary directory; each figure comes from a fresh process.
"""

import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from pongarena.core import paths
from pongarena.jobs.status import State, Status, write_status
from pongarena.library.models import Library, checkpoint_path
from pongarena.nn.checkpoint import Card, Checkpoint, write_checkpoint
from pongarena.nn.policy import PolicyNetwork
from pongarena.training.registry import recipe

__all__ = ["LibraryFigures", "measure_library"]

_LOOKS = 40
"""Looks at a library at rest, of which the median counts."""

_TIMEOUT_S = 900.0


@dataclass(frozen=True)
class LibraryFigures:
    """One library.

    Attributes:
        models: How many models it has.
        lines: Lines of metrics of each.
        app_s: From the app's start to the first row of the table, without importing.
        rows_s: Until all models are listed.
        facts_s: Until points won and size of all are known.
        curve_s: Until the whole curve of the chosen one is read, for the first time.
        again_s: The same the next time, with all models listed before.
        look_ms: Processor time of a look when nothing changes; the app takes two a second.
        memory_mb: Resident memory that came with all of it.
        peak_mb: The most that the process ever had.
    """

    models: int
    lines: int
    app_s: float
    rows_s: float
    facts_s: float
    curve_s: float
    again_s: float
    look_ms: float
    memory_mb: float
    peak_mb: float


def measure_library(
    models: Sequence[int], lines: Sequence[int], on_turn: Callable[[str], None]
) -> list[LibraryFigures]:
    """Measure every combination.

    Args:
        models: Sizes of the library, 1 or more each.
        lines: Lengths of the metrics, 1 or more each.
        on_turn: Told what is measured now.

    Note: writes some 250 MB a million lines into the system's temporary directory, once for all models of a
    library, and removes them.
    """
    figures = []
    for length in lines:
        for count in models:
            on_turn(f"{count:,} models, {length:,} lines of metrics: making them")
            with tempfile.TemporaryDirectory(prefix="pongarena-bench-") as home:
                name = _make_library(Path(home), count, length)
                on_turn(f"{count:,} models, {length:,} lines of metrics: measuring")
                first, again, app = (_measured(Path(home), what, name) for what in ("watch", "watch", "app"))
            figures.append(LibraryFigures(count, length, **first, **app, again_s=again["curve_s"]))
    return figures


def _make_library(home: Path, count: int, lines: int) -> str:
    """A library of ``count`` models with one history; gives the name of the first."""
    library = Library(home / "models", home / "none")
    first = library.create("m00000", recipe("karpathy", hidden_units=8), 0)
    card = Card(
        model=first.name, recipe="karpathy", episode=100, updates=10, steps=100_000, seed=0,
        running_reward=-20.0, points_won=40, points_lost=2060, lineage=(), created=first.created,
        pongarena="0.1.0",
    )  # fmt: skip
    policy = PolicyNetwork.random(8, np.random.default_rng(0))
    write_checkpoint(checkpoint_path(first.path, 100), Checkpoint(policy, card))
    status = Status(State.STOPPED, episode=100, steps=100_000, running_reward=-20.0)
    write_status(first.path / "status.json", status)
    for number in range(1, count):
        shutil.copytree(first.path, library.root / f"m{number:05d}")
    metrics = first.path / "metrics.jsonl"
    _write_metrics(metrics, lines)
    for number in range(1, count):
        os.link(metrics, library.root / f"m{number:05d}" / metrics.name)
    return first.name


def _write_metrics(path: Path, lines: int) -> None:
    """Games and updates in turn, as a session writes them."""
    with path.open("w", encoding="utf-8") as file:
        for number in range(1, lines + 1):
            row: dict[str, object] = {
                "format_version": 1,
                "episode": (number + 1) // 2,
                "time": 1e9 + 3 * number,
            }
            if number % 2:
                row |= {"kind": "episode", "won": 2, "lost": 21, "reward": number % 37 - 21, "steps": 1100}
                row |= {"running_reward": -20.0, "total_steps": 600 * number}
            else:
                row |= {"kind": "update", "update": number, "won": 2, "lost": 21, "steps": 600 * number}
                row |= {"gradient_norm": 0.0653484147, "weight_norm": 14.85291998, "mean_p_up": 0.49875099}
            file.write(json.dumps(row, separators=(",", ":")) + "\n")


def _measured(home: Path, what: str, name: str) -> dict[str, float]:
    environment = {**os.environ, paths.HOME_VARIABLE: str(home)}
    command = [sys.executable, "-m", "pongarena.bench.library", what, name]
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, text=True, check=True, timeout=_TIMEOUT_S
    )
    return {key: float(value) for key, value in json.loads(done.stdout).items()}


def _watch(name: str) -> dict[str, float]:
    from pongarena.tui.data.library_watcher import LibraryWatcher  # noqa: PLC0415

    library = Library(bundled=paths.data_dir() / "none")
    process, figures = psutil.Process(), {}
    before, started = process.memory_info().rss, time.perf_counter()
    watcher = LibraryWatcher(library)
    look = watcher.look(set())
    while look.unread:
        look = watcher.look(set())
    figures["rows_s"] = time.perf_counter() - started
    while look.facts_due:
        look = watcher.look(set())
    figures["facts_s"] = time.perf_counter() - started
    started = time.perf_counter()
    while not look.curves or look.busy:
        look = watcher.look({name})
    figures["curve_s"] = time.perf_counter() - started
    times = []
    for _ in range(_LOOKS):
        started = time.process_time()
        watcher.look({name})
        times.append(time.process_time() - started)
    figures["look_ms"] = 1000 * statistics.median(times)
    figures["memory_mb"] = (process.memory_info().rss - before) / 1e6
    figures["peak_mb"] = _peak_mb()
    return figures


def _peak_mb() -> float:
    if sys.platform == "win32":
        return float(psutil.Process().memory_info().peak_wset) / 1e6
    import resource  # noqa: PLC0415 (not on Windows)

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


async def _open() -> dict[str, float]:
    from pongarena.tui.app import PongArenaApp  # noqa: PLC0415
    from pongarena.tui.screens.library import LibraryScreen  # noqa: PLC0415
    from pongarena.tui.widgets.model_table import ModelTable  # noqa: PLC0415

    started = time.perf_counter()
    app = PongArenaApp("library")
    async with app.run_test(size=(140, 45)):
        while True:
            screen = app.screen
            if isinstance(screen, LibraryScreen) and screen.query_one(ModelTable).counts[0]:
                return {"app_s": time.perf_counter() - started}
            await asyncio.sleep(0.002)


if __name__ == "__main__":
    answer = asyncio.run(_open()) if sys.argv[1] == "app" else _watch(sys.argv[2])
    print(json.dumps(answer))
