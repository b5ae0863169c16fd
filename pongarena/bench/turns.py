"""Measuring in alternating turns (A, B, C, A, B, C, …), so that changes of speed affect all alike."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

__all__ = ["Spread", "take_turns"]


@dataclass(frozen=True)
class Spread:
    """A figure measured several times."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """Compute the spread of at least one value."""
        return cls(statistics.median(values), min(values), max(values))

    @classmethod
    def of_ratios(cls, numerators: Sequence[float], denominators: Sequence[float]) -> Self:
        """Compute the spread of the ratios turn by turn."""
        return cls.of([n / d for n, d in zip(numerators, denominators, strict=True)])


def take_turns(
    contestants: Mapping[str, Callable[[], float]], rounds: int, on_turn: Callable[[str], None]
) -> dict[str, list[float]]:
    """Measure each contestant once per round.

    Args:
        contestants: Functions that measure for a while and return a figure.
        rounds: Turns of each; an additional first one for warming up is discarded.
        on_turn: Called with a description before each turn.

    Returns:
        The figures of each contestant, round by round.
    """
    figures: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(rounds + 1):
        for name, measure in contestants.items():
            on_turn(f"{name}: turn {turn} of {rounds}" if turn else f"{name}: warming up")
            figure = measure()
            if turn:
                figures[name].append(figure)
    return figures
