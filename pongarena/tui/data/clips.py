"""The saved clips of matches."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pongarena.core import paths
from pongarena.core.text import printable

__all__ = ["Clip", "last_clips"]


@dataclass(frozen=True)
class Clip:
    """A clip on the disk.

    Attributes:
        path: Its file.
        size: Size of the file in bytes.
        made: When it was made, unix time in seconds.
    """

    path: Path
    size: int
    made: float


def last_clips(most: int = 12) -> tuple[Clip, ...]:
    """List the latest clips, newest first."""
    found = []
    with suppress(OSError):
        for path in paths.clips_dir().iterdir():
            with suppress(OSError):  # deleted meanwhile
                facts = path.stat()
                shown = path.name == printable(path.name) and not path.name.startswith(".")
                if shown and path.is_file() and facts.st_size:  # an empty one is being filmed
                    found.append(Clip(path, facts.st_size, facts.st_mtime))
    return tuple(sorted(found, key=lambda clip: clip.made, reverse=True)[:most])
