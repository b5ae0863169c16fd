"""What takes a while to find out about a model: how it does, how large it is, what was written about it."""

import os
from dataclasses import dataclass

from pongarena.library.model import Model
from pongarena.library.notes import NOTES_FILE, Notes, read_notes
from pongarena.library.strength import Strength, strength_of

__all__ = ["Facts", "find_facts", "find_notes"]


@dataclass(frozen=True)
class Facts:
    """What was found out.

    Attributes:
        strength: How strong it is against the CPU; None while that is not known.
        size: Bytes of the model's folder.
    """

    strength: Strength | None = None
    size: int = 0


def find_facts(model: Model) -> Facts:
    """Read the end of the metrics and add up the files; never raises."""
    path = os.fspath(model.path)
    return Facts(strength_of(model), _bytes_in(path) + _bytes_in(os.path.join(path, "checkpoints")))  # noqa: PTH118 (fast)


def find_notes(model: Model) -> Notes:
    """What was written about a model; nothing about those that came with pongarena."""
    return Notes() if model.bundled or not (model.path / NOTES_FILE).exists() else read_notes(model.path)


def _bytes_in(folder: str) -> int:
    try:
        with os.scandir(folder) as files:
            return sum(each.stat(follow_symlinks=False).st_size for each in files if each.is_file())
    except OSError:
        return 0
