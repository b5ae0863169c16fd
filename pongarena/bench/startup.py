"""Benchmark of start-up: the command line's help, and the terminal app's first paint."""

import os
import select
import struct
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Self

from pongarena.bench.turns import Spread, take_turns
from pongarena.core.paths import HOME_VARIABLE
from pongarena.core.system import detached

__all__ = ["SeenApp", "StartupFigures", "measure_startup"]

_LINES, _COLUMNS = 24, 80

_SEEN = b"Quit"
"""A word of the key bar, which is drawn with everything else."""

_PATIENCE_S = 60.0


@dataclass(frozen=True)
class StartupFigures:
    """Wall-clock ratios of whole processes.

    Attributes:
        over_click: ``pongarena --help`` ÷ an interpreter that imports click.
        paint_over_textual: The app's first paint in a terminal ÷ an interpreter that imports textual's app;
            None on Windows, which has no pseudo-terminals.
    """

    over_click: Spread
    paint_over_textual: Spread | None


def measure_startup(rounds: int) -> StartupFigures:
    """Start all processes in turns, `rounds` times."""
    has_terminals = os.name == "posix"
    runs = {
        "help": lambda: _seconds("-m", "pongarena", "--help"),
        "click": lambda: _seconds("-c", "import click"),
    }
    if has_terminals:
        runs |= {"textual": lambda: _seconds("-c", "import textual.app"), "paint": _first_paint}
    figures = take_turns(runs, rounds, lambda _: None)
    return StartupFigures(
        Spread.of_ratios(figures["help"], figures["click"]),
        Spread.of_ratios(figures["paint"], figures["textual"]) if has_terminals else None,
    )


def _seconds(*arguments: str) -> float:
    started = perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - started


def _first_paint() -> float:
    """Return the seconds until the app's first paint in an 80 × 24 terminal, with an empty data directory."""
    with tempfile.TemporaryDirectory() as home:
        started = perf_counter()
        with SeenApp({**os.environ, HOME_VARIABLE: home}):
            return perf_counter() - started


class SeenApp:
    """The app in a pseudo-terminal of 80 × 24, as a context manager that waits for its first paint."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = {**environment, "TERM": "xterm-256color"}

    def __enter__(self) -> Self:
        """Start the app, and wait for its first paint.

        Raises:
            TimeoutError: When it does not paint in time.
        """
        import fcntl  # noqa: PLC0415 (not on Windows)
        import pty  # noqa: PLC0415
        import termios  # noqa: PLC0415

        self._terminal, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", _LINES, _COLUMNS, 0, 0))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pongarena"],
            stdin=theirs, stdout=theirs, stderr=theirs, env=self._environment, **detached(),
        )  # fmt: skip
        os.close(theirs)
        try:
            self._await_picture(perf_counter() + _PATIENCE_S)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._terminal)

    @property
    def pid(self) -> int:
        """The app's process id."""
        return self._process.pid

    def press(self, key: str) -> None:
        """Type one character."""
        os.write(self._terminal, key.encode())

    def read_for(self, seconds: float) -> None:
        """Read its output for this long, as a terminal would."""
        end = perf_counter() + seconds
        while (left := end - perf_counter()) > 0:
            if select.select([self._terminal], [], [], left)[0]:
                os.read(self._terminal, 65536)

    def _await_picture(self, end: float) -> None:
        seen = b""
        while _SEEN not in seen:
            if perf_counter() > end:
                raise TimeoutError(
                    f"expected the app's first paint within {_PATIENCE_S:g} s, got {seen[-200:]!r}"
                )
            if select.select([self._terminal], [], [], 0.5)[0]:
                seen += os.read(self._terminal, 65536)
