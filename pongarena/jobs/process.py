"""Recognise a process again: pids are reused, and setting the clock changes a process's creation time."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psutil

from pongarena.core.errors import SessionError
from pongarena.core.records import Count, Real, Word
from pongarena.core.system import WINDOWS

__all__ = ["ProcessMark", "birth_of", "how_to_continue", "is_alive", "is_suspended", "require_awake"]

_SAME_PROCESS_S = 1.0
"""Seconds by which two readings of one process's creation time may differ (the kernel counts in ticks since
boot)."""

_LARGEST_PID = 1 << 31
"""Above the pids of any system; psutil rejects it."""

_START_TICKS = 19
"""Index of the start time (in ticks since boot) among the fields of Linux's ``stat`` after the name."""


@dataclass(frozen=True)
class ProcessMark:
    """The identity of a process, as files record it.

    Attributes:
        pid: Process id.
        created: When it was created, unix time in seconds.
        birth: The same as an exact text, see `birth_of`.
    """

    pid: Count
    created: Real
    birth: Word

    @classmethod
    def of(cls, pid: int) -> Self:
        """Return the mark of a living process.

        Raises:
            psutil.Error: When there is no such process.
        """
        return cls(pid, psutil.Process(pid).create_time(), birth_of(pid))

    @property
    def alive(self) -> bool:
        """See `is_alive`."""
        return is_alive(self.pid, self.created, self.birth)


def birth_of(pid: int) -> str:
    """Return when a process began as the kernel records it: the id of the boot, and the tick since then.

    Linux computes the unix time of creation from the present clock, so it moves when the clock is set. A
    small computer without a clock does so when it gets the time from the network, minutes after it started.

    Returns:
        A text to compare; empty on other systems, where the creation time does not move.
    """
    with suppress(OSError, IndexError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        # the name, in parentheses, may hold anything
        after_name = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2]
        return f"{boot}/{after_name.split()[_START_TICKS]}"
    return ""


def require_awake(pid: int, what: str) -> None:
    """Check that a process is not suspended, since a suspended one never answers.

    Args:
        pid: Process id.
        what: What it is, for the message.

    Raises:
        SessionError: When it is suspended.
    """
    if is_suspended(pid):
        raise SessionError(
            f"{what} is suspended (process {pid}) and cannot answer; {how_to_continue(pid)}; it then does "
            "what it was asked"
        )


def is_suspended(pid: int) -> bool:
    """Return whether a process is stopped, by Ctrl-Z or ``kill -STOP`` for instance."""
    with suppress(psutil.Error):
        return 0 < pid < _LARGEST_PID and psutil.Process(pid).status() == psutil.STATUS_STOPPED
    return False


def how_to_continue(pid: int) -> str:
    """Say how to continue a suspended process."""
    if WINDOWS:
        return "continue it in the Resource Monitor"
    return f"continue it: kill -CONT {pid}, or fg in its terminal"


def is_alive(pid: int, created: float, birth: str = "") -> bool:
    """Return whether a process lives, and is not a later one with the same pid.

    A zombie (ended, but not yet reaped by its parent) does not live.

    Args:
        pid: Process id.
        created: Its recorded creation time, unix time in seconds.
        birth: Its recorded ``birth_of``; where there is one, ``created`` is not compared.
    """
    if not 0 < pid < _LARGEST_PID:
        return False
    try:
        process = psutil.Process(pid)
        if birth and (now := birth_of(pid)):
            if now != birth:
                return False
        elif abs(process.create_time() - created) > _SAME_PROCESS_S:
            return False
        return process.status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
