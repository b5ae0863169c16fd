"""The trash: deleted models, checkpoints, tournaments and lab runs stay there until it is emptied.

Each kind has its own, the hidden folder ``.trash`` beside its items, in the same file system: deleting and
restoring are single renames. An item's name holds everything known of it:
``20261121T101500123456Z-4f1c~deep`` or ``…~deep@400.npz``.
"""

import re
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pongarena.core.errors import InvalidNameError, LibraryError, SessionError, UnknownNameError
from pongarena.core.system import rename
from pongarena.jobs.lock import model_lock
from pongarena.library.models import (
    TRASH_FOLDER,
    CheckpointRef,
    Library,
    Model,
    checkpoint_path,
    library_errors,
    trash_place,
)
from pongarena.library.names import check_name, did_you_mean

__all__ = ["Bin", "Trash", "Trashed"]

_ITEM = re.compile(r"(\d{8}T\d{12}Z)-[0-9a-f]+~([A-Za-z0-9][A-Za-z0-9_-]*)(?:@(\d{1,12})\.npz)?", re.ASCII)
_STRANGE = re.compile(r"[^A-Za-z0-9_-]+")
_DAY_S = 86_400.0
_STAMP = "%Y%m%dT%H%M%S%fZ"


@dataclass(frozen=True)
class Trashed:
    """A deleted folder or checkpoint.

    Attributes:
        model: The folder's name, or that of the checkpoint's model.
        episode: The checkpoint's episode; None for a whole folder.
        deleted: When it was deleted, Unix time in seconds.
        path: The folder or the file in the trash.
    """

    model: str
    episode: int | None
    deleted: float
    path: Path

    def __str__(self) -> str:
        return self.model if self.episode is None else f"{self.model}@{self.episode}"

    @property
    def size(self) -> int:
        """Its size in bytes; 0 when it no longer exists."""
        files = [self.path] if self.path.is_file() else self.path.rglob("*")
        with suppress(FileNotFoundError):
            return sum(path.lstat().st_size for path in files if not path.is_dir())
        return 0


class Bin:
    """The deleted folders of one parent folder (tournaments, or lab runs), in its hidden ``.trash``."""

    _list = "its restore command without a name"

    def __init__(self, room: Path) -> None:
        self._room = room
        self._root = room / TRASH_FOLDER

    @property
    def folder(self) -> Path:
        """Its path; the folder is created with the first deletion."""
        return self._root

    def put(self, folder: Path) -> Trashed:
        """Move a folder into the trash.

        Raises:
            UnknownNameError: When it no longer exists.
            LibraryError: When it cannot be moved.
        """
        if not folder.is_dir():
            raise UnknownNameError(f"there is no {folder.name!r} any more")
        place = trash_place(self._root, _STRANGE.sub("-", folder.name).strip("-") or "damaged")
        with library_errors(f"delete {folder}"):
            rename(folder, place)
        return _required(_item(place))

    def bring_back(self, item: Trashed) -> Path:
        """Restore a folder to where it was.

        Raises:
            InvalidNameError: When another folder has its name meanwhile.
            UnknownNameError: When it is not in the trash any more.
            LibraryError: When it cannot be moved.
        """
        place = self._room / item.model
        if place.exists():
            raise InvalidNameError(f"there is another {item.model!r} now; delete that one first")
        if not item.path.exists():
            raise UnknownNameError(f"{item} is not in the trash any more")
        with library_errors(f"bring back {item}"):
            rename(item.path, place)
        return place

    def items(self) -> list[Trashed]:
        """List everything that can be restored, the last deleted first.

        Raises:
            LibraryError: When the trash exists and cannot be listed.
        """
        try:
            with library_errors(f"list {self._root}"):
                found = [_item(path) for path in self._root.iterdir()] if self._root.is_dir() else []
        except FileNotFoundError:
            return []
        return sorted((item for item in found if item), key=lambda item: item.path.name, reverse=True)

    def find(self, wanted: str) -> Trashed:
        """Find the last deleted item called ``wanted``: ``deep`` or ``deep@400``.

        Raises:
            UnknownNameError: When there is none.
        """
        items = self.items()
        for item in items:
            if str(item) == wanted:
                return item
        hint = did_you_mean(wanted, {str(item) for item in items}) or f"; see what is in it: {self._list}"
        raise UnknownNameError(f"there is no {wanted!r} in the trash{hint}")

    def empty(self, older_than_days: float = 0.0) -> int:
        """Remove for good the items that were deleted at least so many days ago.

        Returns:
            How many items were removed.

        Raises:
            LibraryError: When an item cannot be removed.
        """
        old = self.older_than(older_than_days)
        for item in old:
            self.remove(item)
        return len(old)

    def older_than(self, days: float) -> list[Trashed]:
        """List the items that were deleted at least so many days ago, the last deleted first."""
        limit = time.time() - days * _DAY_S
        return [item for item in self.items() if item.deleted <= limit]

    @staticmethod
    def remove(item: Trashed) -> None:
        """Remove one item for good; an item that is already gone is no error.

        Raises:
            LibraryError: When it cannot be removed.
        """
        with library_errors(f"remove {item.path}"), suppress(FileNotFoundError):
            if item.path.is_dir():
                shutil.rmtree(item.path)
            else:
                item.path.unlink()


