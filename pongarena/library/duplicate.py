"""Duplicate a model: try something with the copy and keep the original as it is."""

import shutil
from pathlib import Path

from pongarena.core.errors import LibraryError
from pongarena.core.files import copy_ordinary
from pongarena.library.models import Library, Model
from pongarena.library.names import check_name

__all__ = ["duplicate"]

_NOT_COPIED = shutil.ignore_patterns("lock", "requests", "checkpoints", ".*")
"""Files of a session, and temporary ones; checkpoints are copied apart."""


def duplicate(library: Library, name: str, new_name: str) -> Model:
    """Copy a model with its checkpoints, its curve and the state that its training resumes from.

    Raises:
        UnknownNameError: When there is no such model.
        InvalidNameError: When the new name cannot be used, or is taken.
        SessionError: While its session runs: the copied files would be of different moments.
        LibraryError: When it came with pongarena, is damaged, or the disk is full; nothing is left behind.
    """
    model = library.model(name)
    if model.bundled:
        raise LibraryError(f"{name!r} came with pongarena and cannot be duplicated; fork it instead")
    library.require_free(check_name(new_name))

    def fill(folder: Path) -> None:
        shutil.copytree(
            model.path, folder, ignore=_NOT_COPIED, copy_function=copy_ordinary, dirs_exist_ok=True
        )
        checkpoints = model.path / "checkpoints"
        if checkpoints.is_dir():
            shutil.copytree(
                checkpoints,
                folder / "checkpoints",
                ignore=shutil.ignore_patterns(".*"),
                copy_function=copy_ordinary,
                dirs_exist_ok=True,
            )

    with library.at_rest(model, "duplicated"):
        library.build(new_name, fill)
    return library.model(new_name)
