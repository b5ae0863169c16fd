"""Benchmark of the idle terminal app: its processor use while sessions train."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import psutil

from pongarena.bench.startup import SeenApp
from pongarena.core.errors import PongArenaError
from pongarena.core.paths import HOME_VARIABLE
from pongarena.library.models import Library
from pongarena.library.sessions.client import request

__all__ = ["IdleFigures", "measure_idle"]

_SETTLE_S = 5.0
"""Seconds to wait for what is loaded after the first paint."""

_END_S = 60.0

PLACES = {"home": "1", "training": "3", "dashboard": "3\r", "dashboard, its game": "3\rg"}
"""The places to measure, and the keys that lead there."""

_TOUR = "1234567"
"""Keys of all main screens; the memory is measured after a visit to each."""
_SESSION = ("--background", "--now", "--share", "0.05", "--hidden-units", "16", "--games", "2")


@dataclass(frozen=True)
class IdleFigures:
    """The figures of the idle app.

    Attributes:
        sessions: Number of sessions that trained meanwhile.
        seconds: Seconds measured per place.
        share: The app's processor time ÷ wall-clock time, by place, without the sessions' time.
        memory_mb: Resident memory of the app, after a visit to every main screen.
    """

    sessions: int
    seconds: float
    share: Mapping[str, float]
    memory_mb: float


def measure_idle(
    sessions: int,
    seconds: float,
    on_turn: Callable[[str], None],
    places: Mapping[str, str] = PLACES,
    settle_s: float = _SETTLE_S,
) -> IdleFigures:
    """Train small sessions in a temporary library, open the app in a terminal, and leave it idle.

    Args:
        sessions: Number of sessions.
        seconds: Seconds to measure in each place.
        on_turn: Called with a description of the current work.
        places: Names of the places, and the keys that lead there.
        settle_s: Seconds to wait after each key.

    Raises:
        RuntimeError: When a session cannot be started.
    """
    with tempfile.TemporaryDirectory(prefix="pongarena-bench-") as home:
        environment = {**os.environ, HOME_VARIABLE: home}
        library = Library(Path(home) / "models")
        try:
            for number in range(sessions):
                on_turn(f"starting session {number + 1} of {sessions}")
                _start(f"m{number}", environment)
            with SeenApp(environment) as app:
                process, share = psutil.Process(app.pid), {}
                for name, keys in places.items():
                    on_turn(f"watching the app for {seconds:g} s: {name}")
                    _go(app, keys, settle_s)
                    before, started = process.cpu_times(), perf_counter()
                    app.read_for(seconds)
                    after = process.cpu_times()
                    used = (after.user - before.user) + (after.system - before.system)
                    share[name] = used / (perf_counter() - started)
                _go(app, _TOUR, settle_s)
                memory_mb = process.memory_info().rss / 1e6
        finally:
            on_turn("ending the sessions")
            _end(library)
    return IdleFigures(sessions, seconds, share, memory_mb)


def _go(app: SeenApp, keys: str, settle_s: float) -> None:
    for key in keys:
        app.press(key)
        app.read_for(settle_s)


def _start(name: str, environment: Mapping[str, str]) -> None:
    command = [sys.executable, "-m", "pongarena", "train", name, *_SESSION]
    done = subprocess.run(command, env=dict(environment), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"expected a session, got: {done.stderr.strip()}")


def _end(library: Library) -> None:
    processes = []
    for model in library.models():
        status = model.status()
        if not model.bundled and status.active:
            with suppress(PongArenaError, psutil.NoSuchProcess):
                processes.append(psutil.Process(status.pid))
                request(model, "stop")
    _, left = psutil.wait_procs(processes, timeout=_END_S)
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.kill()
