"""The models in the user's data directory: list, create, fork, rename, delete.

A model is a folder; its name is the folder's. A new one is built under a hidden name and renamed when it is
complete; a deleted one is moved into a hidden trash. So no reader ever sees half a model. ``model.json`` is
written once.
"""

import contextlib
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from pongarena import __version__
from pongarena.core import paths
from pongarena.core.errors import (
    InvalidNameError,
    InvalidSettingError,
    LibraryError,
    PongArenaError,
    SessionError,
    UnknownNameError,
)
from pongarena.core.files import kind_of, write_json_atomically
from pongarena.core.reading import reason
from pongarena.core.records import Meta, Moment, Word, read_record
from pongarena.core.system import rename
from pongarena.core.text import printable
from pongarena.jobs.lock import model_lock
from pongarena.library.model import CheckpointRef, Cloned, Model, checkpoint_path
from pongarena.library.names import check_name, did_you_mean
from pongarena.library.staging import hidden_folder, visible_folders
from pongarena.nn.checkpoint import Card, Checkpoint, read_checkpoint, write_checkpoint
from pongarena.nn.policy import PolicyNetwork
from pongarena.training import registry
from pongarena.training.recipe import Recipe

__all__ = [
    "FORMAT_VERSION",
    "TRASH_FOLDER",
    "CheckpointRef",
    "Library",
    "Model",
    "ModelRecord",
    "checkpoint_path",
    "library_errors",
    "trash_place",
]

FORMAT_VERSION = 1
"""The version of ``model.json``."""

TRASH_FOLDER = ".trash"
"""The trash's name in the library, and in other folders whose content can be restored."""

_SEEDS = 2**63
"""Number of seeds; larger ones could not be read back from JSON."""

_LARGEST = 1 << 20
"""Bytes; a larger model.json is damage."""

_MOST_ANCESTORS = 1000


