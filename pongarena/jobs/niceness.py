"""How background work lets everything else on the machine go first."""

import os
import sys
from contextlib import suppress
from pathlib import Path

import psutil

__all__ = ["step_back"]

_BELOW_NORMAL = 0x4000
"""Windows has classes instead of numbers."""


def step_back(niceness: int, pid: int | None = None) -> None:
    """Make a process at least so nice; one that may not be changed stays as it is.

    Args:
        niceness: 1..19.
        pid: The process; this one by default, and then all that it starts.
    """
    with suppress(OSError, psutil.Error):
        process = psutil.Process(pid)
        if sys.platform == "win32":
            process.nice(_BELOW_NORMAL)
            return
        # one that was started by a nice one is as nice already
        process.nice(max(niceness, int(process.nice())))
    # Linux shares the processor between terminals first, and only then by niceness; a group belongs to all
    # that its terminal runs, so only who leads an own one may change it
    if sys.platform == "linux" and pid in (None, os.getpid()) and os.getsid(0) == os.getpid():
        with suppress(OSError):
            Path("/proc/self/autogroup").write_text(f"{niceness}")
