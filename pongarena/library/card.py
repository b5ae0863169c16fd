"""Read a bundled opponent's ``card.json``: who it is, how it was made, how well it plays."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pongarena.core.records import Count, Line, Meta, Real, Word, read_record
from pongarena.game.rules import POINTS_TO_WIN

__all__ = ["FORMAT_VERSION", "OpponentCard", "Rating", "read_opponent_card"]

FORMAT_VERSION = 1
"""The version of ``card.json``."""

_LARGEST = 1 << 18
"""Bytes; a larger card is damage."""

_MOST_ITEMS = 100
"""Commands, or evaluations."""

_MOST_HOURS = 1e6
"""A century."""


@dataclass(frozen=True)
class Rating:
    """One evaluation: many games against the cartridge's CPU.

    Attributes:
        setting: "benchmark" (sticky actions 0.25) or "match" (none).
        greedy: Whether it took the likelier action instead of a sampled one.
        games: Number of games.
        mean: Mean score of a game, points won − lost, −21..21.
        standard_deviation: The same of the games' scores.
        wins: Number of games won.
        seed: The seed of the games.
    """

    setting: Word
    greedy: bool
    games: Annotated[int, Meta(ge=1, lt=1 << 62)]
    mean: Annotated[float, Meta(ge=-POINTS_TO_WIN, le=POINTS_TO_WIN)]
    standard_deviation: Real
    wins: Count
    seed: Count

    def __str__(self) -> str:
        moves = "greedy moves" if self.greedy else "sampled moves"
        return (
            f"{self.setting} setting, {moves}: {self.mean:+.1f} a game (standard deviation "
            f"{self.standard_deviation:.1f}), {self.wins} of {self.games} won, seed {self.seed}"
        ).replace("-", "−")


@dataclass(frozen=True)
class OpponentCard:
    """A bundled opponent's card.

    Attributes:
        about: A sentence for people.
        commands: The commands that make it from nothing.
        hours: Wall clock time of its training.
        machine: The machine that trained it.
        ratings: Its evaluations.
    """

    about: str
    commands: tuple[str, ...]
    hours: float
    machine: str
    ratings: tuple[Rating, ...]

    @property
    def time(self) -> str:
        """The wall clock time of its training, in words."""
        if self.hours >= 1:
            return f"{self.hours:.1f} h"
        minutes = self.hours * 60
        return f"{minutes:.0f} min" if minutes >= 2 else f"{max(1, round(minutes * 60))} s"


@dataclass(frozen=True)
class _Card:
    about: Line
    commands: Annotated[tuple[Line, ...], Meta(max_length=_MOST_ITEMS)]
    hours: Annotated[float, Meta(ge=0, lt=_MOST_HOURS)]
    machine: Word
    evaluations: Annotated[tuple[Rating, ...], Meta(max_length=_MOST_ITEMS)]


def read_opponent_card(folder: Path) -> OpponentCard | None:
    """Read the card in a model's folder; None when it is missing or cannot be understood."""
    try:
        card = read_record(folder / "card.json", _Card, limit=_LARGEST, version=FORMAT_VERSION)
    except (OSError, ValueError):
        return None
    return OpponentCard(card.about, card.commands, card.hours, card.machine, card.evaluations)
