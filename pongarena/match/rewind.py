"""Rewind a match: regular snapshots, and the input log between them."""

from collections import deque

from pongarena.game.rules import FRAME_RATE_HZ
from pongarena.match.input_log import Snapshot
from pongarena.match.match import Match

__all__ = ["RewindBuffer"]


class RewindBuffer:
    """Rewinds the last minute of a match."""

    def __init__(self, match: Match, *, seconds: float = 60, every: int = 30) -> None:
        """Start at the current moment.

        Args:
            match: The match; it may be restarted.
            seconds: How far back to reach at least, in seconds of play.
            every: Frames between two snapshots, each of about 150 kB. Fewer frames make rewinding faster.
        """
        self._match = match
        self._every = every
        self._snapshots: deque[Snapshot] = deque(maxlen=int(seconds * FRAME_RATE_HZ / every) + 2)
        self._keep_now()

    @property
    def first(self) -> int:
        """The earliest frame that can be reached."""
        return self._snapshots[0].frames

    @property
    def last(self) -> int:
        """The latest frame: the end of the input log."""
        return len(self._match.input_log)

    def keep(self) -> None:
        """Follow the match. Call it after every frame that was played (not after `go_to`)."""
        if self._snapshots[-1].match != self._match.origin:
            self._snapshots.clear()
        while self._snapshots and self._snapshots[-1].frames >= self._match.frames:
            self._snapshots.pop()  # of frames that were cut off
        if not self._snapshots or self._match.frames - self._snapshots[-1].frames >= self._every:
            self._keep_now()

    def go_to(self, frame: int) -> None:
        """Bring the match to the moment after `frame` frames, or to the nearest one that can be reached.

        The log stays whole, so one can also go forward again. Playing on cuts it.
        """
        frame = min(max(frame, self.first), self.last)
        if not self._match.frames <= frame < self._match.frames + self._every:
            self._match.restore(next(each for each in reversed(self._snapshots) if each.frames <= frame))
        while self._match.frames < frame:
            self._match.redo()

    def _keep_now(self) -> None:
        self._snapshots.append(self._match.snapshot())
