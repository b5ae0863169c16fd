"""Benchmark of matches without a window, against the bare emulator."""

from collections.abc import Callable
from dataclasses import dataclass
from time import process_time

from pongarena.bench.turns import Spread, take_turns
from pongarena.bench.untrained import untrained_pair
from pongarena.game.cartridge import BareConsole
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec

__all__ = ["MatchFigures", "measure_match"]

_FRAMES = 600
"""Frames between two readings of the clock: ten seconds of play."""


@dataclass(frozen=True)
class MatchFigures:
    """Frames per second of processor time, and their ratios round by round.

    Attributes:
        bare: The bare emulator.
        against_ai: A network against the cartridge's own player, as in an evaluation.
        networks: Two networks, as in a tournament.
        against_ai_over_bare: `against_ai` ÷ `bare`.
        networks_over_bare: `networks` ÷ `bare`.
    """

    bare: Spread
    against_ai: Spread
    networks: Spread
    against_ai_over_bare: Spread
    networks_over_bare: Spread


def measure_match(
    *, rounds: int, seconds: float, hidden: int, on_turn: Callable[[str], None]
) -> MatchFigures:
    """Measure the bare emulator and two kinds of matches in turns.

    Args:
        rounds: Turns of each.
        seconds: Length of a turn in processor time.
        hidden: Hidden units of each network.
        on_turn: Called with a description before each turn.
    """
    left, right = untrained_pair(hidden, seed=0)
    console = BareConsole()
    against_ai, networks = Match(PlayerSpec.ai(), right), Match(left, right)
    try:
        figures = take_turns(
            {
                "bare emulator": lambda: _rate(console.run, seconds),
                "against the CPU": lambda: _rate(lambda frames: _play(against_ai, frames), seconds),
                "two networks": lambda: _rate(lambda frames: _play(networks, frames), seconds),
            },
            rounds,
            on_turn,
        )
    finally:
        against_ai.close()
        networks.close()
    bare, ai, both = figures["bare emulator"], figures["against the CPU"], figures["two networks"]
    return MatchFigures(
        Spread.of(bare),
        Spread.of(ai),
        Spread.of(both),
        Spread.of_ratios(ai, bare),
        Spread.of_ratios(both, bare),
    )


def _play(match: Match, frames: int) -> None:
    for _ in range(frames):
        if match.over:
            match.restart()
        match.step()


def _rate(run: Callable[[int], None], seconds: float) -> float:
    started, frames = process_time(), 0
    while (spent := process_time() - started) < seconds:
        run(_FRAMES)
        frames += _FRAMES
    return frames / spent
