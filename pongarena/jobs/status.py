"""What a session says of itself (``status.json``), and whether to believe it.

The record is replaced at most twice a second. A process that vanished cannot write that it did, so a reader
compares the record's process (pid and moment of birth: pids are reused) with those that live.
"""

import json
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from pongarena.core.errors import DiskFullError, LibraryError
from pongarena.core.files import overwrite_in_place, write_json_atomically
from pongarena.core.reading import read_json
from pongarena.core.text import printable
from pongarena.jobs.process import is_alive

__all__ = ["ACTIVE", "FORMAT_VERSION", "LARGEST_STATUS", "State", "Status", "read_status", "write_status"]

FORMAT_VERSION = 1
"""Of ``status.json``."""

LARGEST_STATUS = 1 << 20
"""Bytes; a larger status is damage."""

_MOST = 1 << 62
"""No count, time or process number is greater."""


class State(StrEnum):
    """What a model's session is doing."""

    NEW = "new"
    """Never trained."""
    QUEUED = "queued"
    """Waits in line for a free place; see ``queue``."""
    STARTING = "starting"
    """The process is there and loads its games."""
    RUNNING = "running"
    PAUSED = "paused"
    """The process is there and waits, using no processor time."""
    STOPPED = "stopped"
    """Ended on request, with a checkpoint."""
    FINISHED = "finished"
    """Ended after the episodes it was asked for, with a checkpoint."""
    CRASHED = "crashed"
    """Ended by an error, or vanished; the message says which."""


ACTIVE = frozenset({State.STARTING, State.RUNNING, State.PAUSED})
"""States that need a living process."""


@dataclass(frozen=True, slots=True)
class Status:
    """The latest word of a model's session.

    Attributes:
        state: What it does; ``CRASHED`` also when the process vanished without a word.
        pid: Its process, 0 when there never was one.
        created: When that process was created, unix time in seconds, as the system said then.
        birth: The same as the kernel counts it, see ``birth_of``; empty in files of older versions.
        episode: Episodes finished.
        updates: Optimiser steps taken.
        steps: Agent steps taken.
        running_reward: Running mean of the episode reward, None before the first episode.
        best_running_reward: The highest it ever was at a checkpoint or status.
        episodes_per_s: Rate over about the last minute, without pauses; None until it can be told.
        steps_per_s: The same for agent steps.
        memory_mb: Resident memory of the process.
        target_episode: The episode after which it will finish, None for no end.
        seconds_left: Training time after which it will finish, pauses left out; None for no such end.
        share: Of the processor, that it takes: 1 all it gets, 0.5 about half of that.
        updated: When this was written, unix time in seconds; of a queued one, when it came into the line.
        message: One line on what happened, for a crash above all.
        traceback: The traceback of a crash.
    """

    state: State = State.NEW
    pid: int = 0
    created: float = 0.0
    birth: str = ""
    episode: int = 0
    updates: int = 0
    steps: int = 0
    running_reward: float | None = None
    best_running_reward: float | None = None
    episodes_per_s: float | None = None
    steps_per_s: float | None = None
    memory_mb: float | None = None
    target_episode: int | None = None
    seconds_left: float | None = None
    share: float = 1.0
    updated: float = 0.0
    message: str = ""
    traceback: str = ""

    @property
    def active(self) -> bool:
        """Whether a session is there: starting, running or paused."""
        return self.state in ACTIVE

    @property
    def waits(self) -> bool:
        """Whether it waits in line for a free place."""
        return self.state is State.QUEUED

    def to_json(self) -> dict[str, Any]:
        """The record as JSON."""
        return asdict(self)


def read_status(path: Path) -> Status:
    """The status in a file, corrected when its process is gone; ``NEW`` when there is no file.

    Never raises for a damaged file: the status says so in its message.
    """
    try:
        status = _from_json(read_json(path, limit=LARGEST_STATUS))
    except FileNotFoundError:
        return Status()
    except (OSError, ValueError, TypeError) as error:
        return Status(
            State.STOPPED,
            message=printable(f"{path.name} cannot be read ({error}); the next session replaces it"),
        )
    if status.active and not is_alive(status.pid, status.created, status.birth):
        return replace(
            status,
            state=State.CRASHED,
            episodes_per_s=None,
            steps_per_s=None,
            memory_mb=None,
            message="interrupted: the process is gone without a word (killed, or the machine went down); "
            "resume to go on from its last checkpoint",
        )
    return status


def write_status(path: Path, status: Status) -> None:
    """Replace the status; on a full disk, write over the old one.

    Raises:
        LibraryError: When the disk is full and there is none yet, or the folder cannot be written.
    """
    record = {"format_version": FORMAT_VERSION, **status.to_json()}
    try:
        write_json_atomically(path, record)
    except DiskFullError:
        overwrite_in_place(path, json.dumps(record, ensure_ascii=False).encode())


def _from_json(record: object) -> Status:
    if not isinstance(record, dict):
        raise ValueError("not an object")
    version = record.get("format_version")
    if type(version) is not int or version < 1:
        raise ValueError("it names no format version")
    if version > FORMAT_VERSION:
        raise ValueError(
            f"expected format version {FORMAT_VERSION} or older, got {version}; a newer pongarena wrote it"
        )
    values: dict[str, Any] = {}
    for field in fields(Status):
        if field.name in record:
            values[field.name] = _checked(field.name, record[field.name], field.default)
    return Status(**values)


def _checked(name: str, value: object, default: object) -> object:
    if isinstance(default, State):
        return State(str(value))
    if value is None and default is None:
        return None
    if isinstance(default, str):
        if isinstance(value, str):
            return printable(value, lines=True)
    elif isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < _MOST:
        whole = name == "target_episode" or (isinstance(default, int) and not isinstance(default, bool))
        return int(value) if whole else float(value)
    raise ValueError(f"{name} is {value!r:.60}")


def require_no_newer(record: object, expected: int, path: Path) -> None:
    """Refuse a file of a newer pongarena.

    Raises:
        LibraryError: When ``record`` is no object with a ``format_version``, or a newer one than
            ``expected``.
    """
    version = record.get("format_version") if isinstance(record, dict) else None
    if type(version) is not int:
        raise LibraryError(f"{path} has no format version; it is damaged or no file of pongarena's")
    if version > expected:
        raise LibraryError(
            f"{path}: expected format version {expected} or older, got {version}; a newer pongarena wrote "
            "it: update with `pipx upgrade pongarena`"
        )
