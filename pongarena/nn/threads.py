"""The cores that a training may use: the same work, cut into as many parts as there are threads.

The parts are compiled functions that release the interpreter lock. What they compute must not depend on how
the work is cut; so a run is the same on one core and on eight.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np

from pongarena.core.arrays import FloatArray

__all__ = ["GRAIN", "Threads", "available_cores", "side_by_side"]

GRAIN = 32
"""Float32 numbers in two cache lines, which processors fetch together: threads write to whole ones."""


Item = TypeVar("Item")
Result = TypeVar("Result")


def available_cores() -> int:
    """How many cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def side_by_side(*shape: int) -> FloatArray:
    """Zeros whose rows begin at cache lines, so that threads may write to ranges of columns at once.

    The last axis is made longer for that: its end is of no use.

    Two cores that write to the same line wait for each other at every number: half of the speed was lost to
    that before.
    """
    width = -(-shape[-1] // GRAIN) * GRAIN
    size = int(np.prod(shape[:-1], dtype=np.int64)) * width
    room = np.zeros(size + GRAIN, np.float32)
    first = -room.ctypes.data % (4 * GRAIN) // 4
    return room[first : first + size].reshape(*shape[:-1], width)


class Threads:
    """Some threads that wait for work.

    Attributes:
        count: How many work at once, the caller's own included.
    """

    def __init__(self, count: int | None = None) -> None:
        """Starts them.

        Args:
            count: How many; as many as there are cores by default.
        """
        self.count = max(1, available_cores() if count is None else count)
        self._pool = ThreadPoolExecutor(self.count - 1, "learner") if self.count > 1 else None

    def split(self, work: Callable[[int, int], Any], size: int, *, grain: int = 1) -> None:
        """Calls ``work(first, last)`` for ranges that together are 0..size, and waits for all.

        Args:
            work: Does a part.
            size: How much there is.
            grain: Ranges begin at multiples of it.
        """
        units = -(-size // grain)
        edges = [min(size, units * part // self.count * grain) for part in range(self.count + 1)]
        parts = [(a, b) for a, b in pairwise(edges) if a < b]
        if self._pool is None or len(parts) < 2:
            for first, last in parts:
                work(first, last)
            return
        jobs = [self._pool.submit(work, first, last) for first, last in parts[1:]]
        try:
            work(*parts[0])
        finally:
            wait(jobs)  # nothing of this call may be at work when the next one begins
        for job in jobs:
            job.result()

    def each(self, work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
        """``work(item)`` for each, as many at once as there are threads; the results in their order."""
        if self._pool is None or len(items) < 2:
            return [work(item) for item in items]
        # the caller's own thread works, too: it takes what nobody has begun
        jobs = [self._pool.submit(work, item) for item in items]
        ahead = reversed(list(zip(items, jobs, strict=True)))
        return [work(item) if job.cancel() else job.result() for item, job in ahead][::-1]

    def close(self) -> None:
        """Ends the threads."""
        if self._pool is not None:
            self._pool.shutdown()
