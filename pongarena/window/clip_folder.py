"""The folder of clips: a number for each, and none overwritten."""

import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from pongarena.core import paths
from pongarena.core.files import make_folder, write_error

__all__ = ["FILM", "new_clip"]

FILM = ".mp4" if find_spec("imageio_ffmpeg") else ".gif"
"""What a film becomes; it needs the extra `video` to be an MP4."""

_LONGEST = 60
"""Characters of a name before its number."""


@contextmanager
def new_clip(words: str, kind: str = FILM) -> Iterator[Path]:
    """Reserve a file among the clips, for a film to be written there.

    Args:
        words: What it is called, before its number; letters that no file should have are replaced.
        kind: ".gif" or ".mp4".

    Yields:
        The file, empty until it is replaced; removed when the film fails.

    Raises:
        LibraryError: When the folder cannot be written.
    """
    stem = re.sub(r"[^A-Za-z0-9_]+", "-", words, flags=re.ASCII).strip("-")[:_LONGEST]
    path = _reserve(stem or "clip", kind)
    try:
        yield path
    except BaseException:
        if path.is_file() and not path.stat().st_size:
            path.unlink()
        raise


def _reserve(stem: str, kind: str) -> Path:
    """The first number that is free, also for whoever asks at the same time."""
    folder = paths.clips_dir()
    for number in itertools.count(1):
        path = folder / f"{stem}-{number:03}{kind}"
        try:
            make_folder(folder)
            path.touch(mode=0o600, exist_ok=False)
        except FileExistsError:
            continue
        except OSError as error:
            raise write_error(path, error) from error
        return path
    raise AssertionError("there is always another number")
