"""Searches a recipe's settings with Optuna: trials in pieces, each scored by the points won at its end.

A kill costs the trials under way: they are done again, with the same settings, when the sweep goes on.
"""

import os
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pongarena.core.errors import DivergedError, InvalidSettingError, LibraryError
from pongarena.core.extras import require
from pongarena.core.files import open_to_append
from pongarena.core.reading import open_ordinary
from pongarena.jobs.executor import TaskExecutor, WorkerDiedError
from pongarena.jobs.lock import folder_lock
from pongarena.lab.piece import Budget, Piece, Row, State, points_of, train_piece
from pongarena.lab.sweep_plan import Axis, Sweep
from pongarena.library.progress import Share, recent_share
from pongarena.library.reference import Reference, read_reference
from pongarena.training.recipe import Recipe
from pongarena.training.settings import settings_of

__all__ = ["PIECES", "open_study", "require_optuna", "run_sweep", "share_at_end", "tidy"]

PIECES = 10
"""Of a trial; after each it may be given up."""

_STUDY = "sweep"
"""What Optuna calls it: a journal may hold several."""

_LOOK_EVERY_S = 0.2
_MOST_DECISIONS = 1 << 60
_MOST_DEATHS = 3
"""Processes that may die of a trial."""

_WARM_UP = 2
"""Pieces that every trial has."""


def require_optuna() -> Any:  # noqa: ANN401 - a module that may be missing
    """Optuna, silent.

    Raises:
        InvalidSettingError: When it is not installed; the message has the commands that install it.
    """
    optuna = require("optuna", "a sweep")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna


@dataclass
class _Trial:
    """A training under way.

    Attributes:
        trial: Optuna's.
        recipe: How it trains.
        rows: Its updates so far.
        state: What the next piece begins with.
        pieces: How many are done.
        deaths: Processes that died of it.
    """

    trial: Any
    recipe: Recipe
    rows: list[Row] = field(default_factory=list)
    state: State | None = None
    pieces: int = 0
    deaths: int = 0


@contextmanager
def _hold(sweep: Sweep) -> Iterator[None]:
    """Hold a sweep's lock: nobody else works on it meanwhile.

    Raises:
        PongArenaError: As `folder_lock`.
    """
    gone = f"there is no sweep {sweep.id!r} any more; it was deleted just now"
    taken = f"another process works on the sweep {sweep.id!r} already; wait for it, or stop it"
    with folder_lock(sweep.path, gone=gone, taken=taken):
        yield


def run_sweep(
    sweep: Sweep,
    executor: TaskExecutor,
    *,
    on_progress: Callable[[int, str], None] = lambda *_: None,
    stopped: Callable[[], bool] = lambda: False,
) -> None:
    """Do what is left of a sweep's trials; what is finished stays, whatever happens.

    Args:
        sweep: Which one.
        executor: Who trains; as many trials at once as it has workers.
        on_progress: Called with the pieces that are done, of `PIECES` times the trials, and what ended.
        stopped: Asked a few times a second whether to end; trials under way are dropped then.

    Raises:
        InvalidSettingError: When Optuna is missing, or there are no reference curves to prune by.
        PongArenaError: When the files cannot be written, a cluster went away, or processes keep dying.
    """
    with _hold(sweep):
        _Search(sweep, executor, on_progress).run(stopped)


def open_study(sweep: Sweep, sampler: Any = None, pruner: Any = None) -> Any:  # noqa: ANN401
    """Optuna's study of a sweep.

    Raises:
        InvalidSettingError: When Optuna is missing.
        LibraryError: When its journal cannot be read or written.
    """
    optuna = require_optuna()
    journal = optuna.storages.journal
    try:
        lock = journal.JournalFileOpenLock(str(sweep.journal))
        storage = optuna.storages.JournalStorage(journal.JournalFileBackend(str(sweep.journal), lock))
        settings = {"storage": storage, "study_name": _STUDY, "sampler": sampler, "pruner": pruner}
        try:
            return optuna.load_study(**settings)  # the other function writes, also where there is one
        except KeyError:
            return optuna.create_study(**settings, direction="maximize")
    except (OSError, ValueError, KeyError, TypeError, AssertionError) as error:
        raise LibraryError(
            f"cannot use the journal {sweep.journal} ({error}); make it writable, or begin a new sweep"
        ) from error


def share_at_end(rows: list[Row]) -> Share | None:
    """The share of the last points; of all while there are few; None without any."""
    points = points_of(rows)
    won, played = int(points.won.sum()), int((points.won + points.lost).sum())
    return recent_share(points) or (Share.of(won, played) if played else None)


def tidy(value: int | float) -> int | float:
    """A suggested value as it is used and told: nobody types 17 digits."""
    return value if isinstance(value, int) else float(f"{value:.6g}")


class _Search:
    def __init__(self, sweep: Sweep, executor: TaskExecutor, on_progress: Callable[[int, str], None]) -> None:
        optuna = require_optuna()
        plan = sweep.plan
        self._plan, self._executor, self._on_progress = plan, executor, on_progress
        self._states = optuna.trial.TrialState
        self._reference = _reference_of(sweep)
        # what a process left that was killed as it wrote: the folder's lock says that nobody else is there
        (sweep.path / "journal.log.lock").unlink(missing_ok=True)
        _drop_torn_line(sweep)
        median = optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=_WARM_UP)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # some of it is called experimental
            before = len(open_study(sweep).trials)
            self._study = open_study(
                sweep,
                # a sampler that begins anew would draw what was drawn before
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
                time.sleep(_LOOK_EVERY_S)  # for a worker to come
            for each in wait(self._under_way, _LOOK_EVERY_S, FIRST_COMPLETED).done:
                self._take(self._under_way.pop(each), each)

    def _ended(self) -> int:
        ended = (self._states.COMPLETE, self._states.PRUNED)
        return len(self._study.get_trials(deepcopy=False, states=ended))

    def _try_the_recipes_own(self) -> None:
        """The first trial has the recipe's own settings, where they lie within what is tried."""
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
        """A piece has ended: the trial goes on, is given up, or is complete."""
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
        """Whether a trial has surely won less than every reference run had after as many decisions."""
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
            f"there are no reference curves of the recipe {sweep.plan.recipe!r}; prune by the median of the "
            "other trials: --prune median"
        )
    return found


def _drop_torn_line(sweep: Sweep) -> None:
    """Drop what was written of a line when the power went: Optuna would refuse the whole journal."""
    try:
        with open_ordinary(sweep.journal) as file:
            content = file.read()
    except FileNotFoundError:
        return
    if not content.endswith(b"\n") and content:
        with os.fdopen(open_to_append(sweep.journal, 0o600), "ab") as journal:
            journal.truncate(content.rfind(b"\n") + 1)
