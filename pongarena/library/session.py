"""Sessions seen from outside: start the process that trains a model, ask it for things, wait for it.

The process itself is in ``runner``, which loads the emulator; this module does not.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import Any

from pongarena import paths
from pongarena.errors import LibraryError, SessionError
from pongarena.files import open_mode
from pongarena.library.lock import refuse_links
from pongarena.library.models import Model
from pongarena.library.requests import Verb, submit_request
from pongarena.library.status import State, Status
from pongarena.text import printable

__all__ = ["State", "Status", "Verb", "log_tail", "request", "start_session", "wait_for", "wait_until_served"]

_POLL_S = 0.02
_START_TIMEOUT_S = 90.0
"""Importing everything on a slow, busy machine takes long; a process that fails is noticed at once."""

_END_S = 5.0
"""How long a failed process may take to end."""

_LOG_TAIL = 4000
"""Characters of a log that are shown."""


def start_session(
    model: Model,
    *,
    episodes: int | None = None,
    timeout_s: float = _START_TIMEOUT_S,
    cancelled: Callable[[], bool] = lambda: False,
) -> Status:
    """Start, or go on with, the training of a model in a process of its own, and wait until it trains.

    The process outlives this one and its terminal. What it prints goes to ``train.log``.

    Args:
        model: The model.
        episodes: Finish after this many more episodes, rounded up to whole batches; None to train until
            stopped.
        timeout_s: How long to wait for it.
        cancelled: Whether to wait no longer; the session begins all the same.

    Returns:
        Its status; the last one known when the waiting was cancelled.

    Raises:
        SessionError: When a session is there already, or the new one fails; the message carries its last
            words.
        LibraryError: When the model came with pongarena, or its folder cannot be written.
    """
    if model.bundled:
        raise LibraryError(
            f"{model.name!r} came with pongarena and cannot be trained; fork it and train the fork: "
            f"pongarena models fork {model.name} NEW-NAME"
        )
    before = model.status()
    if before.active:
        raise SessionError(
            f"{model.name!r} is {before.state} already (process {before.pid}); stop it first: pongarena "
            f"stop {model.name}"
        )
    process = _spawn(model, episodes)
    # reaps the child when it ends, while this process lives; otherwise it would stay as a zombie
    threading.Thread(target=process.wait, daemon=True, name=f"reap-{process.pid}").start()
    deadline = time.monotonic() + timeout_s
    while True:
        code = process.poll()
        status = model.status()
        is_new = (status.pid, status.created) != (before.pid, before.created)
        if is_new and status.state is not State.STARTING:
            if status.state is State.CRASHED:
                with suppress(subprocess.TimeoutExpired):  # so that its log is whole
                    process.wait(_END_S)
                raise SessionError(f"the session of {model.name!r} failed: {status.message or 'see its log'}")
            return status
        if code is not None:
            raise SessionError(
                f"the session of {model.name!r} ended before it began (exit code {code}): "
                f"{log_tail(model, 600) or 'it said nothing'}"
            )
        if cancelled():
            return status
        if time.monotonic() > deadline:
            raise SessionError(
                f"the session of {model.name!r} (process {process.pid}) did not begin within "
                f"{timeout_s:.0f} s; look into {model.path / 'train.log'}"
            )
        time.sleep(_POLL_S)


def request(model: Model, verb: str) -> Path:
    """Ask a model's session to pause, resume, checkpoint or stop; see ``wait_until_served``.

    A checkpoint, and what a stop saves, is of the last update: the games of an unfinished batch are played
    again after a resume, so that the training is the same, bit for bit, as if it had never been stopped.

    Raises:
        SessionError: When no session is there, or ``verb`` is none of the four.
        LibraryError: When the model's folder cannot be written.
    """
    try:
        known = Verb(verb)
    except ValueError:
        raise SessionError(f"expected one of {', '.join(Verb)}, got {verb!r}") from None
    status = model.status()
    if not status.active:
        raise SessionError(
            f"{model.name!r} is not training (it is {status.state}); start it: pongarena resume {model.name}"
        )
    return submit_request(model.path, known)


def wait_until_served(model: Model, path: Path, *, timeout_s: float = 60.0) -> Status:
    """Wait until a request has been served.

    Raises:
        SessionError: When the session ends without serving it, or time runs out.
    """
    deadline = time.monotonic() + timeout_s
    while path.exists():
        status = model.status()
        if not status.active and path.exists():
            raise SessionError(
                f"the session of {model.name!r} ended ({status.state}) before it served the request: "
                f"{status.message or 'see its log'}"
            )
        if time.monotonic() > deadline:
            raise SessionError(
                f"the session of {model.name!r} (process {status.pid}) did not answer within "
                f"{timeout_s:.0f} s; the request stays and is served when it does"
            )
        time.sleep(_POLL_S)
    return model.status()


def wait_for(model: Model, states: Collection[str], timeout_s: float = 60.0) -> Status:
    """Wait until a model's session is in one of ``states``, and return its status.

    Raises:
        SessionError: When time runs out.
    """
    deadline = time.monotonic() + timeout_s
    while (status := model.status()).state not in states:
        if time.monotonic() > deadline:
            raise SessionError(
                f"{model.name!r} is {status.state} after {timeout_s:.0f} s, expected {' or '.join(states)}"
                + (f": {status.message}" if status.message else "")
            )
        time.sleep(_POLL_S)
    return status


def log_tail(model: Model, characters: int = _LOG_TAIL) -> str:
    """The end of a model's log, "" when there is none."""
    try:
        with (model.path / "train.log").open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - characters))
            return printable(file.read(characters).decode(errors="replace"), lines=True).strip()
    except OSError:
        return ""


def _spawn(model: Model, episodes: int | None) -> "subprocess.Popen[bytes]":
    refuse_links(model.path)
    command = [sys.executable, "-m", "pongarena", "session", model.name]
    if episodes is not None:
        command += ["--episodes", str(episodes)]
    environment = dict(os.environ)
    if model.path.parent != paths.models_dir():
        environment[paths.HOME_VARIABLE] = str(model.path.parent.parent)
    options: dict[str, Any] = (
        {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
        if os.name == "nt"
        else {"start_new_session": True}
    )
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        handle = os.open(model.path / "train.log", flags, open_mode(model.path))
        with os.fdopen(handle, "ab") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment,
                **options,
            )
    except OSError as error:
        raise LibraryError(
            f"cannot start a session of {model.name!r}: {error.strerror or error}; free some space or make "
            f"{model.path} writable"
        ) from error
