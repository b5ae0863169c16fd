"""Models as files: bring one in from elsewhere, hand one out."""

from pathlib import Path

from pongarena.agent.checkpoint import read_checkpoint, write_checkpoint
from pongarena.agent.importers import import_pickle
from pongarena.errors import LibraryError
from pongarena.library.models import CheckpointRef, Library, Model
from pongarena.library.names import check_name
from pongarena.training import recipes
from pongarena.training.recipes import Recipe

__all__ = ["export_file", "import_file"]


def import_file(
    library: Library, path: Path, name: str, *, recipe: Recipe | None = None, seed: int = 0
) -> Model:
    """Make a model from a file: a checkpoint of pongarena's, or the gist's pickled ``save.p``.

    Args:
        library: Where the model is made.
        path: The file, which is only read.
        name: The new model's name.
        recipe: How it will train; the karpathy recipe of the weights' size by default.
        seed: Of the games to come.

    Raises:
        CheckpointError: When the file is neither, or damaged.
        PongArenaError: As ``Library.create``.
    """
    check_name(name)
    lineage: tuple[str, ...] = ()
    if _looks_like_zip(path):
        checkpoint = read_checkpoint(path)
        card = checkpoint.card
        policy, lineage = checkpoint.policy, (*card.lineage, f"{card.model}@{card.episode}")
    else:
        policy = import_pickle(path)
    if recipe is None:
        recipe = recipes.recipe("karpathy", hidden_units=policy.hidden_units)
    return library.add(name, recipe, seed, lineage, policy)


def export_file(ref: CheckpointRef, path: Path, *, overwrite: bool = False) -> None:
    """Copy a checkpoint to ``path``, after a look whether it can be read.

    Raises:
        CheckpointError: When the checkpoint is damaged.
        LibraryError: When ``path`` exists and may not be overwritten, or cannot be written.
    """
    if path.is_dir():
        raise LibraryError(
            f"expected a file to write, got the folder {path}; add a name, like {path}/{ref.model}.npz"
        )
    if path.exists() and not overwrite:
        raise LibraryError(f"{path} exists already; choose another name, or overwrite it with --force")
    if not path.parent.is_dir():
        raise LibraryError(f"there is no folder {path.parent}; make it, or choose another place")
    write_checkpoint(path, read_checkpoint(ref.path))


def _looks_like_zip(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(2) == b"PK"
    except OSError as error:
        raise LibraryError(
            f"cannot read {path}: {error.strerror or error}; expected a .npz checkpoint or a save.p"
        ) from error
