"""The bundled runs of each recipe, with its own settings and several seeds, that other runs are seen beside.

How they were made is written in their files.
"""

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pongarena import paths
from pongarena.errors import LibraryError
from pongarena.library.models import Model
from pongarena.reading import read_json
from pongarena.training.recipes import KarpathyRecipe, Recipe

__all__ = ["Reference", "has_own_settings", "learns_as_its_own", "read_reference", "reference_for"]

FORMAT_VERSION = 1

_LARGEST = 4 << 20
"""Bytes; a larger file is damage."""


@dataclass(frozen=True)
class Reference:
    """Runs of one recipe, brought to common numbers of decisions.

    Attributes:
        recipe: The recipe's name.
        seeds: One a run.
        steps: Shape (m,): decisions, growing.
        shares: Shape (runs, m): points won by then, of the last `WINDOW_POINTS`; NaN after a run's end.
        made: How, in a sentence.
    """

    recipe: str
    seeds: tuple[int, ...]
    steps: NDArray[np.float64]
    shares: NDArray[np.float64]
    made: str

    @property
    def end(self) -> tuple[float, float, float] | None:
        """Decisions that all runs reached, and the lowest and highest share there; None without any."""
        have = self.common
        if have.stop == 0:
            return None
        last = self.shares[:, have.stop - 1]
        return float(self.steps[have.stop - 1]), float(last.min()), float(last.max())

    @property
    def common(self) -> slice:
        """The part of the curves that all runs reached."""
        return slice(0, int(np.isfinite(self.shares).all(axis=0).sum()))

    def at(self, steps: float) -> tuple[float, float, float] | None:
        """Lowest, median and highest share after so many decisions; None beyond where all runs ended."""
        have = self.common
        if have.stop == 0 or steps > self.steps[have][-1]:
            return None
        there = [float(np.interp(steps, self.steps[have], run[have])) for run in self.shares]
        return min(there), float(np.median(there)), max(there)

    def steps_between(self, share: float, goal: float) -> tuple[float, float] | None:
        """How many decisions the fastest and the slowest run took from one share to a higher one.

        None unless every run got there: then nobody can tell.
        """
        needed = []
        for run in self.shares:
            best = np.fmax.accumulate(np.nan_to_num(run, nan=-1.0))
            begin, end = (int(np.searchsorted(best, level)) for level in (share, goal))
            if end >= len(best):
                return None
            needed.append(float(self.steps[end] - self.steps[begin]))
        return (min(needed), max(needed)) if len(needed) > 1 else None


@cache
def read_reference(recipe: str, folder: Path | None = None) -> Reference | None:
    """The bundled runs of a recipe; None when there are none.

    Raises:
        LibraryError: When the file is there and damaged.
    """
    path = (paths.assets_dir() / "reference" if folder is None else folder) / f"{recipe}.json"
    try:
        record = read_json(path, limit=_LARGEST)
        if record["format_version"] > FORMAT_VERSION:
            raise ValueError(f"it is of format version {record['format_version']}")
        steps = np.array(record["steps"], np.float64)
        shares = np.array(
            [[np.nan if x is None else x for x in run["shares"]] for run in record["runs"]], np.float64
        )
        if shares.shape != (len(record["runs"]), len(steps)) or np.any(np.diff(steps) <= 0):
            raise ValueError("its curves do not fit together")
        seeds = tuple(int(run["seed"]) for run in record["runs"])
        return Reference(recipe, seeds, steps, shares, str(record["made"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, OverflowError) as error:
        raise LibraryError(f"cannot read {path} ({error!r}); install pongarena anew") from error


def reference_for(model: Model) -> Reference | None:
    """The runs that a model's is compared with.

    None for a fork, which begins where its parent was; and when the file is damaged, because a picture that
    is missing is no reason not to train.
    """
    if model.recipe is None or model.lineage:
        return None
    try:
        return read_reference(model.recipe.name)
    except LibraryError:
        return None


def has_own_settings(model: Model) -> bool:
    """Whether a model trains with its recipe's own settings, as the reference runs did."""
    return model.recipe is None or learns_as_its_own(model.recipe)


def learns_as_its_own(recipe: Recipe) -> bool:
    """Whether a recipe learns the same, decision by decision, as with its own settings.

    What it is played on, and how often it is saved, changes nothing but the time that it takes.
    """
    own = type(recipe)()
    alike = replace(recipe, emulator=own.emulator, checkpoint_every=own.checkpoint_every)
    return alike == own or (isinstance(alike, KarpathyRecipe) and replace(alike, games=own.games) == own)
