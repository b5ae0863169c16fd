"""Sweeps over a recipe's settings with Optuna: trials run in pieces and are scored by the final points won.

A killed sweep repeats the trials under way, with the same settings, when it continues.
"""

import os
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from pongarena.core.errors import DivergedError, InvalidSettingError, LibraryError
from pongarena.core.extras import require
from pongarena.core.files import open_to_append, require_own
from pongarena.core.reading import lines_of, open_ordinary, parse_json
from pongarena.core.text import printable
from pongarena.jobs.executor import TaskExecutor, WorkerDiedError
from pongarena.jobs.lock import folder_lock
from pongarena.lab.piece import Budget, Piece, Row, State, points_of, train_piece
from pongarena.lab.sweep_plan import Axis, Sweep
from pongarena.library.progress import Share, recent_share
from pongarena.library.reference import Reference, read_reference
from pongarena.training.recipe import Recipe
from pongarena.training.settings import settings_of

__all__ = ["PIECES", "journal_error", "open_study", "require_optuna", "run_sweep", "share_at_end", "tidy"]

PIECES = 10
"""Pieces per trial; after each, the trial may be pruned."""

_STUDY = "sweep"
"""The study's name in Optuna's journal."""

_LONGEST_LINE = 1 << 20
"""Bytes; a longer line of a journal is damage."""

_LONGEST_REASON = 200
_LOOK_EVERY_S = 0.2
_MOST_DECISIONS = 1 << 60
_MOST_DEATHS = 3
"""Number of worker deaths after which a trial fails."""

_WARM_UP = 2
"""Pieces before a trial may be pruned."""


def require_optuna() -> Any:  # noqa: ANN401 - a module that may be missing
    """Import Optuna, and silence its log.

    Raises:
        InvalidSettingError: When it is not installed; the message gives the commands to install it.
    """
    optuna = require("optuna", "a sweep")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna


@dataclass
class _Trial:
    """One of Optuna's trials under way, with the state to start its next piece from."""

    trial: Any
    recipe: Recipe
    rows: list[Row] = field(default_factory=list)
    state: State | None = None
    pieces: int = 0
    deaths: int = 0


@contextmanager
def _hold(sweep: Sweep) -> Iterator[None]:
    """Hold a sweep's lock, so that no other process works on it.

    Raises:
        PongArenaError: As in `folder_lock`.
    """
    gone = f"there is no sweep {sweep.id!r} any more; it was deleted just now"
    taken = f"another process is already working on the sweep {sweep.id!r}; wait for it, or stop it"
    with folder_lock(sweep.path, gone=gone, taken=taken):
        yield


def run_sweep(
    sweep: Sweep,
    executor: TaskExecutor,
    *,
    on_progress: Callable[[int, str], None] = lambda *_: None,
    stopped: Callable[[], bool] = lambda: False,
) -> None:
    """Run the remaining trials of a sweep; finished ones are kept in any case.

    Args:
        sweep: The sweep.
        executor: Runs as many trials in parallel as it has workers.
        on_progress: Called with the number of pieces done, of `PIECES` × trials, and a note on a trial that
            ended.
        stopped: Called a few times a second; True ends the work and drops the trials under way.

    Raises:
        InvalidSettingError: When Optuna is missing, or there are no reference curves to prune by.
        PongArenaError: When files cannot be written, the cluster went away, or workers keep dying.
    """
    with _hold(sweep):
        _Search(sweep, executor, on_progress).run(stopped)


def open_study(sweep: Sweep, sampler: Any = None, pruner: Any = None) -> Any:  # noqa: ANN401
    """Open the Optuna study of a sweep.

    Raises:
        InvalidSettingError: When Optuna is missing.
        LibraryError: When its journal cannot be read or written, or Optuna does not understand it.
    """
    optuna = require_optuna()
    journal = optuna.storages.journal
    try:
        _require_journal(sweep.journal)
        lock = journal.JournalFileOpenLock(str(sweep.journal))
        storage = optuna.storages.JournalStorage(journal.JournalFileBackend(str(sweep.journal), lock))
        settings = {"storage": storage, "study_name": _STUDY, "sampler": sampler, "pruner": pruner}
        try:
            return optuna.load_study(**settings)  # create_study would write even if it exists
        except KeyError:
            return optuna.create_study(**settings, direction="maximize")
    except LibraryError:
        raise
    except Exception as error:  # of a damaged journal Optuna raises many types
        raise journal_error(sweep, error) from error


