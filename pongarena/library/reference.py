"""Read the reference runs: bundled runs of each recipe, with several seeds, to compare other runs with.

A recipe's file holds runs with the recipe's own settings, may hold others, and says how they were made.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from pongarena.core import paths
from pongarena.core.errors import LibraryError
from pongarena.core.reading import read_json, reason
from pongarena.core.records import Count, Line, Meta, Numbers, Real, decode, format_version
from pongarena.library.models import Model
from pongarena.training.recipe import Recipe

__all__ = [
    "FORMAT_VERSION",
    "Reference",
    "changed_settings",
    "has_own_settings",
    "read_reference",
    "read_references",
    "reference_for",
    "reference_of",
]

FORMAT_VERSION = 2
"""The version of the files. In version 1 a file held runs with the recipe's own settings only."""

_LARGEST = 4 << 20
"""Bytes; a larger file is damage."""


@dataclass(frozen=True)
class Reference:
    """Runs of one recipe with the same settings, sampled at the same numbers of steps.

    Attributes:
        recipe: The recipe's name.
        seeds: One for each run.
        steps: Shape (m,): agent steps, growing.
        shares: Shape (runs, m): share of the last `WINDOW_POINTS` points won by then; NaN after a run's end.
        made: A sentence that says how they were made.
        settings: The settings that differ from the recipe's own; see `changed_settings`.
    """

    recipe: str
    seeds: tuple[int, ...]
    steps: NDArray[np.float64]
    shares: NDArray[np.float64]
    made: str
    settings: Mapping[str, float] = field(default_factory=dict)

    @property
    def end(self) -> tuple[float, float, float] | None:
        """The steps that all runs reached, and the lowest and highest share there; None without any."""
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
        """Return lowest, median and highest share after ``steps``; None where the shortest run has ended."""
        have = self.common
        if have.stop == 0 or steps > self.steps[have][-1]:
            return None
        there = [float(np.interp(steps, self.steps[have], run[have])) for run in self.shares]
        return min(there), float(np.median(there)), max(there)

    def steps_between(self, share: float, goal: float) -> tuple[float, float] | None:
        """Return how many steps the fastest and the slowest run took from one share to a higher one.

        None unless every run reached it.
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
def read_references(recipe: str, folder: Path | None = None) -> tuple[Reference, ...]:
    """Read the bundled runs of a recipe, grouped by settings; empty when there are none.

    Args:
        recipe: The recipe's name.
        folder: Where the file is; by default the program's own folder.

    Raises:
        LibraryError: When the file is damaged.
    """
    path = (paths.assets_dir() / "reference" if folder is None else folder) / f"{recipe}.json"
    try:
        record = read_json(path, limit=_LARGEST)
        format_version(record, FORMAT_VERSION)
        if "variants" not in record:
            record = {**record, "variants": [{"steps": record.get("steps"), "runs": record.get("runs")}]}
        found = decode(record, _References)
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as error:
        raise LibraryError(f"cannot read {path} ({reason(error)}); install pongarena again") from error
    return tuple(each.to_reference(recipe, found.made) for each in found.variants)


def read_reference(recipe: str, folder: Path | None = None) -> Reference | None:
    """Read the bundled runs with the recipe's own settings; None when there are none.

    Raises:
        LibraryError: As `read_references`.
    """
    return next((each for each in read_references(recipe, folder) if not each.settings), None)


def reference_of(recipe: Recipe) -> Reference | None:
    """Read the bundled runs with exactly these settings; None when there are none.

    Raises:
        LibraryError: As `read_references`.
    """
    settings = changed_settings(recipe)
    return next((each for each in read_references(recipe.name) if each.settings == settings), None)


def reference_for(model: Model) -> Reference | None:
    """Return the runs to compare a model with: those with its settings, else those with the recipe's own.

    None for a fork or a clone, which does not begin at random, and when the file is damaged: training does
    not need it.
    """
    if model.recipe is None or model.lineage or model.cloned is not None:
        return None
    try:
        return reference_of(model.recipe) or read_reference(model.recipe.name)
    except LibraryError:
        return None


def has_own_settings(model: Model) -> bool:
    """Whether there are reference runs with a model's settings; true for the recipe's own."""
    if model.recipe is None or not changed_settings(model.recipe):
        return True
    try:
        return reference_of(model.recipe) is not None
    except LibraryError:
        return False


def changed_settings(recipe: Recipe) -> dict[str, float]:
    """Return the settings that affect learning and differ from the recipe's own."""
    own = dataclasses.asdict(type(recipe)())
    values = dataclasses.asdict(recipe)
    return {name: values[name] for name in own if name not in recipe.immaterial and values[name] != own[name]}


@dataclass(frozen=True)
class _Run:
    seed: Count
    shares: tuple[Annotated[float, Meta(ge=0, le=1)] | None, ...]


@dataclass(frozen=True)
class _Variant:
    steps: tuple[Real, ...]
    runs: tuple[_Run, ...]
    settings: Numbers = field(default_factory=dict)

    def __post_init__(self) -> None:
        if any(a >= b for a, b in pairwise(self.steps)) or any(
            len(run.shares) != len(self.steps) for run in self.runs
        ):
            raise ValueError("its curves do not fit together")

    def to_reference(self, recipe: str, made: str) -> Reference:
        shares = np.array([run.shares for run in self.runs], np.float64)  # None becomes NaN
        seeds = tuple(run.seed for run in self.runs)
        return Reference(recipe, seeds, np.array(self.steps, np.float64), shares, made, self.settings)


@dataclass(frozen=True)
class _References:
    made: Line
    variants: tuple[_Variant, ...]
