"""Control sessions from outside: start the process that trains a model, send it requests, wait for it.

The process itself runs ``session``, which loads the emulator; this module does not.
"""

import subprocess
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import psutil

from pongarena.core import paths
from pongarena.core.errors import InvalidSettingError, LibraryError, SessionError, UnknownNameError
from pongarena.core.files import open_mode
from pongarena.jobs.background import START_PATIENCE_S, last_words, start_in_background, wait_for_start
from pongarena.jobs.lock import line_lock, refuse_links
from pongarena.jobs.own_command import check_command
from pongarena.jobs.process import ProcessMark, require_awake
from pongarena.jobs.requests import Verb, clear_requests, submit_request
from pongarena.jobs.status import State, Status, write_status
from pongarena.library.models import Model
from pongarena.training.settings import check_setting

__all__ = [
    "LEAST_SHARE",
    "MOST_MINUTES",
    "Plan",
    "State",
    "Status",
    "Verb",
    "launch",
    "log_tail",
    "request",
    "require_no_session",
    "require_startable",
    "start_session",
    "wait_for",
    "wait_until_begun",
    "wait_until_served",
]

MOST_MINUTES = 60 * 24 * 365
"""A year; a longer session is a typing error."""

LEAST_SHARE = 0.05
"""The least share of the processor; with less, a session seems to hang."""

_POLL_S = 0.02

_END_S = 5.0
"""How long a failed process may take to end."""

_LOG_TAIL = 4000
"""Characters of a log that are shown."""


@dataclass(frozen=True)
class Plan:
    """How long a session trains, how much of the processor it takes, and what it reports to.

    Attributes:
        episodes: Finish after this many more games, rounded up to whole batches; None for no such end.
        minutes: Finish after this much training, pauses left out; None for no such end.
        share: Share of the processor: 1 takes all it gets, 0.5 rests half of the time. None: as before.
        tensorboard: The absolute folder in which to make one for TensorBoard events; empty for none.
        tell: The command to run at milestones; empty: that of the preferences. It is not stored in a file,
            which others could change, so a session that waits in line loses it.
    """

    episodes: int | None = None
    minutes: float | None = None
    share: float | None = None
    tensorboard: str = ""
    tell: str = ""

    def __post_init__(self) -> None:
        """Check the values.

        Raises:
            InvalidSettingError: When a value is out of range.
        """
        if self.episodes is not None and self.episodes < 1:
            raise InvalidSettingError(f"expected 1 game or more, got {self.episodes}")
        if self.minutes is not None and not 0 < self.minutes <= MOST_MINUTES:
            raise InvalidSettingError(
                f"expected a number of minutes above 0, up to {MOST_MINUTES:,}, got {self.minutes:g}"
            )
        if self.share is not None and not LEAST_SHARE <= self.share <= 1:
            raise InvalidSettingError(
                f"expected a share of the processor from {LEAST_SHARE:g} to 1, got {self.share:g}"
            )
        check_command(self.tell)

    def waiting(self, status: Status) -> Status:
        """Return the status of a model that waits in line with this plan."""
        return replace(
            status,
            state=State.QUEUED,
            pid=0,
            created=0.0,
            birth="",
            target_episode=None if self.episodes is None else status.episode + self.episodes,
            seconds_left=None if self.minutes is None else 60 * self.minutes,
            share=status.share if self.share is None else self.share,
            tensorboard=self.tensorboard,
            updated=time.time(),
            message="waits until another session ends",
            traceback="",
        )

    @classmethod
    def of(cls, status: Status) -> "Plan":
        """Return the plan that a model waits in line with; values edited by hand are put into range."""
        left = None if status.target_episode is None else max(1, status.target_episode - status.episode)
        minutes = None if status.seconds_left is None else status.seconds_left / 60
        return cls(
            left,
            None if minutes is None else min(max(minutes, 1 / 60), MOST_MINUTES),
            min(max(status.share, LEAST_SHARE), 1.0),
            status.tensorboard,
        )