def journal_error(sweep: Sweep, error: Exception) -> LibraryError:
    """Make the error of a journal that cannot be used."""
    said = printable(f"{type(error).__name__}: {error}", most=_LONGEST_REASON)
    return LibraryError(
        f"cannot use the journal {sweep.journal} ({said}); make it writable, or start a new sweep"
    )


def _require_journal(path: Path) -> None:
    """Check the lines of a journal before Optuna reads it, which trusts every file.

    Raises:
        LibraryError: When it is a link, or not a regular file.
        OSError: When it cannot be read.
        ValueError: When a line is not a JSON object.
    """
    require_own(path)
    with suppress(FileNotFoundError), open_ordinary(path) as file:
        for number, line in enumerate(lines_of(file, _LONGEST_LINE), 1):
            if len(line) > _LONGEST_LINE or not isinstance(parse_json(line), dict):
                raise ValueError(f"expected a JSON object in line {number}")


def share_at_end(rows: list[Row]) -> Share | None:
    """Return the share of the last points won, or of all if there are few; None if there are none."""
    points = points_of(rows)
    won, played = int(points.won.sum()), int((points.won + points.lost).sum())
    return recent_share(points) or (Share.of(won, played) if played else None)


def tidy(value: int | float) -> int | float:
    """Round a suggested value to six digits, so that people can type it."""
    return value if isinstance(value, int) else float(f"{value:.6g}")


