"""Players that come as files, a class's models for instance: a tournament keeps them in its own folder.

They never enter the user's library. Thirty models of others would bury one's own there, and be kept and
backed up for ever; in the tournament's folder they are deleted, and brought back, with it. Each file goes
through the safe reader of every import. One that is refused is named with its fault, and the others play.
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
"""More would play ten thousand matches in every round."""


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
        refs: Their latest checkpoints, in the order of the files' names.
        refused: The files that cannot play.
    """

    folder: Path
    refs: tuple[CheckpointRef, ...]
    refused: tuple[Refused, ...]


@contextmanager
def invite(source: Path, library: Library) -> Iterator[Guests]:
    """The models of the ``.pongarena`` files in a folder; each is named after its file.

    Args:
        source: The folder; it is only read, and folders in it are not looked into.
        library: The user's own, in which no guest may have a namesake.

    Raises:
        LibraryError: When the folder cannot be read, or has no such file, or too many.
    """
    files = _files_in(source)
    with library_errors("keep the guests"), hidden_folder(paths.tournaments_dir(), "guests") as hidden:
        folder = hidden / GUESTS
        yield _import_all(files, folder, {path.name.lower() for path in library.folders()})
        shutil.rmtree(hidden, ignore_errors=True)


def home_of(folder: Path, name: str, library: Library) -> Library:
    """Where a player of a tournament is: among its guests in ``folder``, or in the user's library."""
    guests = _library(folder)
    return guests if name.partition("@")[0] in {path.name for path in guests.folders()} else library


def home_of_match(match: str, name: str, library: Library) -> Library:
    """Where a player of a recorded match is, if it was a tournament's; see `home_of`."""
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
            f"there is no {SUFFIX} file in {source}; collect there what `pongarena export NAME` makes"
        )
    if len(found) > _MOST_FILES:
        raise LibraryError(
            f"expected at most {_MOST_FILES} {SUFFIX} files, got {len(found)} in {source}; make several "
            "folders"
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
