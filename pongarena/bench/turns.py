"""Measuring in turns: A, B, C, A, B, C, … so that a machine that slows down slows all of them down."""

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
        """The spread of at least one value."""
        return cls(statistics.median(values), min(values), max(values))

    @classmethod
    def of_ratios(cls, numerators: Sequence[float], denominators: Sequence[float]) -> Self:
        """The spread of the ratios turn by turn."""
        return cls.of([n / d for n, d in zip(numerators, denominators, strict=True)])


def take_turns(
    contestants: Mapping[str, Callable[[], float]], rounds: int, on_turn: Callable[[str], None]
) -> dict[str, list[float]]:
    """Measure each contestant once a round.

    Args:
        contestants: Functions that measure for a while and give a figure.
        rounds: Turns for each; one more is taken first and thrown away, to warm up.
        on_turn: Told before each turn, in words.

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
