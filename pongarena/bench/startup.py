"""How fast the command line answers."""

import subprocess
import sys
from dataclasses import dataclass
from time import perf_counter

from pongarena.bench.turns import Spread, take_turns

__all__ = ["StartupFigures", "measure_startup"]


@dataclass(frozen=True)
class StartupFigures:
    """``pongarena --help`` ÷ an interpreter that imports click, wall clock."""

    over_click: Spread


def measure_startup(rounds: int) -> StartupFigures:
    """Start both processes in turns.

    Args:
        rounds: Turns for each.
    """
    figures = take_turns(
        {
            "help": lambda: _seconds("-m", "pongarena", "--help"),
            "click": lambda: _seconds("-c", "import click"),
        },
        rounds,
        lambda _: None,
    )
    return StartupFigures(Spread.of_ratios(figures["help"], figures["click"]))


def _seconds(*arguments: str) -> float:
    started = perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - started
