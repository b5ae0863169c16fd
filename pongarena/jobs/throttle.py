"""Measure how fast and how long a session trains, and limit its share of the processor."""

import time
from collections import deque
from collections.abc import Callable

__all__ = ["Rate", "Stopwatch", "Throttle"]

_WINDOW_S = 60.0

_SHORTEST_REST_S, _LONGEST_REST_S = 0.01, 0.1
"""A shorter rest is not worth a sleep; a longer one would delay requests."""

_LONGEST_WORK_S = 10.0
"""Longest work between two rests; longer means that the process was suspended."""


class Rate:
    """Episodes and steps a second over the last minute, pauses left out."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int, int]] = deque()

    def restart(self, episode: int, steps: int) -> None:
        """Forget all samples; begin at these counts."""
        self._samples.clear()
        self.add(episode, steps)

    def add(self, episode: int, steps: int) -> None:
        """Record the present counts of episodes and steps."""
        now = time.monotonic()
        self._samples.append((now, episode, steps))
        while now - self._samples[0][0] > _WINDOW_S:
            self._samples.popleft()

    def read(self) -> tuple[float | None, float | None]:
        """Return episodes/s and steps/s; None for a count that has not grown yet."""
        if not self._samples:
            return None, None
        (begin, *first), (end, *last) = self._samples[0], self._samples[-1]
        moved = [after - before for before, after in zip(first, last, strict=True)]
        episodes, steps = (each / (end - begin) if each and end > begin else None for each in moved)
        return episodes, steps


class Stopwatch:
    """Adds up the seconds between each start and the next stop; time while the machine sleeps is left out."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._before = 0.0
        self._since: float | None = None

    def start(self) -> None:
        """Start; do nothing when it runs already."""
        if self._since is None:
            self._since = self._now()

    def stop(self) -> None:
        """Stop; do nothing when it is stopped already."""
        self._before, self._since = self.seconds(), None

    def seconds(self) -> float:
        """Return the time in all."""
        return self._before + (0.0 if self._since is None else self._now() - self._since)


class Throttle:
    """Rests so often that work takes about the given share of the time; with a share of 1 it never rests."""

    def __init__(
        self,
        share: float,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """Set the share of the time that may be work, above 0 and up to 1."""
        self._now, self._sleep = now, sleep
        self._rest_per_work = 1 / share - 1
        self._owed_s = 0.0
        self._since = now()

    def restart(self) -> None:
        """Ignore the time since the last rest: it was no work."""
        self._since = self._now()

    def work(self) -> None:
        """Count the time since the last rest as work."""
        now = self._now()
        self._owed_s += min(now - self._since, _LONGEST_WORK_S) * self._rest_per_work
        self._since = now

    def rest(self) -> bool:
        """Sleep for a short part of the rest that is due, and return whether it slept.

        Call it until it returns False to rest in full. What the caller does between two calls counts as rest.
        """
        if self._owed_s < _SHORTEST_REST_S:
            return False
        self._sleep(min(self._owed_s, _LONGEST_REST_S))
        now = self._now()
        self._owed_s -= now - self._since
        self._since = now
        return True
