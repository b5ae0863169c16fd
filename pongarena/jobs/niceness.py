"""Lower the priority of background work."""

import os
import sys
from contextlib import suppress
from pathlib import Path

import psutil

__all__ = ["step_back"]

_BELOW_NORMAL = 0x4000
"""Windows has priority classes instead of numbers."""


def step_back(niceness: int, pid: int | None = None) -> None:
    """Raise the niceness of a process to at least this much; do nothing where the system forbids it.

    Args:
        niceness: 1..19.
        pid: The process; by default this one, with all that it starts later.
    """
    with suppress(OSError, psutil.Error):
        process = psutil.Process(pid)
        if sys.platform == "win32":
            process.nice(_BELOW_NORMAL)
            return
        # a child inherits the niceness of its parent
        process.nice(max(niceness, int(process.nice())))
    # Linux divides the processor among terminals first, and only then by niceness. All that a terminal runs
    # shares its group, so only the leader of a session of its own may change it
    if sys.platform == "linux" and pid in (None, os.getpid()) and os.getsid(0) == os.getpid():
        with suppress(OSError):
            Path("/proc/self/autogroup").write_text(f"{niceness}")
