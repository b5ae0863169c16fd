"""What a session says of itself (``status.json``), and whether to believe it.

The record is replaced at most twice a second. A process that vanished cannot write that it did, so a reader
compares the record's process (pid and moment of birth: pids are reused) with those that live.
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
"""Bytes; a larger status is damage."""


_MOST_REACHED = 100


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
        tensorboard: The folder that one waiting in line was asked to write events into; empty for none.
        reached: Milestones of the training that were told, by name; None in files of older versions.
        updated: When this was written, unix time in seconds; of a queued one, when it came into the line.
        message: One line on what happened, for a crash above all.
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
        LibraryError: When the disk is full and there is none yet, or the folder cannot be written.
    """
    record = {"format_version": FORMAT_VERSION, **status.to_json()}
    try:
        write_json_atomically(path, record)
    except DiskFullError:
        overwrite_in_place(path, json.dumps(record, ensure_ascii=False).encode())
