"""Limit how many sessions train at once; the others wait in line.

There is no daemon and no list. A model that waits is marked in its own ``status.json`` ("queued", since when,
with which plan), so renaming, deleting or restoring it needs no extra care. The line moves up whenever a
session ends, the app runs, or a command about sessions is used. They count under one lock, and announce a
started session in its status before they release it. So a place is never given twice, and a process that dies
meanwhile leaves either a model that still waits or a session that runs.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import psutil

from pongarena.core.errors import LibraryError, SessionError
from pongarena.jobs.lock import line_lock
from pongarena.jobs.status import State, Status, write_status
from pongarena.library.models import Library, Model
from pongarena.library.preferences import read_preferences
from pongarena.library.sessions.client import (
    Plan,
    launch,
    require_no_session,
    require_startable,
    wait_until_begun,
)

__all__ = ["in_line", "leave_line", "session_limit", "start_or_wait", "start_waiting"]


def session_limit(root: Path) -> int:
    """Return how many sessions may train at once in the library at ``root``: as set, or half the cores."""
    preferred = read_preferences(root.parent).session_limit
    return preferred or max(1, (psutil.cpu_count() or 1) // 2)


def in_line(found: Iterable[tuple[Model, Status]]) -> list[tuple[Model, Status]]:
    """Select the models that wait, the first in line first."""
    waiting = [(model, status) for model, status in found if status.state is State.QUEUED]
    return sorted(waiting, key=lambda each: (each[1].updated, each[0].name))


def start_or_wait(
    library: Library,
    model: Model,
    plan: Plan | None = None,
    *,
    now: bool = False,
    patience_s: float = 600.0,
    leave: Callable[[Status], bool] = lambda _: False,
) -> Status:
    """Start a model's session if there is a free place, else put it in line.

    Args:
        library: The model's library.
        model: The model; one that already waits keeps its place.
        plan: How long to train, and how much of the processor to take; by default the plan it waits with.
        now: Whether to start it in any case.
        patience_s: The longest wait until it trains.
        leave: Called with each status; return True to stop waiting.

    Returns:
        The session's status: running, queued, or still starting.

    Raises:
        SessionError: When the model has a session already, or the new one fails.
        LibraryError: When the model came with pongarena, or its folder cannot be written.
    """
    with line_lock(require_startable(model)):
        status = require_no_session(model)
        if plan is None:
            plan = Plan.of(status) if status.state is State.QUEUED else Plan()
        if not now:
            _move_up(library)
            if (status := model.status()).active:  # it was the model's turn
                return status
            if _free_places(library) < 1:
                waiting = plan.waiting(status)
                if status.state is State.QUEUED:
                    waiting = replace(waiting, updated=status.updated)
                write_status(model.path / "status.json", waiting)
                return waiting
        process = launch(model, plan)
    return wait_until_begun(model, process, patience_s=patience_s, leave=leave)


def start_waiting(library: Library) -> list[str]:
    """Start as many models in line as there are free places, without waiting until they train.

    Returns:
        The names of the started models.

    Raises:
        LibraryError: When the library cannot be listed or locked.
    """
    if not in_line(_statuses(library)):
        return []
    with line_lock(library.root):
        return _move_up(library)


def leave_line(model: Model) -> Status:
    """Take a model out of the line; its training so far is kept.

    Raises:
        SessionError: When it does not wait.
        LibraryError: When its folder cannot be written.
    """
    with line_lock(require_startable(model)):
        status = model.status()
        if status.state is not State.QUEUED:
            raise SessionError(f"{model.name!r} does not wait in line (it is {status.state})")
        trained = status.episode or model.checkpoints()
        rest = replace(
            status,
            state=State.STOPPED if trained else State.NEW,
            target_episode=None,
            seconds_left=None,
            tensorboard="",
            message="taken out of the line",
        )
        write_status(model.path / "status.json", rest)
        return rest


def _move_up(library: Library) -> list[str]:
    """Start as many as there are free places; the caller holds the lock."""
    started: list[str] = []
    found = _statuses(library)
    free = session_limit(library.root) - sum(status.active for _, status in found)
    for model, status in in_line(found)[: max(0, free)]:
        try:
            launch(model, Plan.of(status))
        except LibraryError:  # its folder is gone or the disk is full: it must not block the others
            continue
        started.append(model.name)
    return started


def _free_places(library: Library) -> int:
    return session_limit(library.root) - sum(status.active for _, status in _statuses(library))


def _statuses(library: Library) -> list[tuple[Model, Status]]:
    own = (model for model in library.models() if not model.bundled and model.fault is None)
    return [(model, model.status()) for model in own]
