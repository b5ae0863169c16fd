"""The session: the loop that trains a model, in a background process or in the foreground.

It turns the trainer's events into files of the model's folder: metrics, status, checkpoints and resume state.
Events may come thousands of times a second; files are written by the clock.
"""

import math
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from pongarena.core.errors import (
    DiskFullError,
    InvalidSettingError,
    LibraryError,
    PongArenaError,
    SessionError,
    UnknownNameError,
)
from pongarena.jobs.lock import line_lock, model_lock
from pongarena.jobs.requests import Verb, clear_requests, pending_requests
from pongarena.jobs.retry import keep_trying
from pongarena.jobs.signals import signals_as_wishes
from pongarena.jobs.status import State, Status
from pongarena.jobs.throttle import Stopwatch, Throttle
from pongarena.library.metrics import MetricsWriter
from pongarena.library.models import Library, Model
from pongarena.library.sessions.client import LEAST_SHARE, Plan
from pongarena.library.sessions.journal import Journal
from pongarena.library.sessions.milestones import Announcer, Milestone, News
from pongarena.library.sessions.queue import start_waiting
from pongarena.library.sessions.reporter import Reporter
from pongarena.library.sessions.resume_state import Counters, Saver, Spacing, open_trainer
from pongarena.library.sessions.snapshot import Snapshot, write_snapshot
from pongarena.library.staging import remove_unfinished_files
from pongarena.library.tensorboard import LiveEvents
from pongarena.training.events import (
    CheckpointDue,
    Compiling,
    EpisodeFinished,
    Event,
    FellBack,
    Updated,
)
from pongarena.training.registry import Trainer

__all__ = ["DiskNews", "run_session"]

_REQUESTS_EVERY_S = 0.1
_SNAPSHOT_S, _SNAPSHOT_LONGEST_S = 2.0, 10.0
_SNAPSHOT_GROWTH = 1.02
"""Seconds between two pictures of the weights: the fewer while the steps grow by a fiftieth."""


@dataclass(frozen=True)
class DiskNews:
    """A message: the disk is full and the session waits, there is room again, or TensorBoard's log failed."""

    words: str

    def __str__(self) -> str:
        """Return the message."""
        return self.words


OnEvent = Callable[[Event | DiskNews | News, Callable[[], Status]], None]
"""Takes every event, and a function that returns the current status, which few events need."""


def run_session(
    name: str,
    *,
    episodes: int | None = None,
    plan: Plan | None = None,
    on_event: OnEvent | None = None,
    detached: bool = False,
    library: Library | None = None,
    spacing: Spacing | None = None,
) -> Status:
    """Train a model until it is asked to stop, or for ``episodes`` more episodes.

    Note: handles the signals of the process, and so must run in the main thread. SIGTERM and SIGINT stop it
    cleanly, with a checkpoint; SIGHUP too, unless ``detached``.

    Args:
        name: The model, which must exist.
        episodes: How many more episodes, rounded up to whole batches; None for no end. Short for a plan with
            nothing else in it.
        plan: How long to train, and how much of the processor to take.
        on_event: Called with every event, to show progress in the foreground.
        detached: Whether this is a background process, which survives its terminal.
        library: The model's library; by default the user's.
        spacing: How often to save.

    Returns:
        The last status: stopped or finished.

    Raises:
        SessionError: When another session trains the model.
        PongArenaError: When the training cannot continue; the status is then "crashed" and says why.
    """
    shelf = library or Library()
    model = shelf.model(name)
    if model.bundled:
        raise LibraryError(f"{name!r} came with pongarena and cannot be trained; fork it and train the fork")
    with line_lock(model.path.parent):  # wait until the starter of this process has announced it
        status = model.status()
    if status.active and not _is_me(status):
        raise SessionError(
            f"{name!r} is {status.state} already, in another process ({status.pid}); "
            f"stop it first: pongarena stop {name}"
        )
    session = _Session(model, plan or Plan(episodes), on_event, spacing or Spacing(), detached=detached)
    try:
        return session.run_locked()
    finally:
        if not session.ended_by_signal:  # a signal means a shutdown, or a user who wants no more sessions
            with suppress(LibraryError):
                start_waiting(shelf)


def _is_me(status: Status) -> bool:
    """Whether the status announces this process."""
    # in a virtual environment on Windows, python.exe is a launcher and the parent of the real process
    return status.pid == os.getpid() or (os.name == "nt" and status.pid == os.getppid())


