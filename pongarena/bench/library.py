"""Benchmark of the library with many models and long curves: opening time, time per look, memory.

It creates its own models in a temporary directory, and measures each figure in a fresh process.
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
"""Number of looks at an unchanging library; the median counts."""

_TIMEOUT_S = 900.0


@dataclass(frozen=True)
class LibraryFigures:
    """The figures of one library.

    Attributes:
        models: Number of models.
        lines: Lines of metrics per model.
        app_s: From the app's start to the first row of the table, without imports.
        rows_s: Until all models are listed.
        facts_s: Until all models' points and sizes are known.
        curve_s: Until the whole curve of the selected model is read for the first time.
        again_s: The same for the next time, with a warm cache.
        look_ms: Processor time of a look when nothing changes; the app looks twice a second.
        memory_mb: Growth of the resident memory.
        peak_mb: Peak memory of the process.
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
        models: Numbers of models, each 1 or more.
        lines: Lines of metrics, each 1 or more.
        on_turn: Called with a description of the current work.

    Note: writes about 250 MB per million lines to the system's temporary directory, once for all models of
    a library, and removes them.
    """
    figures = []
    for length in lines:
        for count in models:
            on_turn(f"{count:,} models, {length:,} lines of metrics: creating them")
            with tempfile.TemporaryDirectory(prefix="pongarena-bench-") as home:
                name = _make_library(Path(home), count, length)
                on_turn(f"{count:,} models, {length:,} lines of metrics: measuring")
                first, again, app = (_measured(Path(home), what, name) for what in ("watch", "watch", "app"))
            figures.append(LibraryFigures(count, length, **first, **app, again_s=again["curve_s"]))
    return figures


def _make_library(home: Path, count: int, lines: int) -> str:
    """Create a library of ``count`` models with the same history; return the first one's name."""
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
    """Write games and updates alternately, as a session does."""
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
