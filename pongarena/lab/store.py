"""The lab's folder: one folder per run of an experiment, ``lab/<experiment>-<n>/``.

::

    plan.json               the experiment, the arms with all settings, the length; written once
    status.json             the process's status, in the library's format
    runs/<arm>-<seed>.jsonl points won and lost per update, in the library's format
    runs/<arm>-<seed>.npz   the state to resume from; deleted when the training run is complete
    lab.log                 the process's output
    report.md, report.json, chart.svg   the report, rewritten after each training run
    chart-steps.svg         a second chart, if the training runs take equally long
"""

import errno
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pongarena import __version__
from pongarena.core import paths
from pongarena.core.errors import LibraryError, PongArenaError, SessionError, UnknownNameError
from pongarena.core.files import write_json_atomically
from pongarena.core.reading import reason
from pongarena.core.records import Meta, Moment, Numbers, Word, decode, one_of, read_record
from pongarena.core.system import rename
from pongarena.core.text import printable
from pongarena.jobs.lock import model_lock
from pongarena.jobs.status import Status, read_status
from pongarena.lab.experiments import (
    EXPERIMENTS,
    Arm,
    Experiment,
    Length,
    experiment,
)
from pongarena.library.metrics import CurveTail, MetricsTail, Points
from pongarena.library.names import did_you_mean
from pongarena.library.staging import hidden_folder, visible_folders
from pongarena.library.trash import Bin, Trashed
from pongarena.training import registry

__all__ = [
    "FORMAT_VERSION",
    "LabRun",
    "Part",
    "Played",
    "create_run",
    "delete_run",
    "find_run",
    "lab_runs",
    "make_numbered",
    "trash",
]

FORMAT_VERSION = 1
"""Version of ``plan.json``."""

_LARGEST = 1 << 20
"""In bytes; a larger plan is damaged."""

_MOST_ARMS = 50

_LONGEST_FAULT = 500
"""In characters; anything longer quotes the file's content."""


class Played(NamedTuple):
    """The course of a training run, update by update.

    Attributes:
        steps: Shape (n,): decisions so far.
        seconds: Shape (n,): time so far, without pauses.
    """

    steps: NDArray[np.float64]
    seconds: NDArray[np.float64]

    def amount(self, length: Length) -> int:
        """Return how much of a length is done, in its own unit; see `Length.amount`."""
        if not len(self.steps):
            return 0
        return round(1000 * self.seconds[-1]) if length.seconds else int(self.steps[-1])


@dataclass(frozen=True)
class Part:
    """One training run: an arm, with its index from 0, and a seed; its files are in the folder."""

    arm: Arm
    number: int
    seed: int
    folder: Path

    @property
    def name(self) -> str:
        """Its displayed name."""
        return f"{self.arm.name}, seed {self.seed}"

    @property
    def metrics(self) -> Path:
        """The file of its points."""
        return self.folder / f"{self.number + 1}-{self.seed}.jsonl"

    @property
    def saved(self) -> Path:
        """The file of its state to resume from."""
        return self.folder / f"{self.number + 1}-{self.seed}.npz"

    def played(self) -> Played:
        """Read its course: empty before the first update.

        Raises:
            LibraryError: When the file exists but cannot be read.
        """
        rows = [
            (row["steps"], row["seconds"])
            for row in MetricsTail(self.metrics).read_new()
            if isinstance(row.get("steps"), (int, float)) and isinstance(row.get("seconds"), (int, float))
        ]
        steps, seconds = np.array(rows, np.float64).reshape(-1, 2).T
        return Played(steps, seconds)

    def points(self) -> Points:
        """Read the points won and lost so far.

        Raises:
            LibraryError: When the file exists but cannot be read.
        """
        tail = CurveTail(self.metrics)
        tail.refresh()
        return tail.curve.points


@dataclass(frozen=True)
class LabRun:
    """A run of an experiment.

    Attributes:
        id: The folder's name.
        path: The folder.
        experiment: The experiment.
        length: Its length.
        created: ISO date and time, UTC.
        fault: What is wrong with the folder; None if nothing is.
    """

    id: str
    path: Path
    experiment: Experiment
    length: Length
    created: str = ""
    fault: str | None = None

    def status(self) -> Status:
        """Read its process's latest status."""
        return read_status(self.path / "status.json")

    def parts(self) -> list[Part]:
        """Return all training runs in their order: every arm once before the next seed."""
        return [
            Part(arm, number, seed, self.path / "runs")
            for seed in range(1, self.length.seeds + 1)
            for number, arm in enumerate(self.experiment.arms)
        ]

    @property
    def amount(self) -> int:
        """Total of all training runs; see `Length.amount`."""
        return self.length.amount * len(self.experiment.arms) * self.length.seeds

    @property
    def report(self) -> Path:
        """The report's file."""
        return self.path / "report.md"


def create_run(asked: Experiment, length: Length, root: Path | None = None) -> LabRun:
    """Create the folder of a new run.

    Raises:
        LibraryError: When the data directory cannot be written; nothing is left behind.
    """
    root = paths.lab_dir() if root is None else root
    plan = {
        "format_version": FORMAT_VERSION,
        "experiment": asked.name,
        "length": asdict(length),
        "arms": [arm.to_json() for arm in asked.arms],
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "pongarena": __version__,
    }

    def fill(folder: Path) -> None:
        (folder / "runs").mkdir(mode=0o700)
        write_json_atomically(folder / "plan.json", plan)

    return _read(make_numbered(root, asked.name, fill))


