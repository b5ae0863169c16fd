"""Whom a model imitated before it trained, and how well: ``cloned.json`` in the model's folder."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pongarena.core.reading import read_json
from pongarena.core.text import LONGEST_WORDS, printable
from pongarena.training.imitation import Imitation

__all__ = ["FILE", "Cloned", "read_cloned"]

FILE = "cloned.json"

FORMAT_VERSION = 1

_LARGEST = 1 << 16
"""Bytes; a larger file is damage."""


@dataclass(frozen=True)
class Cloned:
    """Where the weights that a model began with come from.

    Attributes:
        player: Who was imitated, as the match log has it.
        matches: The ids of the matches.
        imitation: How well it imitated when it began.
    """

    player: str
    matches: Sequence[str]
    imitation: Imitation

    def __str__(self) -> str:
        """In words."""
        count = len(self.matches)
        return f"imitated {self.player} in {count} match{'es' if count > 1 else ''}: {self.imitation}"

    def to_json(self) -> dict[str, Any]:
        """As the file has it."""
        about = {"player": self.player, "matches": list(self.matches)}
        return {"format_version": FORMAT_VERSION, **about, **asdict(self.imitation)}


def read_cloned(folder: Path) -> Cloned | None:
    """What is known of a model's beginning; None when it is no clone, or the file cannot be understood."""
    try:
        record = read_json(folder / FILE, limit=_LARGEST)
        if record["format_version"] > FORMAT_VERSION:
            return None
        return Cloned(
            printable(str(record["player"]), most=LONGEST_WORDS),
            tuple(printable(str(each), most=LONGEST_WORDS) for each in record["matches"]),
            Imitation(
                float(record["agreement"]),
                float(record["usual"]),
                int(record["held_out"]),
                int(record["decisions"]),
            ),
        )
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return None