class _Session:
    """One run of a model's training; holds the model's lock while it lives."""

    def __init__(
        self, model: Model, plan: Plan, on_event: OnEvent | None, spacing: Spacing, *, detached: bool
    ) -> None:
        self._detached = detached
        self._spacing = spacing
        self._model = model
        self._plan = plan
        self._on_event = on_event
        self._reporter = Reporter(model.path, detached=detached)
        self._log = self._reporter.log
        self._stop_reason = self._caution = ""
        self._paused = False
        self._counters = Counters()
        self._saved = Counters()
        self._next_requests, self._drawn_at, self._drawn_steps = 0.0, -math.inf, 0
        self._worked = Stopwatch()
        self._throttle = Throttle(1.0 if plan.share is None else plan.share)
        self._announcer = Announcer(model, plan.tell, self._log, self._tell)
        self._events = LiveEvents(model, plan.tensorboard, self._warn)
        self.ended_by_signal = False

    def ask_to_stop(self, reason: str, *, by_signal: bool = False) -> None:
        """End at the next event; may be called by a signal handler."""
        self._stop_reason = self._stop_reason or reason
        self.ended_by_signal = self.ended_by_signal or by_signal

    def run_locked(self) -> Status:
        """Train while holding the model's lock and handling this process's signals."""
        with model_lock(self._model.path):
            if not (self._model.path / "model.json").is_file():
                raise UnknownNameError(
                    f"there is no model {self._model.name!r} any more; it was renamed or deleted just now"
                )
            with signals_as_wishes(self.ask_to_stop, detached=self._detached):
                return self._run()

    def _run(self) -> Status:
        before = self._model.status()
        if not _is_me(before):
            # before the session is announced: later requests are for it
            clear_requests(self._model.path)
        known = ("episode", "updates", "steps", "running_reward", "best_running_reward")
        changes = {name: getattr(before, name) for name in known}
        self._counters = Counters(**changes)  # for a crash before the state is read
        changes["share"], changes["reached"] = before.share, self._announcer.reached
        if self._plan.share is None:
            self._throttle = Throttle(min(max(before.share, LEAST_SHARE), 1.0))
        else:
            changes["share"] = self._plan.share
        self._report(State.STARTING, **changes)
        try:
            remove_unfinished_files(self._model.path, self._model.path / "checkpoints")
            self._metrics = MetricsWriter(self._model.path / "metrics.jsonl")
            self._journal = Journal(self._append, every=self._spacing.every_row)
            try:
                return self._train()
            except DiskFullError:
                if not self._stop_reason:
                    raise
                return self._end_on_a_full_disk()
            finally:
                self._metrics.close()
                self._events.close()
        except BaseException as error:
            self._reporter.record_crash(error, self._counters, self._seconds_left())
            if isinstance(error, Exception):
                self._announcer.announce(Milestone.DIED, str(error) or type(error).__name__)
            raise

    def _train(self) -> Status:
        trainer = self._open_trainer()
        try:
            episodes = self._plan.episodes
            self._target = None if episodes is None else self._counters.episode + episodes
            self._log(f"training begins at game {self._counters.episode:,}, in process {os.getpid()}")
            self._restart_rate()
            for event in trainer.events():
                if isinstance(event, Compiling):
                    self._wait_for_compiler(event)
                elif isinstance(event, FellBack):
                    self._fall_back(event)
                elif self._reporter.status.state is State.STARTING:  # the games are there
                    self._begin()
                self._take(event, trainer)
                self._attend(trainer)
                if self._stop_reason or self._finished(event):
                    break
            self._save(trainer)
        except LibraryError:
            raise
        except PongArenaError:
            # the training diverged: the trainer restored its last good weights, which are saved
            self._save(trainer)
            raise
        finally:
            trainer.close()
        state = State.STOPPED if self._stop_reason else State.FINISHED
        self._append({"kind": "stop" if self._stop_reason else "finish", "episode": self._saved.episode})
        self._keep(self._metrics.sync)
        self._counters = self._saved
        reason = self._stop_reason or self._fulfilled()
        self._log(f"{_sentence(state, reason)}; saved at game {self._saved.episode:,}")
        self._report(state, message=reason, reached=self._announcer.announce_new())
        if state is State.FINISHED:
            self._announcer.announce(Milestone.FINISHED)
        clear_requests(self._model.path)
        return self._reporter.status

    def _finished(self, event: Event) -> bool:
        if not isinstance(event, Updated):
            return False
        played = self._target is not None and self._counters.episode >= self._target
        return played or self._seconds_left() == 0

    def _seconds_left(self) -> float | None:
        if self._plan.minutes is None:
            return None
        return max(0.0, 60 * self._plan.minutes - self._worked.seconds())

    def _fulfilled(self) -> str:
        """Why it has finished."""
        if self._target is not None and self._counters.episode >= self._target:
            return f"played the {self._plan.episodes} games that it was asked for"
        return f"trained for the {self._plan.minutes:g} minutes that it was asked for"

    # -- beginning

    def _open_trainer(self) -> Trainer:
        """Make a trainer that continues from the saved state, or begins."""
        trainer, self._saved, history, resumed = open_trainer(self._model)
        self._counters = self._saved
        self._saver = Saver(self._model, history, self._spacing, self._keep)
        self._events.begin(self._saved.steps)
        row = {"episode": self._counters.episode, "steps": self._counters.steps}
        if resumed:
            self._append({"kind": "resume", **row})
            self._saver.save_owed(trainer, self._saved)
        else:
            self._append({"kind": "start", **row, "seed": self._model.seed})
            self._save(trainer)
        return trainer

    def _wait_for_compiler(self, event: Compiling) -> None:
        """Say what takes so long; only a stop is served meanwhile."""
        self._log(str(event))
        self._report(State.STARTING, message=str(event))
        self._look_for_stop()

    def _fall_back(self, event: FellBack) -> None:
        """Report that it trains on the emulator, and why; the status says so as long as the session runs."""
        self._caution = str(event)
        self._log(self._caution)
        self._append({"kind": "emulator", "episode": self._counters.episode, "message": self._caution})
        self._report(State.STARTING, message=self._caution)

    def _begin(self) -> None:
        self._worked.start()
        self._throttle.restart()
        self._restart_rate()
        self._report(State.RUNNING, target_episode=self._target, message=self._caution)

    # -- events

    def _take(self, event: Event, trainer: Trainer) -> None:
        if isinstance(event, EpisodeFinished):
            self._counters = replace(
                self._counters,
                episode=event.episode,
                steps=event.total_steps,
                points_won=self._counters.points_won + event.won,
                points_lost=self._counters.points_lost + event.lost,
                running_reward=event.running_reward,
            )
            self._journal.add(event)
        elif isinstance(event, Updated):
            self._counters = replace(self._counters, updates=event.update, steps=event.steps)
            best = self._counters.best_running_reward
            now = self._counters.running_reward
            if now is not None and (best is None or now > best):
                self._counters = replace(self._counters, best_running_reward=now)
            # the moment that Trainer.resume_state describes from now on
            self._saved = self._counters
            self._journal.add(event)
            self._announcer.add(event.won, event.lost)
            if self._saver.state_due():
                self._save_state(trainer)
            self._show_weights(trainer)
        elif isinstance(event, CheckpointDue) and self._saver.checkpoint_due(self._saved.steps):
            self._save(trainer)
        self._tell(event)

    def _tell(self, event: Event | DiskNews | News) -> None:
        if self._on_event is not None:
            try:
                self._on_event(event, self._now)
            except (OSError, SystemExit):
                # the terminal was closed or the pipe is broken (rich then exits): stop cleanly
                self.ask_to_stop("its output was closed")

    def _warn(self, words: str) -> None:
        self._log(words)
        self._tell(DiskNews(words))

    def _attend(self, trainer: Trainer) -> None:
        """Serve requests, wait while paused, write the status and rest, each only when due."""
        if self._reporter.status.state is State.STARTING:
            return
        self._throttle.work()
        while True:
            now = time.monotonic()
            if now >= self._next_requests:
                self._next_requests = now + _REQUESTS_EVERY_S
                self._serve(trainer)
                if self._paused:
                    self._wait_while_paused(trainer)
            if self._reporter.is_due():
                self._reporter.rate.add(self._counters.episode, self._counters.steps)
                self._report(State.RUNNING, reached=self._announcer.announce_new())
            self._journal.write_due()
            if self._stop_reason or not self._throttle.rest():
                return

    def _serve(self, trainer: Trainer) -> None:
        for verb, path, value in pending_requests(self._model.path):
            if verb is Verb.STOP:
                self.ask_to_stop("stopped on request")
            elif verb is Verb.CHECKPOINT:
                self._save(trainer)
                self._report(State.PAUSED if self._paused else State.RUNNING)
            elif verb is Verb.LEARNING_RATE:
                self._change_rate(trainer, value or None)
            else:
                self._pause(verb is Verb.PAUSE)
            with suppress(OSError):
                path.unlink()

    def _change_rate(self, trainer: Trainer, rate: float | None) -> None:
        """Set another learning rate, and save at once so that a resumed run keeps it."""
        try:
            trainer.set_learning_rate(rate)
        except InvalidSettingError as error:  # the file was not written by `request`
            self._log(f"the learning rate stays: {error}")
            return
        self._save(trainer)
        row = {"kind": "learning_rate", "learning_rate": rate, "episode": self._saved.episode}
        self._append({**row, "steps": self._saved.steps})
        words = "the recipe's own again" if rate is None else f"{rate:g}, set by hand"
        self._log(f"learning rate: {words}, from game {self._counters.episode:,} on")

    def _pause(self, paused: bool) -> None:
        if paused == self._paused:
            return
        self._paused = paused
        kind = "pause" if paused else "continue"
        self._append({"kind": kind, "episode": self._counters.episode})
        self._restart_rate()
        if paused:
            self._worked.stop()
        else:
            self._worked.start()
        self._report(State.PAUSED if paused else State.RUNNING)

    def _wait_while_paused(self, trainer: Trainer) -> None:
        while self._paused and not self._stop_reason:
            time.sleep(_REQUESTS_EVERY_S)
            self._serve(trainer)
        self._throttle.restart()

    # -- files

    def _save(self, trainer: Trainer) -> None:
        """Write the resume state and the checkpoint, both of the last update."""
        self._close_rows()
        self._saver.save_checkpoint(trainer, self._saved)

    def _save_state(self, trainer: Trainer) -> None:
        self._close_rows()
        self._saver.save_state(trainer, self._saved)

    def _close_rows(self) -> None:
        """Write the open rows: none may span the moment that a resume continues from."""
        self._journal.flush()
        self._keep(self._metrics.sync)

    def _append(self, row: Mapping[str, Any]) -> None:
        timed = {"time": time.time(), **row}  # the journal's rows bring their own time
        self._keep(lambda: self._metrics.append(timed))
        self._events.add(timed)

    def _keep(self, write: Callable[[], None]) -> None:
        """Write; while the disk is full, report it and try again until there is room.

        Raises:
            DiskFullError: When the session is asked to stop meanwhile.
        """

        def tell(error: DiskFullError) -> None:
            message = f"the disk is full; it continues by itself once there is room ({error})"
            if self._reporter.status.message != message:
                self._log(message)
                self._tell(DiskNews(message))
            self._report(State.PAUSED, message=message)

        if keep_trying(write, tell=tell, asked_to_stop=self._look_for_stop):
            self._log("there is room again")
            self._tell(DiskNews("there is room again"))
            self._restart_rate()
            self._throttle.restart()
            self._report(State.PAUSED if self._paused else State.RUNNING, message=self._caution)

    def _look_for_stop(self) -> bool:
        """Whether a stop was requested; leaves the requests in place."""
        if any(each.verb is Verb.STOP for each in pending_requests(self._model.path)):
            self.ask_to_stop("stopped on request")
        return bool(self._stop_reason)

    def _end_on_a_full_disk(self) -> Status:
        reason = f"{self._stop_reason}, while the disk was full: it resumes from its last checkpoint"
        self._log(_sentence(State.STOPPED, reason))
        self._report(State.STOPPED, message=reason)
        clear_requests(self._model.path)
        return self._reporter.status

    def _show_weights(self, trainer: Trainer) -> None:
        """Write pictures of the strongest hidden units every few seconds, for live views."""
        passed = time.monotonic() - self._drawn_at
        grown = self._counters.steps >= _SNAPSHOT_GROWTH * self._drawn_steps
        if passed < (_SNAPSHOT_S if grown else _SNAPSHOT_LONGEST_S):
            return
        self._drawn_at, self._drawn_steps = time.monotonic(), self._counters.steps
        with suppress(LibraryError):  # training does not need the pictures
            snapshot = Snapshot.of(trainer.policy, self._counters.episode, self._counters.steps)
            write_snapshot(self._model.path, snapshot)

    def _now(self) -> Status:
        return self._reporter.now(self._counters, self._seconds_left())

    def _report(self, state: State, **changes: Any) -> None:  # noqa: ANN401
        self._reporter.report(state, self._counters, self._seconds_left(), **changes)

    def _restart_rate(self) -> None:
        self._reporter.rate.restart(self._counters.episode, self._counters.steps)


def _sentence(state: State, reason: str) -> str:
    """Say how it ended: ``stopped on request``, ``finished: played the 9 games that it was asked for``."""
    return reason if reason.startswith(state) else f"{state}: {reason}"
