"""Which process it was: pids are used again, and the clock that tells a process's age may be set."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psutil

from pongarena.core.errors import SessionError
from pongarena.core.records import Count, Real, Word

__all__ = ["ProcessMark", "birth_of", "is_alive", "require_awake"]

_SAME_PROCESS_S = 1.0
"""Seconds by which two readings of one process's creation may differ (the kernel counts in ticks from the
boot)."""

_LARGEST_PID = 1 << 31
"""More than any system hands out; psutil does not take it."""

_START_TICKS = 19
"""Fields of Linux's ``stat`` between a process's name and the tick, since the boot, at which it started."""


@dataclass(frozen=True)
class ProcessMark:
    """A process, as a file says whose it is.

    Attributes:
        pid: Its number.
        created: When it was created, unix time.
        birth: The same in the kernel's own words, see `birth_of`.
    """

    pid: Count
    created: Real
    birth: Word

    @classmethod
    def of(cls, pid: int) -> Self:
        """That of a process that is there.

        Raises:
            psutil.Error: When it is not.
        """
        return cls(pid, psutil.Process(pid).create_time(), birth_of(pid))

    @property
    def alive(self) -> bool:
        """See `is_alive`."""
        return is_alive(self.pid, self.created, self.birth)


def birth_of(pid: int) -> str:
    """When a process began, in the kernel's own words, which no clock changes: the boot, and the tick in it.

    Linux computes a process's unix time of creation from the present clock: it moves when the clock is set,
    as on a small computer that learns the time from the network some minutes after it was switched on.

    Returns:
        A text to compare; empty where the system has none, whose times of creation then stay as they are.
    """
    with suppress(OSError, IndexError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        # the name, in parentheses, may hold anything
        after_name = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2]
        return f"{boot}/{after_name.split()[_START_TICKS]}"
    return ""


def require_awake(pid: int, what: str) -> None:
    """See whether a process can answer at all.

    Args:
        pid: Its number.
        what: What it is, for the message.

    Raises:
        SessionError: When it is suspended, as by Ctrl-Z or ``kill -STOP``: it would be waited for in vain.
    """
    with suppress(psutil.Error):
        if 0 < pid < _LARGEST_PID and psutil.Process(pid).status() == psutil.STATUS_STOPPED:
            raise SessionError(
                f"{what} is suspended (process {pid}) and cannot answer; let it go on: kill -CONT {pid}, or "
                "fg in its terminal; what it was asked for is done then"
            )


def is_alive(pid: int, created: float, birth: str = "") -> bool:
    """Whether the process ``pid`` lives and is the one that is meant, not a later one with the same number.

    A zombie (ended, and not yet noticed by its parent) does not live.

    Args:
        pid: Its number.
        created: When it was created, unix time in seconds, as the system said then.
        birth: What ``birth_of`` said then; decides alone where there is one.
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