class Trash(Bin):
    """The deleted things of a library: models and checkpoints."""

    _list = "pongarena models trash"

    def __init__(self, library: Library) -> None:
        super().__init__(library.root)
        self._library = library

    def delete(self, name: str) -> Trashed:
        """Move a model into the trash, even a damaged one.

        Raises:
            UnknownNameError: When there is no such model.
            SessionError: While it has a session.
            LibraryError: When it came with pongarena, or cannot be moved.
        """
        return _required(_item(self._library.delete(name)))

    def delete_checkpoint(self, ref: CheckpointRef) -> Trashed:
        """Move one checkpoint into the trash.

        Raises:
            UnknownNameError: When it is gone already.
            SessionError: While the model has a session.
            LibraryError: When it is the model's only one, or cannot be moved.
        """
        model = self._library.model(ref.model)
        have = model.checkpoints()
        if ref.episode not in have:
            raise UnknownNameError(f"there is no checkpoint {ref} any more")
        if len(have) == 1:
            raise LibraryError(f"{ref} is the only checkpoint of {ref.model!r}; delete the model instead")
        place = trash_place(self._root, f"{ref}.npz")
        with self._library.at_rest(model, "changed"), library_errors(f"delete {ref}"):
            rename(ref.path, place)
        return _required(_item(place))

    def restore(self, item: Trashed, new_name: str | None = None) -> Model:
        """Restore a model or checkpoint; a model may get another name.

        Raises:
            InvalidNameError: When a model has that name meanwhile.
            UnknownNameError: When it is not in the trash any more, or its model is gone.
            LibraryError: When it cannot be moved.
        """
        if not item.path.exists():
            raise UnknownNameError(f"{item} is not in the trash any more")
        if item.episode is not None:
            return self._restore_checkpoint(item, item.episode)
        name = check_name(new_name or item.model)
        try:
            self._library.require_free(name)
        except InvalidNameError as error:
            raise InvalidNameError(
                f"there is a model {name!r} now; bring the deleted one back under another name: "
                f"pongarena models restore {item.model} --as NEW-NAME"
            ) from error
        with library_errors(f"bring back {item}"):
            rename(item.path, self._library.root / name)
        return next(model for model in self._library.models() if model.name == name)

    def _restore_checkpoint(self, item: Trashed, episode: int) -> Model:
        model = self._library.model(item.model)
        place = checkpoint_path(model.path, episode)
        try:
            with model_lock(model.path), library_errors(f"bring back {item}"):
                if place.exists():
                    raise InvalidNameError(f"there is a checkpoint {item} now; it stays as it is")
                rename(item.path, place)
        except SessionError as error:
            raise SessionError(f"{item.model!r} is training; stop it to bring {item} back") from error
        return model


def _item(path: Path) -> Trashed | None:
    match = _ITEM.fullmatch(path.name)
    if match is None:
        return None
    try:
        deleted = datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None
    return Trashed(match[2], None if match[3] is None else int(match[3]), deleted, path)


def _required(item: Trashed | None) -> Trashed:
    assert item is not None, "the trash gave the item its name"
    return item
