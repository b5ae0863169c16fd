"""A check for enough memory, because a library may hang for ever when it cannot start its threads."""

import mmap

from pongarena.core.errors import PongArenaError

__all__ = ["FOR_APP", "FOR_LIBRARIES", "require_memory"]

FOR_LIBRARIES = 256 << 20
"""Bytes of address space that numpy, numba and the emulator take when they are loaded, with their threads."""

FOR_APP = 400 << 20
"""The same of the terminal app, which has more threads."""


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