def lab_runs(root: Path | None = None) -> list[LabRun]:
    """Return all runs, the oldest first; a damaged one has a ``fault``.

    Raises:
        LibraryError: When the folder exists but cannot be listed.
    """
    root = paths.lab_dir() if root is None else root
    runs = [_read(path) for path in sorted(visible_folders(root), key=_in_order)]
    return sorted(runs, key=lambda run: run.created)


def find_run(run_id: str, root: Path | None = None) -> LabRun:
    """Return the run with this id.

    Raises:
        UnknownNameError: When there is none.
        LibraryError: When it is damaged.
    """
    known = {run.id: run for run in lab_runs(root)}
    if run_id not in known:
        hint = did_you_mean(run_id, known) or "; list them: pongarena lab list"
        raise UnknownNameError(f"there is no run {run_id!r} in the lab{hint}")
    if (fault := known[run_id].fault) is not None:
        raise LibraryError(f"the run {run_id!r} of the lab is damaged: {fault}")
    return known[run_id]


def trash(root: Path | None = None) -> Bin:
    """Return the trash of deleted runs."""
    return Bin(paths.lab_dir() if root is None else root)


def delete_run(run: LabRun) -> Trashed:
    """Move a run to the trash, even a damaged one.

    Raises:
        UnknownNameError: When it is gone.
        SessionError: While it is running.
        LibraryError: When its folder cannot be changed.
    """
    if run.status().active:
        raise SessionError(f"{run.id!r} is at work; stop it first: pongarena lab stop {run.id}")
    with model_lock(run.path, to_rename=True):
        return trash(run.path.parent).put(run.path)


def active_run(root: Path | None = None) -> LabRun | None:
    """Return the run whose process is alive, if any."""
    return next((run for run in lab_runs(root) if run.fault is None and run.status().active), None)


def make_numbered(root: Path, name: str, fill: Callable[[Path], None]) -> Path:
    """Create a folder with the next free number, ``root/name-<n>``; it becomes visible once it is filled.

    Raises:
        LibraryError: When it cannot be written; nothing is left behind.
    """
    try:
        with hidden_folder(root, name) as hidden:
            fill(hidden)
            return _show_numbered(hidden, root, name)
    except OSError as error:
        raise LibraryError(
            f"cannot create a folder in {root}: {error.strerror or error}; free space or make it writable"
        ) from error


def _show_numbered(hidden: Path, root: Path, name: str) -> Path:
    taken = [int(match[1]) for path in root.iterdir() if (match := re.fullmatch(rf"{name}-(\d+)", path.name))]
    number = max(taken, default=0)
    while True:
        number += 1
        folder = root / f"{name}-{number}"
        if not folder.exists():
            try:
                rename(hidden, folder)
                return folder
            except OSError as error:  # another process was faster
                if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                    raise


_OLD_METHODS = {"random": "random-search"}
"""In the first runs, the searches were not recipes."""

_OLD_SIGHTS: dict[str, dict[str, int]] = {"plain": {}, "permuted": {"shuffle": 1}, "cropped": {"crop": 2}}
"""The first runs' words for the view, as settings."""


@dataclass(frozen=True)
class _PlannedArm:
    name: Word
    method: Word
    settings: dict[str, Any]
    sight: Annotated[str, one_of(_OLD_SIGHTS)] | None = None
    normalised: bool = True

    def arm(self) -> Arm:
        """Return the arm; the first runs had no settings for the view."""
        settings = {name: value for name, value in self.settings.items() if name != "name"}
        if self.sight is not None:
            settings = {**self._first_settings(settings), **_OLD_SIGHTS[self.sight]}
        method = _OLD_METHODS.get(self.method, self.method)
        recipe = registry.to_json(registry.from_json({**decode(settings, Numbers), "name": method}))
        return Arm(self.name, recipe.pop("name"), recipe)

    def _first_settings(self, settings: dict[str, Any]) -> dict[str, Any]:
        if self.method in ("random", "cross-entropy"):
            if units := settings.get("hidden_units"):
                return {"hidden_units": units, "block_rows": 1, "block_columns": 1}
            return {"hidden_units": 2, "block_rows": 8, "block_columns": 2}
        return settings if self.normalised or self.method != "karpathy" else {**settings, "normalise": 0}


@dataclass(frozen=True)
class _Plan:
    """The content of ``plan.json``."""

    experiment: Word
    arms: Annotated[tuple[_PlannedArm, ...], Meta(max_length=_MOST_ARMS)]
    length: Length
    created: Moment


def _read(folder: Path) -> LabRun:
    try:
        if folder.name != printable(folder.name):
            raise ValueError("the folder's name cannot be shown")
        plan = read_record(folder / "plan.json", _Plan, limit=_LARGEST, version=FORMAT_VERSION)
        asked = experiment(plan.experiment)
        arms = tuple(each.arm() for each in plan.arms)
        if arms and [arm.to_json() for arm in arms] != [arm.to_json() for arm in asked.arms]:
            # take the arms from the plan: another version may compare other arms
            asked = replace(asked, arms=arms)
        return LabRun(folder.name, folder, asked, plan.length, plan.created)
    except PongArenaError as error:
        fault = str(error)
    except (OSError, ValueError) as error:
        why = reason(error)
        fault = f"lab/{folder.name}/plan.json cannot be read ({why}); delete the folder, or repair the file"
    fault = printable(fault, most=_LONGEST_FAULT)
    return LabRun(folder.name, folder, EXPERIMENTS[0], Length("own", 1, 2), "", fault)


def _in_order(path: Path) -> tuple[str, int]:
    name, _, number = path.name.rpartition("-")
    return name, int(number) if number.isdecimal() else 0