class _Search:
    def __init__(self, sweep: Sweep, executor: TaskExecutor, on_progress: Callable[[int, str], None]) -> None:
        optuna = require_optuna()
        plan = sweep.plan
        self._plan, self._executor, self._on_progress = plan, executor, on_progress
        self._states = optuna.trial.TrialState
        self._reference = _reference_of(sweep)
        # may be left by a process killed while writing; we hold the folder's lock, so nobody else uses it
        (sweep.path / "journal.log.lock").unlink(missing_ok=True)
        _drop_torn_line(sweep)
        median = optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=_WARM_UP)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # some features are marked experimental
            before = len(open_study(sweep).trials)
            self._study = open_study(
                sweep,
                # the same seed would repeat earlier draws
                optuna.samplers.TPESampler(seed=(plan.seed + before) % 2**32, constant_liar=True),
                median if plan.prune == "median" else optuna.pruners.NopPruner(),
            )
        self._under_way: dict[Future[Piece], _Trial] = {}
        if not before:
            self._try_the_recipes_own()
        self._try_again_what_was_interrupted()

    def run(self, stopped: Callable[[], bool]) -> None:
        while not stopped():
            at_once = self._executor.workers
            while len(self._under_way) < min(at_once, self._plan.trials - self._ended()):
                self._hand_out(self._begin())
            if not self._under_way:
                if self._ended() >= self._plan.trials:
                    return
                time.sleep(_LOOK_EVERY_S)  # wait for a worker
            for each in wait(self._under_way, _LOOK_EVERY_S, FIRST_COMPLETED).done:
                self._take(self._under_way.pop(each), each)

    def _ended(self) -> int:
        ended = (self._states.COMPLETE, self._states.PRUNED)
        return len(self._study.get_trials(deepcopy=False, states=ended))

    def _try_the_recipes_own(self) -> None:
        """Enqueue the recipe's defaults as the first trial, if they are within the ranges."""
        own = {each.name: each.default for each in settings_of(type(self._plan.recipe_with({})))}
        values = {axis.name: own[axis.name] for axis in self._plan.axes}
        if all(axis.low <= values[axis.name] <= axis.high for axis in self._plan.axes):
            self._study.enqueue_trial(values, user_attrs={"own": True})

    def _try_again_what_was_interrupted(self) -> None:
        for trial in self._study.get_trials(deepcopy=False, states=(self._states.RUNNING,)):
            self._study.tell(trial.number, state=self._states.FAIL)
            if trial.params.keys() == {axis.name for axis in self._plan.axes}:
                self._study.enqueue_trial(trial.params, user_attrs=trial.user_attrs)

    def _begin(self) -> _Trial:
        trial = self._study.ask()
        values = {axis.name: self._suggest(trial, axis) for axis in self._plan.axes}
        return _Trial(trial, self._plan.recipe_with(values))

    def _suggest(self, trial: Any, axis: Axis) -> int | float:  # noqa: ANN401
        kind = next(
            each.type for each in settings_of(type(self._plan.recipe_with({}))) if each.name == axis.name
        )
        if kind is int:
            return int(trial.suggest_int(axis.name, int(axis.low), int(axis.high), log=axis.log))
        return tidy(trial.suggest_float(axis.name, axis.low, axis.high, log=axis.log))

    def _hand_out(self, trial: _Trial) -> None:
        plan = self._plan
        if plan.decisions:
            budget = Budget(-(-plan.decisions * (trial.pieces + 1) // PIECES), float("inf"))
        else:
            budget = Budget(_MOST_DECISIONS, 60 * plan.minutes / PIECES)
        task = self._executor.submit(train_piece, trial.recipe, plan.seed, trial.state, budget)
        self._under_way[task] = trial

    def _take(self, trial: _Trial, task: "Future[Piece]") -> None:
        """Take a finished piece: continue, prune or complete its trial."""
        try:
            piece = task.result()
        except WorkerDiedError:
            trial.deaths += 1
            if trial.deaths == _MOST_DEATHS:
                raise
            self._hand_out(trial)
            return
        except DivergedError:
            self._end(trial, 0.0, "diverged")
            return
        trial.rows += piece.rows
        trial.state = piece.state
        trial.pieces += 1
        share = share_at_end(trial.rows)
        value = share.value if share else 0.0
        trial.trial.report(value, trial.pieces)
        if trial.pieces == PIECES:
            self._end(trial, value, "")
        elif trial.trial.should_prune() or self._lags(trial, share):
            self._end(trial, value, "given up")
        else:
            self._on_progress(self._pieces(), "")
            self._hand_out(trial)

    def _lags(self, trial: _Trial, share: Share | None) -> bool:
        """Return whether a trial is clearly below all reference runs after the same number of decisions."""
        if self._reference is None or trial.pieces <= _WARM_UP or share is None:
            return False
        expected = self._reference.at(trial.rows[-1].steps)
        return expected is not None and share.high < expected[0]

    def _end(self, trial: _Trial, value: float, note: str) -> None:
        share = share_at_end(trial.rows)
        about = {
            "low": share.low if share else 0.0,
            "high": share.high if share else 1.0,
            "points": share.points if share else 0,
            "steps": trial.rows[-1].steps if trial.rows else 0,
            "note": note,
        }
        for name, each in about.items():
            trial.trial.set_user_attr(name, each)
        if note == "given up":
            self._study.tell(trial.trial, state=self._states.PRUNED)
        else:
            self._study.tell(trial.trial, value)
        self._on_progress(self._pieces(), f"trial {trial.trial.number}: {value:.1%}{note and f', {note}'}")

    def _pieces(self) -> int:
        return self._ended() * PIECES + sum(each.pieces for each in self._under_way.values())


def _reference_of(sweep: Sweep) -> Reference | None:
    if sweep.plan.prune != "reference":
        return None
    found = read_reference(sweep.plan.recipe)
    if found is None or not np.isfinite(found.shares).any():
        raise InvalidSettingError(
            f"there are no reference curves for the recipe {sweep.plan.recipe!r}; prune by the median of the "
            "other trials: --prune median"
        )
    return found


def _drop_torn_line(sweep: Sweep) -> None:
    """Remove an incomplete last line, as left by a power cut: Optuna would refuse the whole journal."""
    try:
        with open_ordinary(sweep.journal) as file:
            start = max(0, file.seek(0, os.SEEK_END) - _LONGEST_LINE)
            file.seek(start)
            content = file.read(_LONGEST_LINE)
    except FileNotFoundError:
        return
    if not content.endswith(b"\n") and (start == 0 or b"\n" in content):
        with os.fdopen(open_to_append(sweep.journal, 0o600), "ab") as journal:
            journal.truncate(start + content.rfind(b"\n") + 1)
