"""The plan of a sweep over a recipe's settings, and its folder, ``sweeps/<recipe>-<n>/``.

::

    plan.json       the recipe, the varied and the fixed settings, the length; written once
    journal.log     Optuna's journal of the trials; append-only
"""

import re
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pongarena import __version__
from pongarena.core import paths
from pongarena.core.errors import InvalidSettingError, LibraryError, PongArenaError, UnknownNameError
from pongarena.core.files import write_json_atomically
from pongarena.core.reading import reason
from pongarena.core.records import Count, Meta, Moment, Numbers, Real, Word, one_of, read_record
from pongarena.lab.store import make_numbered
from pongarena.library.names import did_you_mean
from pongarena.library.staging import visible_folders
from pongarena.training import registry
from pongarena.training.recipe import Recipe
from pongarena.training.settings import check_setting, settings_of

__all__ = ["PRUNERS", "Axis", "Sweep", "SweepPlan", "create_sweep", "find_sweep", "parse_axis", "sweeps"]

FORMAT_VERSION = 1
"""Version of ``plan.json``."""

PRUNERS = ("median", "reference", "none")
"""Ways to end hopeless trials early."""

_LARGEST = 1 << 20
"""In bytes; a larger plan is damaged."""

_AXIS = re.compile(r"([A-Za-z_-]+)=([^:]+):([^:]+)(:log)?", re.ASCII)


@dataclass(frozen=True)
class Axis:
    """A setting to vary between two bounds, on a linear or a logarithmic scale."""

    name: Word
    low: Real
    high: Real
    log: bool = False


@dataclass(frozen=True)
class SweepPlan:
    """The plan of a sweep.

    Attributes:
        recipe: The recipe's name.
        axes: The settings to vary.
        trials: Number of trials.
        created: ISO date and time, UTC.
        settings: Fixed settings of the recipe.
        minutes: Training time per trial; 0 if decisions are the limit.
        decisions: Decisions per trial; 0 if minutes are the limit.
        seed: Seed of every training run, and of the sampler.
        prune: How to end trials early; one of `PRUNERS`.
    """

    recipe: Word
    axes: Annotated[tuple[Axis, ...], Meta(min_length=1, max_length=50)]
    trials: Annotated[int, Meta(ge=1, le=100_000)]
    created: Moment = ""
    settings: Numbers = field(default_factory=dict)
    minutes: Real = 0.0
    decisions: Count = 0
    seed: Count = 0
    prune: Annotated[str, one_of(PRUNERS)] = "median"

    def recipe_with(self, values: "dict[str, int | float]") -> Recipe:
        """Return a trial's recipe.

        Raises:
            PongArenaError: When the recipe or a setting is unknown.
        """
        return registry.recipe(self.recipe, **{**self.settings, **values})

    @property
    def length(self) -> str:
        """Length of a trial, in words."""
        return f"{self.decisions:,} steps" if self.decisions else f"{self.minutes:g} minutes of learning"


@dataclass(frozen=True)
class Sweep:
    """A sweep's folder."""

    path: Path
    plan: SweepPlan

    @property
    def id(self) -> str:
        """The sweep's name."""
        return self.path.name

    @property
    def journal(self) -> Path:
        """Optuna's journal."""
        return self.path / "journal.log"


def parse_axis(recipe: str, text: str) -> Axis:
    """Parse an axis of a recipe as typed: ``learning_rate=1e-4:1e-2:log``.

    Raises:
        InvalidSettingError: When it is not such a range, or the recipe does not allow it.
        UnknownNameError: When there is no such recipe.
    """
    kind = type(registry.recipe(recipe))
    found = _AXIS.fullmatch(text)
    if found is None:
        raise InvalidSettingError(
            f"expected SETTING=LOW:HIGH or SETTING=LOW:HIGH:log, got {text!r}; for example "
            "--over learning_rate=1e-4:1e-2:log"
        )
    name = found[1].replace("-", "_")
    low, high = (check_setting(kind, name, value) for value in (found[2], found[3]))
    if not low < high or (found[4] and low <= 0):
        above = " above 0" if found[4] else ""
        raise InvalidSettingError(
            f"expected two values{above} of {name}, the lower one first, got {found[2]} and {found[3]}"
        )
    return Axis(name, low, high, found[4] is not None)


def create_sweep(plan: SweepPlan) -> Sweep:
    """Create the folder of a new sweep.

    Raises:
        InvalidSettingError: When a setting is varied twice, or both varied and set.
        LibraryError: When the data directory cannot be written; nothing is left behind.
    """
    names = [axis.name for axis in plan.axes]
    if twice := {name for name in names if names.count(name) > 1 or name in plan.settings}:
        raise InvalidSettingError(f"expected {', '.join(twice)} once, in --over or in --set, got it twice")
    plan.recipe_with({axis.name: axis.low for axis in plan.axes})
    root = paths.sweeps_dir()
    record = {
        "format_version": FORMAT_VERSION,
        "pongarena": __version__,
        **asdict(plan),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    folder = make_numbered(
        root, plan.recipe, lambda hidden: write_json_atomically(hidden / "plan.json", record)
    )
    return find_sweep(folder.name)


def sweeps() -> list[str]:
    """Return the names of all sweeps.

    Raises:
        LibraryError: When their folder exists but cannot be listed.
    """
    return sorted(path.name for path in visible_folders(paths.sweeps_dir()))


def find_sweep(name: str) -> Sweep:
    """Return the sweep of this name.

    Raises:
        UnknownNameError: When there is none.
        LibraryError: When it is damaged.
    """
    known = sweeps()
    if name not in known:
        hint = did_you_mean(name, [*known, *registry.RECIPES]) or "; list them: pongarena sweep"
        raise UnknownNameError(f"there is no recipe and no sweep {name!r}{hint}")
    path = paths.sweeps_dir() / name
    try:
        plan = read_record(path / "plan.json", SweepPlan, limit=_LARGEST, version=FORMAT_VERSION)
        known_settings = {each.name for each in settings_of(type(plan.recipe_with({})))}
        if strange := {axis.name for axis in plan.axes} - known_settings:
            raise ValueError(f"it varies {', '.join(sorted(strange))}, which is not a setting")
        if (plan.minutes > 0) == (plan.decisions > 0):
            raise ValueError("expected either minutes or steps")
    except (OSError, ValueError, PongArenaError) as error:
        why = str(error) if isinstance(error, PongArenaError) else reason(error)
        raise LibraryError(
            f"the sweep {name!r} is damaged: its plan.json cannot be read ({why}); delete {path}"
        ) from error
    return Sweep(path, plan)
