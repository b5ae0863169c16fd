"""The client of lab runs: start the process, send requests, estimate the duration."""

import time
from collections.abc import Callable, Mapping

from pongarena.core.errors import SessionError
from pongarena.jobs.background import last_words, start_in_background, wait_for_start
from pongarena.jobs.requests import Verb, submit_request
from pongarena.jobs.status import State, Status
from pongarena.lab.experiments import Experiment, Length
from pongarena.lab.report import seconds_of
from pongarena.lab.store import LabRun, active_run, create_run, lab_runs

__all__ = ["ask", "begin", "estimate_s", "resume", "speeds"]

_POLL_S = 0.05

_USUAL = {"turbo": 60_000.0, "a2c": 60_000.0, "line-search": 60_000.0, "self-play": 60_000.0}
"""Decisions per second on a laptop with two cores, until this machine's own are known."""

_ELSE_USUAL = 200_000.0
"""The same for recipes without a critic."""

_FEWEST_SECONDS = 1.0
"""A shorter training run says little about the speed."""


def begin(
    asked: Experiment,
    length: Length,
    *,
    scheduler: str | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> LabRun:
    """Start an experiment in the background, here or on a cluster, and wait until it runs.

    Raises:
        SessionError: When another experiment is running, because they would slow each other down, or when
            the process fails.
        LibraryError: When the data directory cannot be written.
    """
    _require_free()
    run = create_run(asked, length)
    _start(run, scheduler, cancelled)
    return run


def resume(
    run: LabRun, *, scheduler: str | None = None, cancelled: Callable[[], bool] = lambda: False
) -> None:
    """Continue a stopped or interrupted run, or resume a paused one.

    Raises:
        SessionError: When it is complete, another one is running, or the process fails.
        LibraryError: When its folder cannot be written.
    """
    status = run.status()
    if status.active:
        submit_request(run.path, Verb.RESUME)
        return
    if status.state is State.FINISHED:
        raise SessionError(f"{run.id!r} is complete; read it: pongarena lab report {run.id}")
    _require_free()
    _start(run, scheduler, cancelled)


def ask(run: LabRun, verb: Verb) -> None:
    """Ask a run's process to pause, resume or stop.

    Raises:
        SessionError: When it has no process.
        LibraryError: When its folder cannot be written.
    """
    status = run.status()
    if not status.active:
        raise SessionError(f"{run.id!r} is not at work (it is {status.state}); nothing was changed")
    submit_request(run.path, verb)


def wait_for(run: LabRun, states: tuple[State, ...], timeout_s: float) -> Status:
    """Wait until a run is in one of these states.

    Raises:
        SessionError: When time runs out.
    """
    deadline = time.monotonic() + timeout_s
    while (status := run.status()).state not in states:
        if time.monotonic() > deadline:
            raise SessionError(f"{run.id!r} is {status.state} after {timeout_s:.0f} s; look into its lab.log")
        time.sleep(_POLL_S)
    return status


def speeds() -> dict[str, float]:
    """Measure the decisions per second of each recipe on this machine, from the lab's latest runs.

    Raises:
        LibraryError: When the lab's folder cannot be read.
    """
    steps: dict[str, float] = {}
    seconds: dict[str, float] = {}
    for run in lab_runs()[-5:]:
        if run.fault is not None:
            continue
        for part in run.parts():
            took, points = seconds_of(part), part.points()
            if took >= _FEWEST_SECONDS and len(points.steps):
                steps[part.arm.method] = steps.get(part.arm.method, 0) + float(points.steps[-1])
                seconds[part.arm.method] = seconds.get(part.arm.method, 0) + took
    return {method: steps[method] / seconds[method] for method in steps}


def estimate_s(asked: Experiment, length: Length, known: Mapping[str, float]) -> float:
    """Estimate an experiment's duration in seconds, given what `speeds` returned."""
    if length.seconds:
        return length.seconds * length.seeds * len(asked.arms)
    rates = {**_USUAL, **known}
    return sum(length.decisions * length.seeds / rates.get(arm.method, _ELSE_USUAL) for arm in asked.arms)


def _require_free() -> None:
    if (busy := active_run()) is not None:
        raise SessionError(
            f"the experiment {busy.id!r} is at work, and two would slow each other down; wait for it, or "
            f"stop it: pongarena lab stop {busy.id}"
        )


def _start(run: LabRun, scheduler: str | None, cancelled: Callable[[], bool]) -> None:
    before = run.status()
    process = start_in_background(
        ["lab", "session", run.id, *(["--scheduler", scheduler] if scheduler else [])],
        run.path / "lab.log",
        what=f"the experiment {run.id!r}",
        home=run.path.parent.parent,
    )

    def own_status() -> Status | None:
        """Return the new process's status, once it has written one."""
        status = run.status()
        return status if (status.pid, status.created) != (before.pid, before.created) else None

    def begun() -> bool:
        status = own_status()
        return status is not None and status.state not in (State.STARTING, State.CRASHED)

    if wait_for_start(process, begun, leave=cancelled):
        status = own_status()
        reason = last_words(run.path / "lab.log") if status is None else status.message
        raise SessionError(f"the experiment {run.id!r} failed: {reason or 'it gave no reason'}")
