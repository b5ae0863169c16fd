"""Guests of a tournament: models from a folder of files, such as those of a class.

They do not enter the user's library, where thirty models of others would bury the user's own and be kept for
ever. In the tournament's folder they are deleted and restored together with it. Each file passes the same
checks as an import. A file that is refused is reported with the reason, and the others play.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pongarena.core import paths
from pongarena.core.errors import LibraryError, PongArenaError
from pongarena.core.reading import reason
from pongarena.core.text import printable
from pongarena.library.bundle import SUFFIX
from pongarena.library.exchange import import_file
from pongarena.library.models import CheckpointRef, Library, library_errors
from pongarena.library.names import fresh_name
from pongarena.library.staging import hidden_folder
from pongarena.match.tournament import GUESTS

__all__ = ["Guests", "Refused", "home_of", "home_of_match", "invite"]

_MOST_FILES = 100
"""More files would mean more than ten thousand matches per round."""


@dataclass(frozen=True)
class Refused:
    """A file that cannot play.

    Attributes:
        file: Its name.
        reason: Why.
    """

    file: str
    reason: str


@dataclass(frozen=True)
class Guests:
    """The models of a folder of files.

    Attributes:
        folder: Where they are until `tournament.create` takes them.
        refs: Their latest checkpoints, ordered by file name.
        refused: The files that cannot play.
    """

    folder: Path
    refs: tuple[CheckpointRef, ...]
    refused: tuple[Refused, ...]


@contextmanager
def invite(source: Path, library: Library) -> Iterator[Guests]:
    """Import the ``.pongarena`` files of a folder as guests, each named after its file.

    Args:
        source: The folder; only read, and without its subfolders.
        library: The user's library. A guest whose name is taken there gets another one.

    Raises:
        LibraryError: When the folder cannot be read, or has no such file, or too many.
    """
    files = _files_in(source)
    with library_errors("keep the guests"), hidden_folder(paths.tournaments_dir(), "guests") as hidden:
        folder = hidden / GUESTS
        yield _import_all(files, folder, {path.name.lower() for path in library.folders()})
        shutil.rmtree(hidden, ignore_errors=True)


def home_of(folder: Path, name: str, library: Library) -> Library:
    """The library with a tournament's player: its guests in ``folder``, or the user's own."""
    guests = _library(folder)
    return guests if name.partition("@")[0] in {path.name for path in guests.folders()} else library


def home_of_match(match: str, name: str, library: Library) -> Library:
    """The library with a player of a recorded match, which may be a tournament's; see `home_of`."""
    tournament, _, number = match.rpartition("-")
    if not (tournament and number.isdecimal()):
        return library
    return home_of(paths.tournaments_dir() / tournament / GUESTS, name, library)


def _library(folder: Path) -> Library:
    return Library(folder, bundled=folder)


def _files_in(source: Path) -> Sequence[Path]:
    try:
        found = sorted(
            each
            for each in source.iterdir()
            if each.suffix.lower() == SUFFIX and not each.name.startswith(".")
        )
    except OSError as error:
        raise LibraryError(
            f"expected a folder of {SUFFIX} files, got {source}: {reason(error)}; choose another one"
        ) from error
    if not found:
        raise LibraryError(
            f"there is no {SUFFIX} file in {source}; put files there that `pongarena export NAME` made"
        )
    if len(found) > _MOST_FILES:
        raise LibraryError(
            f"expected at most {_MOST_FILES} {SUFFIX} files, got {len(found)} in {source}; split them into "
            "several folders"
        )
    return found


def _import_all(files: Sequence[Path], folder: Path, taken: set[str]) -> Guests:
    home = _library(folder)
    refs, refused = [], []
    for file in files:
        name = fresh_name(file.stem, taken)
        try:
            refs.append(import_file(home, file, name).checkpoint())
            taken.add(name.lower())
        except PongArenaError as error:
            refused.append(Refused(printable(file.name), str(error)))
    return Guests(folder, tuple(refs), tuple(refused))
