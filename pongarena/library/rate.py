"""How fast a session trains."""

import time
from collections import deque

__all__ = ["Rate"]

_WINDOW_S = 60.0


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
