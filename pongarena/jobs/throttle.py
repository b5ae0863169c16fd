"""How fast a session trains, for how long, and how much of the processor it takes."""

import time
from collections import deque
from collections.abc import Callable

__all__ = ["Rate", "Stopwatch", "Throttle"]

_WINDOW_S = 60.0

_SHORTEST_REST_S, _LONGEST_REST_S = 0.01, 0.1
"""A shorter rest is not worth the sleep; in a longer one requests would wait too long."""

_LONGEST_WORK_S = 10.0
"""Between two rests; more was not work: the process was suspended."""


class Rate:
    """Episodes and steps a second over the last minute, pauses left out."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int, int]] = deque()

    def restart(self, episode: int, steps: int) -> None:
        """Forget what was; begin at these counts."""
        self._samples.clear()
        self.add(episode, steps)

    def add(self, episode: int, steps: int) -> None:
        """Note how many episodes and steps there are now."""
        now = time.monotonic()
        self._samples.append((now, episode, steps))
        while now - self._samples[0][0] > _WINDOW_S:
            self._samples.popleft()

    def read(self) -> tuple[float | None, float | None]:
        """Episodes/s and steps/s; None for what has not moved yet."""
        if not self._samples:
            return None, None
        (begin, *first), (end, *last) = self._samples[0], self._samples[-1]
        moved = [after - before for before, after in zip(first, last, strict=True)]
        episodes, steps = (each / (end - begin) if each and end > begin else None for each in moved)
        return episodes, steps


class Stopwatch:
    """Seconds between each start and the next stop; a sleeping machine's do not count."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._before = 0.0
        self._since: float | None = None

    def start(self) -> None:
        """Go on; nothing when it runs already."""
        if self._since is None:
            self._since = self._now()

    def stop(self) -> None:
        """Stand still; nothing when it does already."""
        self._before, self._since = self.seconds(), None

    def seconds(self) -> float:
        """What it shows."""
        return self._before + (0.0 if self._since is None else self._now() - self._since)


class Throttle:
    """Rests so often that about a share of the time is worked; with a share of 1 never."""

    def __init__(
        self,
        share: float,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """Allow a share of the time, above 0, up to 1."""
        self._now, self._sleep = now, sleep
        self._rest_per_work = 1 / share - 1
        self._owed_s = 0.0
        self._since = now()

    def restart(self) -> None:
        """Forget the time since the last rest: it was none of work."""
        self._since = self._now()

    def work(self) -> None:
        """Count the time since the last rest as work."""
        now = self._now()
        self._owed_s += min(now - self._since, _LONGEST_WORK_S) * self._rest_per_work
        self._since = now

    def rest(self) -> bool:
        """Sleep a moment of what the work has earned, if it is worth it; whether there was one.

        Called again until there is none, it rests in full, and its caller can do something in between: that
        counts as rest.
        """
        if self._owed_s < _SHORTEST_REST_S:
            return False
        self._sleep(min(self._owed_s, _LONGEST_REST_S))
        now = self._now()
        self._owed_s -= now - self._since
        self._since = now
        return True
