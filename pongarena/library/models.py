"""The models in the user's data directory: list, create, fork, rename, delete.

A model is a folder; its name is the folder's. It is made under a hidden name and renamed when it is whole,
and hidden again before it is deleted, so that nobody ever meets half a model. ``model.json`` is written once.
"""

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pongarena import __version__, paths
from pongarena.agent.checkpoint import Card, Checkpoint, read_checkpoint, write_checkpoint
from pongarena.agent.policy import PolicyNetwork
from pongarena.errors import (
    InvalidNameError,
    InvalidSettingError,
    LibraryError,
    PongArenaError,
    SessionError,
    UnknownNameError,
)
from pongarena.files import make_folder, write_json_atomically
from pongarena.library.lock import model_lock
from pongarena.library.metrics import Curve, read_curve
from pongarena.library.names import check_name, did_you_mean
from pongarena.library.status import Status, read_status, require_no_newer
from pongarena.reading import read_json
from pongarena.text import LONGEST_WORDS, moment, printable
from pongarena.training import recipes
from pongarena.training.recipes import Recipe

__all__ = ["FORMAT_VERSION", "CheckpointRef", "Library", "Model", "checkpoint_path"]

FORMAT_VERSION = 1
"""Of ``model.json``."""

_LARGEST = 1 << 20
"""Bytes; a larger model.json is damage."""

_CHECKPOINT_FILE = re.compile(r"ep(\d{6,12})\.npz", re.ASCII)


def checkpoint_path(folder: Path, episode: int) -> Path:
    """Where a model's folder keeps the checkpoint of an episode."""
    return folder / "checkpoints" / f"ep{episode:06d}.npz"


@dataclass(frozen=True)
class CheckpointRef:
    """One saved moment of one model, which exists.

    Attributes:
        model: The model's name.
        episode: Episodes played by then.
        path: The file.
    """

    model: str
    episode: int
    path: Path

    def __str__(self) -> str:
        return f"{self.model}@{self.episode}"


@dataclass(frozen=True)
class Model:
    """A network with its history.

    Attributes:
        name: The folder's name.
        path: The folder.
        recipe: How it trains; None only when ``fault`` says why it could not be read.
        seed: Of the whole training.
        lineage: Ancestors as ``model@episode``, oldest first; empty for a model that began at random.
        created: ISO date and time, UTC.
        fault: What is wrong with the folder, None when nothing is.
        bundled: Whether it came with pongarena: it can be played and forked, not trained or changed.
    """

    name: str
    path: Path
    recipe: Recipe | None = None
    seed: int = 0
    lineage: tuple[str, ...] = ()
    created: str = ""
    fault: str | None = None
    bundled: bool = field(default=False, compare=False)

    def status(self) -> Status:
        """What its session does, or did last; see ``read_status``."""
        return read_status(self.path / "status.json")

    def checkpoints(self) -> list[int]:
        """The episodes of its checkpoints, ascending."""
        try:
            found = [_CHECKPOINT_FILE.fullmatch(path.name) for path in (self.path / "checkpoints").iterdir()]
        except OSError:
            return []
        return sorted({int(match[1]) for match in found if match})

    def checkpoint(self, episode: int | None = None) -> CheckpointRef:
        """The checkpoint of an episode, the latest by default.

        Raises:
            UnknownNameError: When there is none.
        """
        have = self.checkpoints()
        if not have:
            raise UnknownNameError(
                f"{self.name!r} has no checkpoint yet; train it first: pongarena train {self.name}"
            )
        if episode is None:
            episode = have[-1]
        if episode not in have:
            near = sorted(sorted(have, key=lambda each: abs(each - episode))[:5])
            raise UnknownNameError(
                f"{self.name!r} has no checkpoint of episode {episode}; the nearest are "
                + ", ".join(f"{self.name}@{each}" for each in near)
            )
        return CheckpointRef(self.name, episode, checkpoint_path(self.path, episode))

    def curve(self) -> Curve:
        """Its learning curve so far.

        Raises:
            LibraryError: When the metrics exist and cannot be read.
        """
        return read_curve(self.path / "metrics.jsonl")


