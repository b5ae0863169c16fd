"""The way back through a match: snapshots now and then, and what was done between them."""

from collections import deque

from pongarena.game.rules import FRAME_RATE_HZ
from pongarena.match.input_log import Snapshot
from pongarena.match.match import Match

__all__ = ["RewindBuffer"]


class RewindBuffer:
    """The way back through the last minute: a snapshot now and then, and the input log between them."""

    def __init__(self, match: Match, *, seconds: float = 60, every: int = 30) -> None:
        """Begins with the present moment.

        Args:
            match: The match; may be restarted.
            seconds: How far back it reaches at least, once so much has been played.
            every: Frames between two snapshots, each of about 150 kB: fewer make going back faster.
        """
        self._match = match
        self._every = every
        self._snapshots: deque[Snapshot] = deque(maxlen=int(seconds * FRAME_RATE_HZ / every) + 2)
        self._keep_now()

    @property
    def first(self) -> int:
        """The earliest frame that can be gone to."""
        return self._snapshots[0].frames

    @property
    def last(self) -> int:
        """The latest one: the end of the input log."""
        return len(self._match.input_log)

    def keep(self) -> None:
        """Follows the match; to be called after every frame that was played on (not after `go_to`)."""
        if self._snapshots[-1].match != self._match.origin:
            self._snapshots.clear()
        while self._snapshots and self._snapshots[-1].frames >= self._match.frames:
            self._snapshots.pop()  # of a future that was given up
        if not self._snapshots or self._match.frames - self._snapshots[-1].frames >= self._every:
            self._keep_now()

    def go_to(self, frame: int) -> None:
        """Brings the match to the moment after `frame` frames, as it was; the nearest one within reach.

        The log stays whole, so one can go forth again; it is cut when the match is played on.
        """
        frame = min(max(frame, self.first), self.last)
        if not self._match.frames <= frame < self._match.frames + self._every:
            self._match.restore(next(each for each in reversed(self._snapshots) if each.frames <= frame))
        while self._match.frames < frame:
            self._match.redo()

    def _keep_now(self) -> None:
        self._snapshots.append(self._match.snapshot())