class Library:
    """All models of a user.

    Args:
        root: The folder of models, by default the user's; it is created with the first model.
        bundled: A folder of read-only models that came with pongarena.
    """

    def __init__(self, root: Path | None = None, bundled: Path | None = None) -> None:
        self.root = root if root is not None else paths.models_dir()
        self._bundled = bundled if bundled is not None else paths.assets_dir() / "opponents"

    def models(self) -> list[Model]:
        """List all models by name, the user's first; a damaged one has its ``fault`` set.

        Raises:
            LibraryError: When the library exists and cannot be listed.
        """
        read = [self.read(path) for path in self.folders()]
        # a model that was renamed or deleted meanwhile is not damaged
        return [model for model in read if model.fault is None or model.path.is_dir()]

    def folders(self) -> list[Path]:
        """List the folders of all models, in the order of ``models``; a user's hides a bundled namesake.

        Raises:
            LibraryError: When the library exists and cannot be listed.
        """
        own = _folders(self.root)
        taken = {path.name.lower() for path in own}
        return own + [path for path in _folders(self._bundled) if path.name.lower() not in taken]

    def read(self, folder: Path) -> Model:
        """Read the model in one of ``folders``; a damaged one has its ``fault`` set."""
        return _read_model(folder, bundled=folder.parent == self._bundled)

    def model(self, name: str) -> Model:
        """Read the model of this name.

        Raises:
            UnknownNameError: When there is none; the message suggests the nearest names.
            LibraryError: When it is damaged.
        """
        names = {printable(path.name): path for path in (*_folders(self._bundled), *_folders(self.root))}
        if name not in names:
            hint = did_you_mean(name, names) or "; list them: pongarena models list"
            raise UnknownNameError(f"there is no model {name!r}{hint}")
        model = _read_model(names[name], bundled=names[name].parent != self.root)
        if model.fault is not None:
            raise LibraryError(f"the model {name!r} is damaged: {model.fault}")
        return model

    def checkpoint(self, spec: str) -> CheckpointRef:
        """Return the checkpoint that ``model``, ``model@latest`` or ``model@game`` names.

        Raises:
            UnknownNameError: When there is no such model or checkpoint.
        """
        name, at, episode = spec.partition("@")
        model = self.model(name)
        if not at or episode == "latest":
            return model.checkpoint()
        if not re.fullmatch(r"\d{1,12}", episode, re.ASCII):
            raise UnknownNameError(
                f"expected the number of a game or 'latest' after the @, got {spec!r}; for instance "
                f"{name}@latest"
            )
        return model.checkpoint(int(episode))

    def create(self, name: str, recipe: Recipe, seed: int, *, parent: CheckpointRef | None = None) -> Model:
        """Make a model that starts at random, or from ``parent``'s weights.

        Raises:
            InvalidNameError: When the name cannot be used, or is taken.
            InvalidSettingError: When the recipe has another number of hidden units than the parent.
            CheckpointError: When the parent's checkpoint cannot be read.
            LibraryError: When the data directory cannot be written; nothing is left behind.
        """
        if parent is None:
            return self.add(name, recipe, seed)
        checkpoint = read_checkpoint(parent.path)
        lineage = (*checkpoint.card.lineage, str(parent))
        return self.add(name, recipe, seed, lineage, checkpoint.policy)

    def fork(
        self, ref: CheckpointRef, new_name: str, *, recipe: Recipe | None = None, seed: int | None = None
    ) -> Model:
        """Make a model that starts from a checkpoint; recipe and seed are the parent's unless given.

        Raises:
            PongArenaError: As ``create``.
        """
        parent = self.model(ref.model)
        chosen = recipe if recipe is not None else parent.recipe
        assert chosen is not None, "a model without a fault has a recipe"
        return self.create(new_name, chosen, parent.seed if seed is None else seed, parent=ref)

    def add(
        self,
        name: str,
        recipe: Recipe,
        seed: int,
        lineage: tuple[str, ...] = (),
        policy: PolicyNetwork | None = None,
        *,
        cloned: Cloned | None = None,
    ) -> Model:
        """Make a model with these ancestors and weights; its first session draws random ones for None.

        ``cloned`` is set when the weights imitate a player.

        Raises:
            PongArenaError: As ``create``.
        """
        check_name(name)
        if policy is not None:
            recipe.check_start(policy)
        if not 0 <= seed < _SEEDS:
            raise InvalidSettingError(f"expected a seed of 0 to {_SEEDS - 1}, got {seed}; choose another one")
        self.require_free(name)
        created = datetime.now(UTC).isoformat(timespec="seconds")

        def fill(folder: Path) -> None:
            record = {
                "format_version": FORMAT_VERSION,
                "recipe": registry.to_json(recipe),
                "seed": seed,
                "lineage": list(lineage),
                "created": created,
                "pongarena": __version__,
            }
            write_json_atomically(folder / "model.json", record | cloned_entry(cloned))
            if policy is not None:
                card = Card(
                    model=name, recipe=recipe.name, episode=0, updates=0, steps=0, seed=seed,
                    running_reward=None, points_won=0, points_lost=0, lineage=lineage, created=created,
                    pongarena=__version__,
                )  # fmt: skip
                write_checkpoint(checkpoint_path(folder, 0), Checkpoint(policy, card))

        self.build(name, fill)
        return self.model(name)

    def rename(self, name: str, new_name: str) -> Model:
        """Give a model another name.

        Raises:
            UnknownNameError: When there is no such model.
            InvalidNameError: When the new name cannot be used, or is taken.
            SessionError: While its session is there.
        """
        model = self._own(name, "renamed")
        if check_name(new_name).lower() != name.lower():
            self.require_free(new_name)
        with self.at_rest(model, "renamed"), library_errors(f"rename {name}"):
            rename(model.path, self.root / new_name)
        return self.model(new_name)

    def delete(self, name: str) -> Path:
        """Move a model with all its checkpoints into the trash, even a damaged one; see ``Trash``.

        Returns:
            Its folder in the trash.

        Raises:
            UnknownNameError: When there is no such model.
            SessionError: While its session is there.
        """
        model = self._own(name, "deleted")
        place = trash_place(self.trash_dir, name)
        with self.at_rest(model, "deleted"), library_errors(f"delete {name}"):
            rename(model.path, place)
        return place

    @property
    def trash_dir(self) -> Path:
        """The folder of deleted models and checkpoints; see ``Trash``."""
        return Path(self.root) / TRASH_FOLDER

    def _own(self, name: str, done: str) -> Model:
        for path in _folders(self.root):
            if name in (path.name, printable(path.name)):
                return _read_model(path, bundled=False)
        if self.model(name).bundled:
            raise LibraryError(f"{name!r} came with pongarena and cannot be {done}; fork it to change it")
        raise UnknownNameError(f"there is no model {name!r}")

    @contextlib.contextmanager
    def at_rest(self, model: Model, done: str) -> Iterator[None]:
        """Hold a model's lock; a SessionError says what cannot be ``done`` while it has a session."""
        status = model.status()
        if status.active:
            raise SessionError(
                f"{model.name!r} is {status.state} (process {status.pid}) and cannot be {done}; "
                f"stop it first: pongarena stop {model.name}"
            )
        with model_lock(model.path, to_rename=True):
            yield

    def require_free(self, name: str) -> None:
        """Raise an InvalidNameError when a model has this name, in any case."""
        for path in (*_folders(self.root), *_folders(self._bundled)):
            if path.name.lower() == name.lower():
                raise InvalidNameError(f"there is a model {path.name!r} already; choose another name")

    def build(self, name: str, fill: Callable[[Path], None]) -> None:
        """Make a folder under a hidden name, fill it, and rename it when it is complete."""
        with library_errors(f"make the model {name}"), hidden_folder(self.root, name) as folder:
            (folder / "checkpoints").mkdir(mode=0o700)
            (folder / "requests").mkdir(mode=0o700)
            fill(folder)
            try:
                rename(folder, self.root / name)
            except OSError as error:
                if (self.root / name).exists():
                    raise InvalidNameError(
                        f"there is a model {name!r} already; choose another name"
                    ) from error
                raise


