"""A fair share of the processor: so many sessions train at once, the others wait in line.

There is no daemon and no list. A model that waits says so in its own ``status.json`` ("queued", since when,
and what it is to do), so renaming, deleting or restoring it needs no care here. Whoever comes by moves the
line up: a session that ends, the app, every command about sessions. They count under one lock, and a started
session is announced in its status before the lock is let go; so a place is never given twice, and whoever
dies in between leaves either a model that still waits or a session that runs.
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
    """How many sessions train at once in the library at ``root``: as preferred, or half the cores."""
    preferred = read_preferences(root.parent).session_limit
    return preferred or max(1, (psutil.cpu_count() or 1) // 2)


def in_line(found: Iterable[tuple[Model, Status]]) -> list[tuple[Model, Status]]:
    """Those of the models that wait, the first in line first."""
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
    """Start a model's session if there is a place for it, else let it wait in line.

    Args:
        library: Where the model is.
        model: The model; one that waits already keeps its place.
        plan: How long, and how much of the processor; of one that waits, what it waits for unless given.
        now: Start it in any case.
        patience_s: How long to wait until it trains, at the most.
        leave: Whether to wait no longer, asked with each status.

    Returns:
        Its status: running, queued, or still starting.

    Raises:
        SessionError: When it has a session already, or that fails.
        LibraryError: When the model came with pongarena, or its folder cannot be written.
    """
    with line_lock(require_startable(model)):
        status = require_no_session(model)
        if plan is None:
            plan = Plan.of(status) if status.state is State.QUEUED else Plan()
        if not now:
            _move_up(library)
            if (status := model.status()).active:  # it was its turn
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
    """Start those in line for whom there is a place, without waiting until they train.

    Returns:
        Their names.

    Raises:
        LibraryError: When the library cannot be listed or locked.
    """
    if not in_line(_statuses(library)):
        return []
    with line_lock(library.root):
        return _move_up(library)


def leave_line(model: Model) -> Status:
    """Take a model out of the line; what it learned before stays as it is.

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
    """Start as many as there are places for; the lock is held."""
    started: list[str] = []
    found = _statuses(library)
    free = session_limit(library.root) - sum(status.active for _, status in found)
    for model, status in in_line(found)[: max(0, free)]:
        try:
            launch(model, Plan.of(status))
        except LibraryError:  # its folder is gone or full: it must not keep the others from their turn
            continue
        started.append(model.name)
    return started


def _free_places(library: Library) -> int:
    return session_limit(library.root) - sum(status.active for _, status in _statuses(library))


def _statuses(library: Library) -> list[tuple[Model, Status]]:
    own = (model for model in library.models() if not model.bundled and model.fault is None)
    return [(model, model.status()) for model in own]