def start_session(
    model: Model,
    *,
    episodes: int | None = None,
    plan: Plan | None = None,
    patience_s: float = START_PATIENCE_S,
    leave: Callable[[Status], bool] = lambda _: False,
) -> Status:
    """Start or resume the training of a model in a background process, and wait until it trains.

    The process outlives this one and its terminal. Its output goes to ``train.log``. It begins now, however
    many sessions run already; ``queue.start_or_wait`` respects the limit.

    Args:
        model: The model.
        episodes: Finish after this many more episodes, rounded up to whole batches; None to train until
            stopped. Short for a plan with nothing else in it.
        plan: How long to train, and how much of the processor to take.
        patience_s: The longest wait; the session begins even after it.
        leave: Called with each status; return True to stop waiting. The status says what takes so long.

    Returns:
        The session's status; still "starting" when the wait ended before it trained.

    Raises:
        SessionError: When the model has a session already, or the new one fails; the message quotes the end
            of its output.
        LibraryError: When the model came with pongarena, or its folder cannot be written.
    """
    with line_lock(require_startable(model)):
        process = launch(model, plan or Plan(episodes))
    return wait_until_begun(model, process, patience_s=patience_s, leave=leave)


def require_startable(model: Model) -> Path:
    """Check that a model can have a session.

    Returns:
        The library's folder.

    Raises:
        LibraryError: When the model came with pongarena.
        UnknownNameError: When its folder no longer exists.
    """
    if model.bundled:
        raise LibraryError(
            f"{model.name!r} came with pongarena and cannot be trained; fork it and train the fork: "
            f"pongarena models fork {model.name} NEW-NAME"
        )
    if not model.path.is_dir():
        raise UnknownNameError(
            f"there is no model {model.name!r} any more; it was renamed or deleted just now"
        )
    return model.path.parent


def require_no_session(model: Model) -> Status:
    """Return the status of a model without a session.

    Raises:
        SessionError: When it has a session.
    """
    status = model.status()
    if status.active:
        raise SessionError(
            f"{model.name!r} is {status.state} already (process {status.pid}); stop it first: pongarena "
            f"stop {model.name}"
        )
    return status


def launch(model: Model, plan: Plan) -> "subprocess.Popen[bytes]":
    """Start a session's process and announce it; the caller holds ``line_lock``.

    The status says "starting" at once, so that the next count of sessions includes this one. The process
    waits for the lock before it writes its own status, so the announcement never overwrites that.

    Raises:
        SessionError: When the model has a session already.
        LibraryError: When the process cannot be started, the status cannot be written, or a link leads out
            of the model's folder.
    """
    refuse_links(model.path)
    before = require_no_session(model)
    clear_requests(model.path)  # before the session is announced: later requests are for it
    process = _spawn(model, plan)
    with suppress(psutil.Error):  # it ended at once; the wait for it reports why
        announced = replace(
            before,
            state=State.STARTING,
            **asdict(ProcessMark.of(process.pid)),
            updated=time.time(),
            message="",
            traceback="",
        )
        write_status(model.path / "status.json", announced)
    return process


def wait_until_begun(
    model: Model,
    process: "subprocess.Popen[bytes]",
    *,
    patience_s: float = START_PATIENCE_S,
    leave: Callable[[Status], bool] = lambda _: False,
) -> Status:
    """Wait until a launched session trains; see ``start_session``.

    A process that lives but does not train yet is no error, however long it takes.
    """

    def begun() -> bool:
        status = model.status()
        if status.state is State.CRASHED and status.traceback:
            with suppress(subprocess.TimeoutExpired):  # so that its log is whole
                process.wait(_END_S)
            raise SessionError(f"the session of {model.name!r} failed: {status.message or 'see its log'}")
        ended = status.state in (State.STOPPED, State.FINISHED)
        return status.state in (State.RUNNING, State.PAUSED) or (ended and process.poll() is not None)

    code = wait_for_start(process, begun, leave=lambda: leave(model.status()), patience_s=patience_s)
    if code is None:
        return model.status()
    words = log_tail(model, 600) or "it printed nothing"
    raise SessionError(f"the session of {model.name!r} ended before it began (exit code {code}): {words}")


