"""What Windows does otherwise than other systems, in one place."""

import os
import subprocess
import time
from pathlib import Path
from typing import Any

__all__ = ["WINDOWS", "detached", "rename"]

WINDOWS = os.name == "nt"

_PATIENCE_S = 1.0
_TRY_EVERY_S = 0.02

# subprocess has these names on Windows only; the numbers are the system's
_NEW_GROUP = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0x0000_0200)
_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0x0800_0000)


def rename(source: Path, target: Path) -> None:
    """Move a file or folder, over another file if there is one.

    Windows refuses as long as a process has either open, as one that reads a status just now: it is tried
    again for a second there.

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
    """Options of ``subprocess.Popen`` for a process that outlives the terminal that started it.

    On Windows one without any console (``DETACHED_PROCESS``) opens a window with its first child, and one
    with its parent's ends with it: it gets a console of its own, which is never shown.
    """
    return {"creationflags": _NEW_GROUP | _NO_WINDOW} if WINDOWS else {"start_new_session": True}