class Library:
    """All models of a user.

    Args:
        root: The folder of models; the user's own by default. Made by the first model.
        bundled: A folder of read-only models that came with pongarena.
    """

    def __init__(self, root: Path | None = None, bundled: Path | None = None) -> None:
        self.root = root if root is not None else paths.models_dir()
        self._bundled = bundled if bundled is not None else paths.assets_dir() / "opponents"

    def models(self) -> list[Model]:
        """All models, sorted by name, the user's own first; a damaged one carries its ``fault``.

        Raises:
            LibraryError: When the library exists and cannot be listed.
        """
        own = [_read_model(path, bundled=False) for path in _folders(self.root)]
        # one that was renamed or deleted just now is not damaged
        own = [model for model in own if model.fault is None or model.path.is_dir()]
        taken = {model.name.lower() for model in own}
        given = [_read_model(path, bundled=True) for path in _folders(self._bundled)]
        return own + [model for model in given if model.name.lower() not in taken]

    def model(self, name: str) -> Model:
        """The model of this name.

        Raises:
            UnknownNameError: When there is none; the message offers the nearest names.
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
        """The checkpoint that ``model``, ``model@latest`` or ``model@episode`` names.

        Raises:
            UnknownNameError: When there is no such model or checkpoint.
        """
        name, at, episode = spec.partition("@")
        model = self.model(name)
        if not at or episode == "latest":
            return model.checkpoint()
        if not re.fullmatch(r"\d{1,12}", episode, re.ASCII):
            raise UnknownNameError(
                f"expected an episode number or 'latest' after the @, got {spec!r}; for instance "
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
    ) -> Model:
        """Make a model with these ancestors and weights; random ones, drawn by its first session, for None.

        Raises:
            PongArenaError: As ``create``.
        """
        check_name(name)
        if policy is not None and policy.hidden_units != recipe.hidden_units:
            raise InvalidSettingError(
                f"expected hidden_units {policy.hidden_units}, which the weights have, got "
                f"{recipe.hidden_units}; leave that setting as it is, or start from random weights"
            )
        if seed < 0:
            raise InvalidSettingError(f"expected a seed of 0 or more, got {seed}")
        self.require_free(name)
        created = datetime.now(UTC).isoformat(timespec="seconds")

        def fill(folder: Path) -> None:
            record = {
                "format_version": FORMAT_VERSION,
                "recipe": recipes.to_json(recipe),
                "seed": seed,
                "lineage": list(lineage),
                "created": created,
                "pongarena": __version__,
            }
            write_json_atomically(folder / "model.json", record)
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
        with self._at_rest(model, "renamed"), _library_errors(f"rename {name}"):
            model.path.rename(self.root / new_name)
        return self.model(new_name)

    def delete(self, name: str) -> None:
        """Delete a model with all its checkpoints, a damaged one too. There is no way back.

        Raises:
            UnknownNameError: When there is no such model.
            SessionError: While its session is there.
        """
        model = self._own(name, "deleted")
        grave = Path(self.root) / f".deleted-{name}-{os.getpid()}-{os.urandom(4).hex()}"
        with self._at_rest(model, "deleted"), _library_errors(f"delete {name}"):
            model.path.rename(grave)
        with _library_errors(f"delete {grave}"):
            shutil.rmtree(grave)

    def _own(self, name: str, done: str) -> Model:
        for path in _folders(self.root):
            if name in (path.name, printable(path.name)):
                return _read_model(path, bundled=False)
        if self.model(name).bundled:
            raise LibraryError(f"{name!r} came with pongarena and cannot be {done}; fork it to change it")
        raise UnknownNameError(f"there is no model {name!r}")

    @contextlib.contextmanager
    def _at_rest(self, model: Model, done: str) -> Iterator[None]:
        status = model.status()
        if status.active:
            raise SessionError(
                f"{model.name!r} is {status.state} (process {status.pid}) and cannot be {done}; "
                f"stop it first: pongarena stop {model.name}"
            )
        with model_lock(model.path) as lock:
            if os.name == "nt":
                lock.release()  # Windows does not rename a folder with an open file in it
            yield

    def require_free(self, name: str) -> None:
        """Raise an InvalidNameError when a model has this name, in any case."""
        for path in (*_folders(self.root), *_folders(self._bundled)):
            if path.name.lower() == name.lower():
                raise InvalidNameError(f"there is a model {path.name!r} already; choose another name")

    def build(self, name: str, fill: Callable[[Path], None]) -> None:
        """Make a folder under a hidden name, fill it, and show it only when it is whole."""
        with _library_errors(f"make the model {name}"):
            make_folder(self.root)
            folder = Path(tempfile.mkdtemp(prefix=f".new-{name}-{os.getpid()}-", dir=self.root))
            try:
                (folder / "checkpoints").mkdir(mode=0o700)
                (folder / "requests").mkdir(mode=0o700)
                fill(folder)
                try:
                    folder.rename(self.root / name)
                except OSError as error:
                    if (self.root / name).exists():
                        raise InvalidNameError(
                            f"there is a model {name!r} already; choose another name"
                        ) from error
                    raise
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise


def _folders(root: Path) -> list[Path]:
    try:
        with os.scandir(root) as entries:
            found = [entry.name for entry in entries if not entry.name.startswith(".") and entry.is_dir()]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise LibraryError(
            f"cannot list {root}: {error.strerror or error}; make the folder readable, or set "
            "PONGARENA_HOME to another"
        ) from error
    return [root / name for name in sorted(found, key=lambda name: (name.lower(), name))]


def _read_model(path: Path, *, bundled: bool) -> Model:
    model = Model(printable(path.name), path, bundled=bundled)
    try:
        check_name(path.name)
        return replace(model, **_read_record(path / "model.json"))
    except (PongArenaError, OSError, ValueError, KeyError, TypeError) as error:
        reason = str(error) if isinstance(error, PongArenaError) else f"model.json cannot be read ({error!r})"
        return replace(model, fault=printable(reason))


def _read_record(path: Path) -> dict[str, Any]:
    record = read_json(path, limit=_LARGEST)
    require_no_newer(record, FORMAT_VERSION, path)
    seed, lineage, created = record["seed"], record["lineage"], record["created"]
    if type(seed) is not int or seed < 0:
        raise ValueError(f"seed is {seed!r:.60}")
    if not isinstance(lineage, list) or not all(isinstance(each, str) for each in lineage):
        raise ValueError("lineage is no list of texts")
    if not isinstance(record["recipe"], dict):
        raise ValueError("recipe is no object")
    return {
        "recipe": recipes.from_json(record["recipe"]),
        "seed": seed,
        "lineage": tuple(printable(each, most=LONGEST_WORDS) for each in lineage),
        "created": moment(created),
    }


@contextlib.contextmanager
def _library_errors(doing: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LibraryError(
            f"cannot {doing}: {error.strerror or error} ({error.filename}); free some space or make the "
            "folder writable, or set PONGARENA_HOME to another"
        ) from error