def request(model: Model, verb: str, value: float | None = None) -> Path:
    """Send a request to a model's session; see ``wait_until_served``.

    A checkpoint on request or on stop holds the last update. A resume plays the games of an unfinished batch
    again, so that the training is bit-identical to one that was never stopped.

    Args:
        model: The model.
        verb: One of ``Verb``.
        value: For ``learning_rate``: the rate, or 0 for the recipe's own schedule.

    Raises:
        SessionError: When the model has no session, or ``verb`` is unknown.
        InvalidSettingError: When the value is not valid.
        LibraryError: When the model's folder cannot be written.
    """
    try:
        known = Verb(verb)
    except ValueError:
        raise SessionError(f"expected one of {', '.join(Verb)}, got {verb!r}") from None
    value = _check_value(model, known, value)
    status = model.status()
    if status.state is State.QUEUED:
        raise SessionError(
            f"{model.name!r} is queued and has not begun; start it now: pongarena resume {model.name} --now, "
            f"or take it out of the line: pongarena stop {model.name}"
        )
    if not status.active:
        raise SessionError(
            f"{model.name!r} is not training (it is {status.state}); start it: pongarena resume {model.name}"
        )
    return submit_request(model.path, known, value)


def _check_value(model: Model, verb: Verb, value: float | None) -> float | None:
    if verb is not Verb.LEARNING_RATE:
        if value is not None:
            raise InvalidSettingError(f"expected no number with {verb}, got {value:g}")
        return None
    if value is None or model.recipe is None:
        raise InvalidSettingError(
            "expected a learning rate, such as 3e-4, or 0 for the recipe's own; got none"
        )
    return 0.0 if value == 0 else float(check_setting(type(model.recipe), "learning_rate", value))


def wait_until_served(model: Model, path: Path, *, timeout_s: float = 60.0) -> Status:
    """Wait until a request has been served.

    Raises:
        SessionError: When the session ends without serving it, is suspended, or time runs out.
    """
    deadline = time.monotonic() + timeout_s
    while path.exists():
        status = model.status()
        if not status.active and path.exists():
            raise SessionError(
                f"the session of {model.name!r} ended ({status.state}) before it served the request: "
                f"{status.message or 'see its log'}"
            )
        require_awake(status.pid, f"the session of {model.name!r}")
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
        SessionError: When the session is suspended, or time runs out.
    """
    deadline = time.monotonic() + timeout_s
    while (status := model.status()).state not in states:
        if status.active:
            require_awake(status.pid, f"the session of {model.name!r}")
        if time.monotonic() > deadline:
            raise SessionError(
                f"{model.name!r} is {status.state} after {timeout_s:.0f} s, expected {' or '.join(states)}"
                + (f": {status.message}" if status.message else "")
            )
        time.sleep(_POLL_S)
    return status


def log_tail(model: Model, characters: int = _LOG_TAIL) -> str:
    """Read the end of a model's log; "" when there is none."""
    return last_words(model.path / "train.log", characters)


def _spawn(model: Model, plan: Plan) -> "subprocess.Popen[bytes]":
    words = ["session", model.name]
    if plan.episodes is not None:
        words += ["--episodes", str(plan.episodes)]
    if plan.minutes is not None:
        words += ["--minutes", repr(plan.minutes)]
    if plan.share is not None:
        words += ["--share", repr(plan.share)]
    if plan.tensorboard:
        words += ["--tensorboard-log", plan.tensorboard]
    if plan.tell:
        words += ["--tell-command", plan.tell]
    return start_in_background(
        words,
        model.path / "train.log",
        what=f"a session of {model.name!r}",
        home=None if model.path.parent == paths.models_dir() else model.path.parent.parent,
        mode=open_mode(model.path),
    )
