"""Read what takes a while to find out about a model: its strength, its size, its notes."""

import os
from dataclasses import dataclass

from pongarena.library.model import Model
from pongarena.library.notes import NOTES_FILE, Notes, read_notes
from pongarena.library.strength import Strength, strength_of

__all__ = ["Facts", "find_facts", "find_notes"]


@dataclass(frozen=True)
class Facts:
    """Facts about a model.

    Attributes:
        strength: Its strength against the CPU; None while not known.
        size: Size of its folder in bytes.
    """

    strength: Strength | None = None
    size: int = 0


def find_facts(model: Model) -> Facts:
    """Read the end of the metrics, and add up the file sizes; never raises."""
    path = os.fspath(model.path)
    return Facts(strength_of(model), _bytes_in(path) + _bytes_in(os.path.join(path, "checkpoints")))  # noqa: PTH118 (fast)


def find_notes(model: Model) -> Notes:
    """Read the notes about a model; built-in models have none."""
    return Notes() if model.bundled or not (model.path / NOTES_FILE).exists() else read_notes(model.path)


def _bytes_in(folder: str) -> int:
    try:
        with os.scandir(folder) as files:
            return sum(each.stat(follow_symlinks=False).st_size for each in files if each.is_file())
    except OSError:
        return 0