def _folders(root: Path) -> list[Path]:
    found = visible_folders(root)
    return sorted(found, key=lambda path: (path.name.lower(), path.name))


def _read_model(path: Path, *, bundled: bool) -> Model:
    model = Model(printable(path.name), path, bundled=bundled)
    try:
        check_name(path.name, new=False)
        record = read_record(path / "model.json", ModelRecord, limit=_LARGEST, version=FORMAT_VERSION)
        recipe = registry.from_json(record.recipe)
        known = {name: getattr(record, name) for name in ("seed", "lineage", "created", "cloned")}
        return replace(model, recipe=recipe, **known)
    except PongArenaError as error:
        fault = str(error)
    except (OSError, ValueError) as error:
        fault = f"model.json cannot be read ({reason(error)})"
    return replace(model, fault=printable(fault))


@dataclass(frozen=True)
class ModelRecord:
    """The content of ``model.json``.

    Attributes:
        recipe: The argument of `registry.from_json`.
        seed: The seed of its training.
        lineage: The ancestors, oldest first.
        created: ISO date and time, UTC.
        cloned: Whom it imitated before it trained.
    """

    recipe: dict[str, Any]
    seed: Annotated[int, Meta(ge=0)]
    lineage: Annotated[tuple[Word, ...], Meta(max_length=_MOST_ANCESTORS)]
    created: Moment
    cloned: Cloned | None = None


def cloned_entry(cloned: Cloned | None) -> dict[str, Any]:
    """Return the entry of ``model.json`` for a model's imitation; empty for None."""
    return {} if cloned is None else {"cloned": asdict(cloned)}


def trash_place(trash: Path, what: str) -> Path:
    """Return a free path in a trash for a folder or a checkpoint's file; create the trash if needed.

    The trash is in the same file system as what is deleted, so moving is a single rename.

    Raises:
        LibraryError: When the trash cannot be made.
    """
    with library_errors(f"make {trash}"):
        trash.mkdir(mode=0o700, exist_ok=True)
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    return trash / f"{moment}-{os.urandom(3).hex()}~{what}"


@contextlib.contextmanager
def library_errors(doing: str) -> Iterator[None]:
    """Turn an OSError into a LibraryError that says what failed and what to do."""
    try:
        yield
    except OSError as error:
        place = "" if error.filename is None else f" ({error.filename})"  # a failed write has no name
        raise kind_of(error)(
            f"cannot {doing}: {error.strerror or error}{place}; free some space or make the folder writable, "
            "or set PONGARENA_HOME to another"
        ) from error
