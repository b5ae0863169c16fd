"""The process that runs an experiment: one training run after the other, each saved regularly.

Whether it is stopped, killed or loses power, what was played counts, and a resume continues from there.
"""

import os
import sys
import time
import traceback
from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any

from pongarena.core.errors import PongArenaError, SessionError
from pongarena.jobs.executor import TaskExecutor
from pongarena.jobs.lock import model_lock
from pongarena.jobs.process import ProcessMark
from pongarena.jobs.requests import Verb, clear_requests, pending_requests
from pongarena.jobs.signals import signals_as_wishes
from pongarena.jobs.status import State, Status, write_status
from pongarena.lab.learners import Learner, Progress
from pongarena.lab.on_cluster import train_parts
from pongarena.lab.report import seconds_of, write_report
from pongarena.lab.store import LabRun, Part, find_run
from pongarena.library.metrics import MetricsWriter
from pongarena.library.staging import remove_unfinished_files
from pongarena.nn.checkpoint import read_resume, write_resume

__all__ = ["run_lab"]

_REQUESTS_EVERY_S = 0.1
_STATUS_EVERY_S = 0.5
_SAVE_EVERY_S = 60.0


class _StopAskedError(Exception):
    """Ends the training run; never leaves this module."""


def run_lab(run_id: str, executor: TaskExecutor | None = None) -> Status:
    """Work on a run until it is complete or asked to stop.

    Args:
        run_id: The run.
        executor: A cluster to train on; by default this process trains.

    Note: handles the signals of the process; must run in its main thread for that.

    Returns:
        The last status: stopped or finished.

    Raises:
        SessionError: When another process works on the run.
        PongArenaError: When it cannot continue; the status then says "crashed", and why.
    """
    run = find_run(run_id)
    if run.status().active:
        raise SessionError(f"{run_id!r} is at work already; stop it first: pongarena lab stop {run_id}")
    with model_lock(run.path):
        return _Bench(run, executor).work()


class _Bench:
    """A process's work on a run; the caller holds its lock."""

    def __init__(self, run: LabRun, executor: TaskExecutor | None) -> None:
        self._run = run
        self._executor = executor
        self._stop_reason = ""
        self._paused = False
        self._seconds = 0.0
        self._done = 0
        self._next_requests = self._next_status = 0.0
        self._status = Status(State.STARTING, **asdict(ProcessMark.of(os.getpid())), updated=time.time())

    def work(self) -> Status:
        with signals_as_wishes(self._ask_to_stop, detached=True):
            try:
                clear_requests(self._run.path)
                remove_unfinished_files(self._run.path, self._run.path / "runs")
                self._report(State.STARTING)
                if self._executor is None:
                    self._all_parts()
                else:
                    train_parts(self._run, self._executor, self._attend_to_cluster)
            except _StopAskedError:
                write_report(self._run)
                self._report(State.STOPPED, message=self._stop_reason)
            except BaseException as error:
                with suppress(PongArenaError, OSError):
                    text = "".join(traceback.format_exception(error))
                    words = str(error) or type(error).__name__
                    self._report(State.CRASHED, message=words, traceback=text)
                raise
            else:
                write_report(self._run)
                self._report(State.FINISHED, message="")
            clear_requests(self._run.path)
            return self._status

    def _ask_to_stop(self, reason: str, *, by_signal: bool = False) -> None:
        self._stop_reason = self._stop_reason or reason

    def _all_parts(self) -> None:
        length, wanted = self._run.length, self._run.length.amount
        played = {part.name: part.played().amount(length) for part in self._run.parts()}
        for part in self._run.parts():
            self._done = sum(min(amount, wanted) for amount in played.values())
            if played[part.name] >= wanted:
                part.saved.unlink(missing_ok=True)  # left behind if killed after the last row
                continue
            _log(f"{part.name}: {played[part.name] / wanted:.0%} of {length} done")
            played[part.name] = self._one_part(part, self._done - played[part.name])
            write_report(self._run)

    def _one_part(self, part: Part, before: int) -> int:
        """Train until it has played enough; return the amount."""
        learner = _open(part)
        writer = MetricsWriter(part.metrics)
        length = self._run.length
        amount, self._seconds = 0, seconds_of(part)
        begun = time.monotonic() - self._seconds
        next_save = time.monotonic() + _SAVE_EVERY_S
        try:
            for progress in learner.run():
                if progress is not None:
                    self._seconds = round(time.monotonic() - begun - learner.idle_s, 3)
                    self._append(writer, progress)
                    amount = round(1000 * self._seconds) if length.seconds else progress.steps
                    self._done = before + min(amount, length.amount)
                    if amount >= length.amount:
                        break
                    if time.monotonic() > next_save:
                        writer.sync()  # after a power cut, no row before the saved state may be missing
                        _save(part, learner)
                        next_save = time.monotonic() + _SAVE_EVERY_S
                begun += self._attend(part)
            part.saved.unlink(missing_ok=True)
            return amount
        except _StopAskedError:
            _save(part, learner)
            raise
        finally:
            writer.close()
            learner.close()

    def _append(self, writer: MetricsWriter, progress: Progress) -> None:
        writer.append(
            {
                "kind": "update",
                "episode": progress.number,
                "steps": progress.steps,
                "won": progress.won,
                "lost": progress.lost,
                "seconds": self._seconds,
            }
        )

    def _attend(self, part: Part) -> float:
        """Serve requests and write the status, as often as needed; return the seconds of a pause."""
        now, paused = time.monotonic(), 0.0
        if now >= self._next_requests:
            self._next_requests = now + _REQUESTS_EVERY_S
            self._serve()
            while self._paused and not self._stop_reason:
                self._report(State.PAUSED, message=part.name)
                time.sleep(_REQUESTS_EVERY_S)
                self._serve()
            paused = time.monotonic() - now if time.monotonic() - now > _REQUESTS_EVERY_S else 0.0
        if self._stop_reason:
            raise _StopAskedError
        if now >= self._next_status:
            self._report(State.RUNNING, message=part.name)
        return paused

    def _attend_to_cluster(self, done: int) -> bool:
        """Serve requests and write the status, as often as needed; return whether it is paused."""
        self._done = done
        self._serve()
        if self._stop_reason:
            raise _StopAskedError
        if time.monotonic() >= self._next_status:
            state = State.PAUSED if self._paused else State.RUNNING
            self._report(state, message=str(self._executor))
        return self._paused

    def _serve(self) -> None:
        for verb, path, _ in pending_requests(self._run.path):
            if verb is Verb.STOP:
                self._ask_to_stop("stopped on request")
            elif verb in (Verb.PAUSE, Verb.RESUME):
                self._paused = verb is Verb.PAUSE
            with suppress(OSError):
                path.unlink()

    def _report(self, state: State, **changes: Any) -> None:  # noqa: ANN401
        self._next_status = time.monotonic() + _STATUS_EVERY_S
        self._status = replace(self._status, state=state, steps=self._done, updated=time.time(), **changes)
        write_status(self._run.path / "status.json", self._status)


def _open(part: Part) -> Learner:
    saved = None
    if part.saved.exists():
        saved = read_resume(part.saved)
    elif part.metrics.exists():
        # killed before the first save: there is no state for its rows
        part.metrics.unlink()
    return Learner(part.arm.recipe(part.seed), part.seed, saved)


def _save(part: Part, learner: Learner) -> None:
    arrays, state = learner.state()
    write_resume(part.saved, arrays, state)


def _log(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
