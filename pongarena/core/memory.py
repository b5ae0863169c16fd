"""Whether there is memory for what needs much, before a library waits for ever for a thread it lacks."""

import mmap

from pongarena.core.errors import PongArenaError

__all__ = ["require_memory"]


def require_memory(size: int, what: str) -> None:
    """See whether so many bytes can be had; they are given back at once.

    Args:
        size: Bytes.
        what: What they are for.

    Raises:
        PongArenaError: When the system refuses them, as under ``ulimit -v``.
    """
    try:
        mmap.mmap(-1, size).close()
    except (OSError, MemoryError) as error:
        raise PongArenaError(
            f"expected {size >> 20} MB of memory for {what}, got less; close other programs or raise the "
            "limit (ulimit -v), then try again"
        ) from error
