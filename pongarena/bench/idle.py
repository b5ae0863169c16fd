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
_SESSION = ("--background", "--now", "--share", "0.05", "--hidden-units", "16", "--games", "2")


@dataclass(frozen=True)
class IdleFigures:
    """The figures of the idle app.

    Attributes:
        sessions: Number of sessions that trained meanwhile.
        seconds: Seconds measured per main screen.
        share: The app's processor time ÷ wall-clock time, by main screen, without the sessions' time.
    """

    sessions: int
    seconds: float
    share: Mapping[str, float]


def measure_idle(
    sessions: int,
    seconds: float,
    on_turn: Callable[[str], None],
    places: tuple[str, ...] = ("1", "3"),
    settle_s: float = _SETTLE_S,
) -> IdleFigures:
    """Train small sessions in a temporary library, open the app in a terminal, and leave it idle.

    Args:
        sessions: Number of sessions.
        seconds: Seconds to measure on each main screen.
        on_turn: Called with a description of the current work.
        places: The keys of the main screens.
        settle_s: Seconds to wait on each screen before measuring.

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
                for key in places:
                    on_turn(f"watching the app on main screen {key} for {seconds:g} s")
                    app.press(key)
                    app.read_for(settle_s)
                    before, started = process.cpu_times(), perf_counter()
                    app.read_for(seconds)
                    after = process.cpu_times()
                    used = (after.user - before.user) + (after.system - before.system)
                    share[key] = used / (perf_counter() - started)
        finally:
            on_turn("ending the sessions")
            _end(library)
    return IdleFigures(sessions, seconds, share)


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
