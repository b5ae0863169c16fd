"""How fast the command line answers, and how soon the terminal app is seen."""

import os
import select
import struct
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from time import perf_counter

from pongarena.bench.turns import Spread, take_turns
from pongarena.paths import HOME_VARIABLE

__all__ = ["StartupFigures", "measure_startup"]

_LINES, _COLUMNS = 24, 80

_SEEN = b"Quit"
"""In the line of keys, which is drawn with everything else."""

_PATIENCE_S = 60.0


@dataclass(frozen=True)
class StartupFigures:
    """Wall clock of whole processes, as ratios.

    Attributes:
        over_click: ``pongarena --help`` ÷ an interpreter that imports click.
        paint_over_textual: The app's first paint in a terminal ÷ an interpreter that imports textual's app;
            None where there are no pseudo-terminals, which is on Windows.
    """

    over_click: Spread
    paint_over_textual: Spread | None


def measure_startup(rounds: int) -> StartupFigures:
    """Start all processes in turns.

    Args:
        rounds: Turns for each.
    """
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
    """Seconds until the app, on a fresh machine, has drawn itself in a terminal of 80 × 24."""
    import fcntl  # noqa: PLC0415 (not on Windows)
    import pty  # noqa: PLC0415
    import termios  # noqa: PLC0415

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", _LINES, _COLUMNS, 0, 0))
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, HOME_VARIABLE: home, "TERM": "xterm-256color"}
        started = perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "pongarena"],
            stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True,
        )  # fmt: skip
        os.close(theirs)
        try:
            _await_picture(ours, started)
            return perf_counter() - started
        finally:
            process.kill()
            process.wait()
            os.close(ours)


def _await_picture(terminal: int, started: float) -> None:
    seen = b""
    while _SEEN not in seen:
        if perf_counter() - started > _PATIENCE_S:
            raise TimeoutError(f"expected the app's picture within {_PATIENCE_S:g} s, got {seen[-200:]!r}")
        if select.select([terminal], [], [], 0.5)[0]:
            seen += os.read(terminal, 65536)
