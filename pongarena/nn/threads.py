"""Threads for training: work is split into as many parts as there are threads.

The parts are compiled functions that release the interpreter lock (GIL). Their results must not depend on how
the work is split, so that a run is identical on one core and on eight.
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
"""Float32 numbers in two cache lines, which processors fetch together: threads write to whole pairs."""


Item = TypeVar("Item")
Result = TypeVar("Result")


def available_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def side_by_side(*shape: int) -> FloatArray:
    """Return zeros whose rows start at cache lines, so that threads can write to ranges of columns.

    The last axis is padded for that.

    Without it, cores that write to the same cache line wait for each other (false sharing): half the speed.
    """
    width = -(-shape[-1] // GRAIN) * GRAIN
    size = int(np.prod(shape[:-1], dtype=np.int64)) * width
    room = np.zeros(size + GRAIN, np.float32)
    first = -room.ctypes.data % (4 * GRAIN) // 4
    return room[first : first + size].reshape(*shape[:-1], width)


class Threads:
    """A pool of threads.

    Attributes:
        count: How many work at once, including the caller's own.
    """

    def __init__(self, count: int | None = None) -> None:
        """Start the threads, by default one per core."""
        self.count = max(1, available_cores() if count is None else count)
        self._pool = ThreadPoolExecutor(self.count - 1, "learner") if self.count > 1 else None

    def split(self, work: Callable[[int, int], Any], size: int, *, grain: int = 1) -> None:
        """Call ``work(first, last)`` for ranges that together cover 0..size, and wait for all.

        Args:
            work: Processes one range.
            size: Total size.
            grain: Ranges start at multiples of it.
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
            wait(jobs)  # all work of this call must end before the next one starts
        for job in jobs:
            job.result()

    def each(self, work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
        """Return ``work(item)`` for each item, in order, computed by all threads."""
        if self._pool is None or len(items) < 2:
            return [work(item) for item in items]
        # the caller's own thread takes jobs that have not started
        jobs = [self._pool.submit(work, item) for item in items]
        ahead = reversed(list(zip(items, jobs, strict=True)))
        return [work(item) if job.cancel() else job.result() for item, job in ahead][::-1]

    def close(self) -> None:
        """Stop the threads."""
        if self._pool is not None:
            self._pool.shutdown()
