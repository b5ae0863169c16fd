"""What takes a while to find out about a model: how it does, how large it is, what was written about it."""

import os
from dataclasses import dataclass

from pongarena.library.metrics import recent_points
from pongarena.library.model import Model
from pongarena.library.notes import NOTES_FILE, Notes, read_notes
from pongarena.library.progress import Share, recent_share

__all__ = ["Facts", "find_facts", "find_notes"]


@dataclass(frozen=True)
class Facts:
    """What was found out.

    Attributes:
        share: Points won of the last ones, None while there are too few.
        size: Bytes of the model's folder.
    """

    share: Share | None = None
    size: int = 0


def find_facts(model: Model) -> Facts:
    """Read the end of the metrics and add up the files; never raises."""
    path = os.fspath(model.path)
    share = recent_share(recent_points(model.path / "metrics.jsonl"))
    return Facts(share, _bytes_in(path) + _bytes_in(os.path.join(path, "checkpoints")))  # noqa: PTH118 (fast)


def find_notes(model: Model) -> Notes:
    """What was written about a model; nothing about those that came with pongarena."""
    return Notes() if model.bundled or not (model.path / NOTES_FILE).exists() else read_notes(model.path)


def _bytes_in(folder: str) -> int:
    try:
        with os.scandir(folder) as files:
            return sum(each.stat(follow_symlinks=False).st_size for each in files if each.is_file())
    except OSError:
        return 0
