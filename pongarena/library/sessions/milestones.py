"""What is worth telling of a training while it goes on, and who is told: the user's own command.

The session notices it, so that it is told with the app closed, too; its status says what was reached, so that
nothing is told twice, and the app tells it where it is open.
"""

import os
import stat
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pongarena.jobs.own_command import run_command
from pongarena.library.metrics import recent_points
from pongarena.library.model import Model
from pongarena.library.preferences import FILE, read_preferences
from pongarena.library.progress import WINDOW_POINTS, Share, recent_share

__all__ = ["Announcer", "Milestone", "Milestones", "News", "command_of", "tell"]

_FEWEST_POINTS = 200
"""Fewer say nothing about a share."""


class Milestone(StrEnum):
    """A moment of a training."""

    FIRST_POINT = "first point"
    QUARTER = "25 %"
    PAST_CPU = "past the CPU"
    FINISHED = "finished"
    DIED = "died"


_WORDS = {
    Milestone.FIRST_POINT: "won its first point",
    Milestone.QUARTER: "wins 25 % of points",
    Milestone.PAST_CPU: "is past the CPU: it wins more than half of the points",
    Milestone.FINISHED: "has finished its training",
    Milestone.DIED: "died",
}

_SHARES = {Milestone.QUARTER: 0.25, Milestone.PAST_CPU: 0.5}
"""Shares of points that are surely passed: by the lower end of the 95 % interval."""


@dataclass(frozen=True)
class News:
    """A milestone of a model.

    Attributes:
        model: Its name.
        milestone: What happened.
        why: More of it, for one that died.
    """

    model: str
    milestone: Milestone
    why: str = ""

    def __str__(self) -> str:
        """As a sentence."""
        return f"{self.model} {_WORDS[self.milestone]}" + (f": {self.why}" if self.why else "")


class Milestones:
    """Looks at the points as they are played.

    Attributes:
        reached: What was reached so far, by its names.
    """

    def __init__(self, reached: Iterable[str]) -> None:
        self.reached = tuple(reached)
        self._points: deque[tuple[int, int]] = deque()
        self._won = self._lost = 0

    @classmethod
    def of(cls, model: Model) -> "Milestones":
        """Where a model stands before a session."""
        if (reached := model.status().reached) is not None:
            return cls(reached)
        points = recent_points(model.path / "metrics.jsonl")
        return cls.so_far(int(points.won.sum()), recent_share(points))

    @classmethod
    def so_far(cls, points_won: int, share: Share | None) -> "Milestones":
        """Of a model whose session did not take notes: what it can do already is no news."""
        known = {Milestone.FIRST_POINT: points_won > 0} | {
            each: share is not None and share.low > least for each, least in _SHARES.items()
        }
        return cls(str(each) for each, holds in known.items() if holds)

    def add(self, won: int, lost: int) -> None:
        """Take in the points of an update."""
        self._points.append((won, lost))
        self._won += won
        self._lost += lost
        while (first := self._points[0]) and self._won + self._lost - sum(first) >= WINDOW_POINTS:
            self._points.popleft()
            self._won -= first[0]
            self._lost -= first[1]

    def news(self) -> list[Milestone]:
        """What was reached since the last call."""
        points = self._won + self._lost
        found = [Milestone.FIRST_POINT] if self._won else []
        if points >= _FEWEST_POINTS:
            low = Share.of(self._won, points).low
            found += [each for each, least in _SHARES.items() if low > least]
        new = [each for each in found if each not in self.reached]
        self.reached += tuple(str(each) for each in new)
        return new


def command_of(root: Path) -> str:
    """The command of the preferences in the data directory ``root``; empty for none.

    Nothing that others may have written is run: the file must be the user's own, and writable by nobody else.
    """
    command = read_preferences(root).tell_command
    if not command or os.name != "posix":
        return command
    try:
        found = (root / FILE).stat(follow_symlinks=False)
    except OSError:
        return ""
    own = stat.S_ISREG(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o022
    return command if own else ""


def tell(command: str, news: News) -> str:
    """Run the user's command for a piece of news; returns why that could not be done, else nothing."""
    if not command:
        return ""
    facts = {"MODEL": news.model, "NEWS": str(news.milestone)}
    return run_command(command, str(news), facts)


class Announcer:
    """Tells of a session's milestones: its log, its terminal, and the user's command.

    Args:
        model: That trains.
        command: To be told; empty for that of the preferences, which may change meanwhile.
        log: Takes a line.
        told: Takes the news.
    """

    def __init__(
        self, model: Model, command: str, log: Callable[[str], object], told: Callable[[News], object]
    ) -> None:
        self._model, self._command, self._log, self._told = model, command, log, told
        self._milestones = Milestones.of(model)
        self.add = self._milestones.add

    @property
    def reached(self) -> tuple[str, ...]:
        """What was told so far."""
        return self._milestones.reached

    def announce_new(self) -> tuple[str, ...]:
        """Tell what was reached since the last time; returns all that was."""
        for each in self._milestones.news():
            self.announce(each)
        return self.reached

    def announce(self, milestone: Milestone, why: str = "") -> None:
        """Tell of a milestone."""
        news = News(self._model.name, milestone, why)
        self._log(str(news))
        if fault := tell(self._command or command_of(self._model.path.parent.parent), news):
            self._log(fault)
        self._told(news)
