"""A model of the library, as its folder describes it, and a reference to one of its checkpoints."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from pongarena.core.errors import UnknownNameError
from pongarena.core.records import Word
from pongarena.jobs.status import Status, read_status
from pongarena.library import curve_cache as kept_curve
from pongarena.library.curve import Curve
from pongarena.library.metrics import CurveTail, read_curve
from pongarena.training.imitation import Imitation
from pongarena.training.recipe import Recipe

__all__ = ["CheckpointRef", "Cloned", "Model", "checkpoint_path"]

_CHECKPOINT_FILE = re.compile(r"ep(\d{6,12})\.npz", re.ASCII)


def checkpoint_path(folder: Path, episode: int) -> Path:
    """Return where a model's folder holds the checkpoint of an episode."""
    return folder / "checkpoints" / f"ep{episode:06d}.npz"


@dataclass(frozen=True)
class CheckpointRef:
    """A checkpoint that exists.

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
class Cloned:
    """Whom a model imitated before it trained.

    Attributes:
        player: The player's name in the match log.
        matches: The ids of the matches.
        imitation: How well it imitated them.
    """

    player: Word
    matches: tuple[Word, ...]
    imitation: Imitation

    def __str__(self) -> str:
        """Describe it in words."""
        count = len(self.matches)
        return f"imitated {self.player} in {count} match{'es' if count > 1 else ''}: {self.imitation}"


@dataclass(frozen=True)
class Model:
    """A network with its history.

    Attributes:
        name: The folder's name.
        path: The folder.
        recipe: How it trains; None only when ``fault`` says why it could not be read.
        seed: The seed of its training.
        lineage: Ancestors as ``model@game``, oldest first, or "the file …" that weights came from; empty
            for a model that began at random, or as a clone.
        created: ISO date and time, UTC.
        cloned: Whom it imitated before it trained; None for most models.
        fault: What is wrong with the folder; None when nothing is.
        bundled: Whether it came with pongarena: it can be played and forked, but not trained or changed.
    """

    name: str
    path: Path
    recipe: Recipe | None = None
    seed: int = 0
    lineage: tuple[str, ...] = ()
    created: str = ""
    cloned: Cloned | None = None
    fault: str | None = None
    bundled: bool = field(default=False, compare=False)

    def status(self) -> Status:
        """Read the status of its session, or of the last one; see ``read_status``."""
        return read_status(self.path / "status.json")

    def checkpoints(self) -> list[int]:
        """List the episodes of its checkpoints, ascending."""
        try:
            found = [_CHECKPOINT_FILE.fullmatch(path.name) for path in (self.path / "checkpoints").iterdir()]
        except OSError:
            return []
        return sorted({int(match[1]) for match in found if match})

    def checkpoint(self, episode: int | None = None) -> CheckpointRef:
        """Return the checkpoint of an episode, the latest by default.

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
                f"{self.name!r} has no checkpoint of game {episode}; the nearest are "
                + ", ".join(f"{self.name}@{each}" for each in near)
            )
        return CheckpointRef(self.name, episode, checkpoint_path(self.path, episode))

    def curve(self) -> Curve:
        """Read its learning curve so far.

        Raises:
            LibraryError: When the metrics exist and cannot be read.
        """
        return read_curve(*self._curve_files)

    def curve_tail(self) -> CurveTail:
        """Follow its learning curve as it grows; nothing is read yet."""
        return CurveTail(*self._curve_files)

    @property
    def _curve_files(self) -> tuple[Path, Path | None]:
        """The metrics and the cache of their curve; a bundled model has no cache: its folder is not ours."""
        return self.path / "metrics.jsonl", None if self.bundled else self.path / kept_curve.FILE
