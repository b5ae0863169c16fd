"""Change the library: fork, rename, copy, delete and undo, import, export, notes."""

from pathlib import Path
from typing import NamedTuple

from pongarena.core.errors import InvalidNameError
from pongarena.core.text import printable
from pongarena.library.duplicate import duplicate
from pongarena.library.exchange import export_file, import_file
from pongarena.library.model import CheckpointRef, checkpoint_path
from pongarena.library.models import Library, Model
from pongarena.library.names import check_name, fresh_name
from pongarena.library.notes import write_notes
from pongarena.library.trash import Trash, Trashed
from pongarena.page.build import is_page, write_page

__all__ = ["Change", "Shelf", "check_new_name", "checkpoint_of"]


class Change(NamedTuple):
    """A change of the library: a message for the user, and the model to show next, if any."""

    words: str
    model: str | None = None


class Shelf:
    """Changes a library, and records deletions for undo; every method may raise a ``PongArenaError``."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._deleted: list[Trashed] = []

    def fork(self, model: Model, name: str, episode: int | None) -> Change:
        """Make a model that starts from a checkpoint (the latest one for None)."""
        ref = model.checkpoint(episode)
        return Change(f"{name} starts from {ref}; space trains it", self._library.fork(ref, name).name)

    def rename(self, name: str, new: str) -> Change:
        """Give a model another name."""
        return Change(f"{name} is called {new} now", self._library.rename(name, new).name)

    def duplicate(self, name: str, copy: str) -> Change:
        """Copy a model with all its checkpoints."""
        return Change(f"{copy} is a copy of {name}", duplicate(self._library, name, copy).name)

    def import_file(self, path: Path) -> Change:
        """Make a model from a file."""
        name = import_file(self._library, path).name
        return Change(f"imported as {name}; r renames it", name)

    def export(self, model: Model, path: Path, episode: int | None) -> Change:
        """Save a checkpoint (the latest one for None) as a file or a web page."""
        ref = model.checkpoint(episode)
        if is_page(path):
            write_page(ref, path)
            return Change(f"{ref} plays in {printable(str(path))}; open it in a browser")
        export_file(ref, path)
        return Change(f"{ref} is saved as {printable(str(path))}")

    def write_notes(self, model: Model, text: str, tags: tuple[str, ...]) -> Change:
        """Replace the notes and tags of a model."""
        write_notes(model, text, tags)
        return Change(f"noted about {model.name}")

    def delete(self, what: str | CheckpointRef) -> Change:
        """Delete a model, or one of its checkpoints; ``undo`` brings it back."""
        trash = Trash(self._library)
        item = trash.delete(what) if isinstance(what, str) else trash.delete_checkpoint(what)
        self._deleted.append(item)
        return Change(f"{what} is deleted; u brings it back")

    def trash(self) -> list[tuple[Trashed, int]]:
        """List everything in the trash with its sizes in bytes."""
        return [(item, item.size) for item in Trash(self._library).items()]

    def pop_deleted(self) -> Trashed | None:
        """Return and forget the last deletion since the app was opened."""
        return self._deleted.pop() if self._deleted else None

    def restore(self, item: Trashed) -> Change:
        """Restore something from the trash, under a new name when its own is taken."""
        name = None
        if item.episode is None:
            name = fresh_name(item.model, {path.name.lower() for path in self._library.folders()})
        back = Trash(self._library).restore(item, name).name
        return Change(f"{item} is back" + (f" as {name}" if name not in (None, item.model) else ""), back)

    def remove(self, items: tuple[Trashed, ...]) -> Change:
        """Remove things from the trash for good."""
        for item in items:
            Trash(self._library).remove(item)
        self._deleted = [item for item in self._deleted if item not in items]
        return Change(f"{items[0] if len(items) == 1 else f'{len(items):,} things'} removed for good")


def checkpoint_of(model: Model, episode: int) -> CheckpointRef:
    """Return a reference to a checkpoint, without checking that it can be read."""
    return CheckpointRef(model.name, episode, checkpoint_path(model.path, episode))


def check_new_name(name: str, taken: set[str]) -> None:
    """Check the name of a new model.

    Raises:
        InvalidNameError: When it is invalid, or among the ``taken`` names (in lower case).
    """
    check_name(name)
    if name.lower() in taken:
        raise InvalidNameError(f"there is a model {name!r} already; choose another name")
