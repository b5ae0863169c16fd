"""A check for enough memory, because a library may hang for ever when it cannot start its threads."""

import mmap

from pongarena.core.errors import PongArenaError

__all__ = ["require_memory"]


def require_memory(size: int, what: str) -> None:
    """Check that `size` bytes can be allocated, and free them at once; `what` needs them.

    Raises:
        PongArenaError: When the system refuses, for example under ``ulimit -v``.
    """
    try:
        mmap.mmap(-1, size).close()
    except (OSError, MemoryError) as error:
        raise PongArenaError(
            f"expected {size >> 20} MB of memory for {what}, got less; close other programs or raise the "
            "limit (ulimit -v), then try again"
        ) from error
