"""The status that a session writes (``status.json``), and the check that its process still lives.

The session replaces the record at most twice a second. A killed process cannot record its end, so the reader
checks that the recorded process (pid and creation time: pids are reused) is still there.
"""

import json
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pongarena.core.errors import DiskFullError
from pongarena.core.files import overwrite_in_place, write_json_atomically
from pongarena.core.reading import reason
from pongarena.core.records import Count, Lines, Meta, Real, Word, read_record
from pongarena.core.text import printable
from pongarena.jobs.process import is_alive

__all__ = ["ACTIVE", "FORMAT_VERSION", "LARGEST_STATUS", "State", "Status", "read_status", "write_status"]

FORMAT_VERSION = 1
"""Of ``status.json``."""

LARGEST_STATUS = 1 << 20
"""Bytes; a larger file is damaged."""

_MOST_REACHED = 100


class State(StrEnum):
    """What a model's session is doing."""

    NEW = "new"
    """Never trained."""
    QUEUED = "queued"
    """Waits in the queue for a free place; see ``queue``."""
    STARTING = "starting"
    """The process lives and loads its games."""
    RUNNING = "running"
    PAUSED = "paused"
    """The process lives and waits, using no processor time."""
    STOPPED = "stopped"
    """Ended on request, with a checkpoint."""
    FINISHED = "finished"
    """Ended after the requested episodes or time, with a checkpoint."""
    CRASHED = "crashed"
    """Ended by an error, or killed; the message says which."""


ACTIVE = frozenset({State.STARTING, State.RUNNING, State.PAUSED})
"""States that need a living process."""


@dataclass(frozen=True, slots=True)
class Status:
    """The latest status of a model's session.

    Attributes:
        state: What it does; also ``CRASHED`` when its process died without recording it.
        pid: Its process id; 0 when there never was one.
        created: When that process was created, unix time in seconds.
        birth: The same as an exact text, see ``birth_of``; empty in files of older versions.
        episode: Episodes finished.
        updates: Optimiser steps taken.
        steps: Agent steps taken.
        running_reward: Running mean of the episode reward, None before the first episode.
        best_running_reward: The highest running reward at any checkpoint or status.
        episodes_per_s: Rate over about the last minute, without pauses; None until it is known.
        steps_per_s: The same for agent steps.
        memory_mb: Resident memory of the process.
        target_episode: The episode after which it will finish; None for no limit.
        seconds_left: Training time after which it will finish, pauses left out; None for no limit.
        share: Share of the processor that it takes: 1 for all it gets, 0.5 for about half of that.
        tensorboard: The folder for TensorBoard events that a queued session was given; empty for none.
        reached: Names of the milestones that were announced; None in files of older versions.
        updated: When this was written, unix time in seconds; for a queued session, when it was queued.
        message: One line on what happened, mostly about a crash.
        traceback: The traceback of a crash.
    """

    state: State = State.NEW
    pid: Count = 0
    created: Real = 0.0
    birth: Word = ""
    episode: Count = 0
    updates: Count = 0
    steps: Count = 0
    running_reward: Real | None = None
    best_running_reward: Real | None = None
    episodes_per_s: Real | None = None
    steps_per_s: Real | None = None
    memory_mb: Real | None = None
    target_episode: Count | None = None
    seconds_left: Real | None = None
    share: Real = 1.0
    tensorboard: Lines = ""
    reached: Annotated[tuple[Word, ...], Meta(max_length=_MOST_REACHED)] | None = None
    updated: Real = 0.0
    message: Lines = ""
    traceback: Lines = ""

    @property
    def active(self) -> bool:
        """Whether the session has a process: it is starting, running or paused."""
        return self.state in ACTIVE

    @property
    def waits(self) -> bool:
        """Whether it waits in the queue."""
        return self.state is State.QUEUED

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON."""
        return asdict(self)


def read_status(path: Path) -> Status:
    """Read a status, corrected when its process is gone; ``NEW`` when there is no file.

    A damaged file raises no error: the message of the status describes the damage.
    """
    try:
        status = read_record(path, Status, limit=LARGEST_STATUS, version=FORMAT_VERSION)
    except FileNotFoundError:
        return Status()
    except (OSError, ValueError) as error:
        why = f"{path.name} cannot be read ({reason(error)}); the next session replaces it"
        return Status(State.STOPPED, message=printable(why))
    if status.active and not is_alive(status.pid, status.created, status.birth):
        return replace(
            status,
            state=State.CRASHED,
            episodes_per_s=None,
            steps_per_s=None,
            memory_mb=None,
            message="interrupted: the process died unexpectedly (killed, or the machine went down); "
            "resume to go on from its last checkpoint",
        )
    return status


def write_status(path: Path, status: Status) -> None:
    """Replace the status; on a full disk, write over the old one.

    Raises:
        LibraryError: When the folder cannot be written, or the disk is full and there is no old status.
    """
    record = {"format_version": FORMAT_VERSION, **status.to_json()}
    try:
        write_json_atomically(path, record)
    except DiskFullError:
        overwrite_in_place(path, json.dumps(record, ensure_ascii=False).encode())
