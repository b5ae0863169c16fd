"""A sweep over a recipe's settings: what is varied, and its folder, ``sweeps/<recipe>-<n>/``.

::

    plan.json       the recipe, what is varied and what is not, how long; written once
    journal.log     Optuna's own journal of the trials; only grows
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
"""Of ``plan.json``."""

PRUNERS = ("median", "reference", "none")
"""What ends trials early that go nowhere."""

_LARGEST = 1 << 20
"""Bytes; a larger plan is damage."""

_AXIS = re.compile(r"([A-Za-z_-]+)=([^:]+):([^:]+)(:log)?", re.ASCII)


@dataclass(frozen=True)
class Axis:
    """A setting that is varied.

    Attributes:
        name: The recipe's setting.
        low: The least value.
        high: The greatest.
        log: Whether each power of ten is tried as often as the next.
    """

    name: Word
    low: Real
    high: Real
    log: bool = False


@dataclass(frozen=True)
class SweepPlan:
    """What is tried.

    Attributes:
        recipe: The recipe's name.
        axes: What is varied.
        trials: How many trainings.
        created: ISO date and time, UTC.
        settings: Of the recipe, the same in all trials.
        minutes: Of learning in each trial; 0 where decisions are counted.
        decisions: Of each trial; 0 where minutes are.
        seed: Of every training, and of what is tried next.
        prune: What ends trials early; one of `PRUNERS`.
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
        """The recipe of a trial.

        Raises:
            PongArenaError: When the recipe or a setting is unknown.
        """
        return registry.recipe(self.recipe, **{**self.settings, **values})

    @property
    def length(self) -> str:
        """Of a trial, in words."""
        return f"{self.decisions:,} steps" if self.decisions else f"{self.minutes:g} minutes of learning"


@dataclass(frozen=True)
class Sweep:
    """A sweep's folder."""

    path: Path
    plan: SweepPlan

    @property
    def id(self) -> str:
        """Its name."""
        return self.path.name

    @property
    def journal(self) -> Path:
        """Optuna's file."""
        return self.path / "journal.log"


def parse_axis(recipe: str, text: str) -> Axis:
    """What is varied, as typed: ``learning_rate=1e-4:1e-2:log``.

    Args:
        recipe: The recipe's name.
        text: Setting, lowest and highest value.

    Raises:
        InvalidSettingError: When it is no such range, or the recipe does not allow it.
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
    """Make the folder of a new sweep.

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
    """The names of all sweeps.

    Raises:
        LibraryError: When their folder exists and cannot be listed.
    """
    return sorted(path.name for path in visible_folders(paths.sweeps_dir()))


def find_sweep(name: str) -> Sweep:
    """The sweep of this name.

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
            raise ValueError(f"it varies {', '.join(sorted(strange))}, which is no setting")
        if (plan.minutes > 0) == (plan.decisions > 0):
            raise ValueError("expected either minutes or steps")
    except (OSError, ValueError, PongArenaError) as error:
        why = str(error) if isinstance(error, PongArenaError) else reason(error)
        raise LibraryError(
            f"the sweep {name!r} is damaged: its plan.json cannot be read ({why}); delete {path}"
        ) from error
    return Sweep(path, plan)
