"""Keep writing to a disk that is full now and then."""

import time
from collections.abc import Callable

from pongarena.core.errors import DiskFullError

__all__ = ["keep_trying"]

_TRY_EVERY_S = 1.0
_LOOK_EVERY_S = 0.1


def keep_trying(
    write: Callable[[], None], *, tell: Callable[[DiskFullError], None], asked_to_stop: Callable[[], bool]
) -> bool:
    """Write; while the disk is full, try again every second.

    Args:
        write: Writes all or nothing.
        tell: Called with the error of each failed attempt.
        asked_to_stop: Whether to give up waiting.

    Returns:
        Whether it had to wait.

    Raises:
        DiskFullError: When asked to stop before the disk had room.
    """
    waited = False
    while True:
        try:
            write()
            return waited
        except DiskFullError as error:
            tell(error)
            until = time.monotonic() + _TRY_EVERY_S
            while time.monotonic() < until:
                if asked_to_stop():
                    raise
                time.sleep(_LOOK_EVERY_S)
            waited = True
