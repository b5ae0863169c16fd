"""Differences between Windows and other systems, in one place."""

import _thread
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

__all__ = ["WINDOWS", "detached", "interrupt", "rename"]

WINDOWS = os.name == "nt"

_PATIENCE_S = 1.0
_TRY_EVERY_S = 0.02

# subprocess defines these names only on Windows
_NEW_GROUP = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0x0000_0200)
_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0x0800_0000)


def rename(source: Path, target: Path) -> None:
    """Move a file or folder, replacing an existing file.

    Windows refuses while any process has either file open, for example to read a status. There, try again for
    up to a second.

    Raises:
        OSError: When the system refuses.
    """
    deadline = time.monotonic() + (_PATIENCE_S if WINDOWS else 0)
    while True:
        try:
            source.replace(target)
            return
        except PermissionError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(_TRY_EVERY_S)


def detached() -> dict[str, Any]:
    """Return ``subprocess.Popen`` options for a process that outlives its terminal.

    On Windows, a process without a console (``DETACHED_PROCESS``) opens a window with its first child, and
    one that shares its parent's console ends with it. So it gets its own hidden console.
    """
    return {"creationflags": _NEW_GROUP | _NO_WINDOW} if WINDOWS else {"start_new_session": True}


def interrupt(number: int) -> None:
    """Send a signal to this process, for its own handler.

    On Windows, ``os.kill`` would end the process at once; there, only Python's handler is called.
    """
    if WINDOWS:
        _thread.interrupt_main(signal.Signals(number))
    else:
        os.kill(os.getpid(), number)
