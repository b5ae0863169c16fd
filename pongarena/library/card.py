"""What a bundled opponent's ``card.json`` tells: who it is, how it was made, how well it plays."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pongarena.core.reading import read_json
from pongarena.core.text import LONGEST_WORDS, printable
from pongarena.game.rules import POINTS_TO_WIN

__all__ = ["FORMAT_VERSION", "OpponentCard", "Rating", "read_opponent_card", "read_rating"]

FORMAT_VERSION = 1
"""Of ``card.json``."""

_LARGEST = 1 << 18
"""Bytes; a larger card is damage."""

_LONGEST_STORY = 2000
"""Characters of a sentence or a command."""


@dataclass(frozen=True)
class Rating:
    """One evaluation: many games against the cartridge's AI.

    Attributes:
        setting: "benchmark" (sticky actions 0.25) or "match" (none).
        greedy: Whether the likelier move was taken instead of a drawn one.
        games: How many.
        mean: Average of points won − lost, −21..21.
        standard_deviation: Over the games.
        wins: Games won.
        seed: Of the games.
    """

    setting: str
    greedy: bool
    games: int
    mean: float
    standard_deviation: float
    wins: int
    seed: int

    def __str__(self) -> str:
        moves = "likelier moves" if self.greedy else "drawn moves"
        return (
            f"{self.setting} setting, {moves}: {self.mean:+.1f} a game (standard deviation "
            f"{self.standard_deviation:.1f}), {self.wins} of {self.games} won, seed {self.seed}"
        ).replace("-", "−")


@dataclass(frozen=True)
class OpponentCard:
    """A bundled opponent's card.

    Attributes:
        about: A sentence for people.
        commands: What made it, from nothing.
        hours: Wall clock of its training.
        machine: What it was trained on.
        ratings: Its evaluations.
    """

    about: str
    commands: tuple[str, ...]
    hours: float
    machine: str
    ratings: tuple[Rating, ...]

    @property
    def time(self) -> str:
        """The training's wall clock in words."""
        if self.hours >= 1:
            return f"{self.hours:.1f} h"
        minutes = self.hours * 60
        return f"{minutes:.0f} min" if minutes >= 2 else f"{max(1, round(minutes * 60))} s"


def read_opponent_card(folder: Path) -> OpponentCard | None:
    """The card in a model's folder; None when there is none, or it cannot be understood."""
    path = folder / "card.json"
    try:
        return _from_json(read_json(path, limit=_LARGEST))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _from_json(record: dict[str, Any]) -> OpponentCard | None:
    if record["format_version"] > FORMAT_VERSION:
        return None
    return OpponentCard(
        printable(str(record["about"]), most=_LONGEST_STORY),
        tuple(printable(str(each), most=_LONGEST_STORY) for each in record["commands"]),
        float(record["hours"]),
        printable(str(record["machine"]), most=LONGEST_WORDS),
        tuple(read_rating(each) for each in record["evaluations"]),
    )


def read_rating(record: dict[str, Any]) -> Rating:
    """An evaluation as it is written in a file.

    Raises:
        KeyError: When an entry is missing.
        TypeError: When an entry is of another type.
        ValueError: When a number cannot be.
    """
    rating = Rating(
        setting=printable(str(record["setting"]), most=LONGEST_WORDS),
        greedy=bool(record["greedy"]),
        games=int(record["games"]),
        mean=float(record["mean"]),
        standard_deviation=float(record["standard_deviation"]),
        wins=int(record["wins"]),
        seed=int(record["seed"]),
    )
    if rating.games < 1 or not abs(rating.mean) <= POINTS_TO_WIN:
        raise ValueError(f"{rating.games} games with a mean of {rating.mean} cannot be")
    return rating
