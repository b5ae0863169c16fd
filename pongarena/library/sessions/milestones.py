"""Detect the milestones of a running training and announce them, also through the user's own command.

The session detects them, so that they are announced while the app is closed, too. Its status lists those
reached, so that none is announced twice and an open app can show them.
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
"""The fewest points that a share is computed from."""


class Milestone(StrEnum):
    """An event of a training that is worth announcing."""

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
"""Shares of points; one is reached when the lower end of the 95 % interval passes it."""


@dataclass(frozen=True)
class News:
    """A milestone of a model.

    Attributes:
        model: The model's name.
        milestone: What happened.
        why: The reason why a session died.
    """

    model: str
    milestone: Milestone
    why: str = ""

    def __str__(self) -> str:
        """Return it as a sentence."""
        return f"{self.model} {_WORDS[self.milestone]}" + (f": {self.why}" if self.why else "")


class Milestones:
    """Detects milestones from the points as they are played.

    Attributes:
        reached: Names of the milestones reached so far.
    """

    def __init__(self, reached: Iterable[str]) -> None:
        self.reached = tuple(reached)
        self._points: deque[tuple[int, int]] = deque()
        self._won = self._lost = 0

    @classmethod
    def of(cls, model: Model) -> "Milestones":
        """Start from what a model has reached before this session."""
        if (reached := model.status().reached) is not None:
            return cls(reached)
        points = recent_points(model.path / "metrics.jsonl")
        return cls.so_far(int(points.won.sum()), recent_share(points))

    @classmethod
    def so_far(cls, points_won: int, share: Share | None) -> "Milestones":
        """Start from points, for a model of an older version: what it can do already is no news."""
        known = {Milestone.FIRST_POINT: points_won > 0} | {
            each: share is not None and share.low > least for each, least in _SHARES.items()
        }
        return cls(str(each) for each, holds in known.items() if holds)

    def add(self, won: int, lost: int) -> None:
        """Add the points of an update."""
        self._points.append((won, lost))
        self._won += won
        self._lost += lost
        while (first := self._points[0]) and self._won + self._lost - sum(first) >= WINDOW_POINTS:
            self._points.popleft()
            self._won -= first[0]
            self._lost -= first[1]

    def news(self) -> list[Milestone]:
        """Return what was reached since the last call."""
        points = self._won + self._lost
        found = [Milestone.FIRST_POINT] if self._won else []
        if points >= _FEWEST_POINTS:
            low = Share.of(self._won, points).low
            found += [each for each, least in _SHARES.items() if low > least]
        new = [each for each in found if each not in self.reached]
        self.reached += tuple(str(each) for each in new)
        return new


def command_of(root: Path) -> str:
    """Return the command of the preferences in the data directory ``root``; empty for none.

    For safety, the file must belong to the user, and nobody else may be able to write it.
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
    """Run the user's command for a piece of news; return why it failed, or an empty string."""
    if not command:
        return ""
    facts = {"MODEL": news.model, "NEWS": str(news.milestone)}
    return run_command(command, str(news), facts)


class Announcer:
    """Announces a session's milestones: in its log, in its terminal, and to the user's command.

    Args:
        model: The model that trains.
        command: The command to run; empty for that of the preferences, which may change meanwhile.
        log: Called with a line for the log.
        told: Called with the news.
    """

    def __init__(
        self, model: Model, command: str, log: Callable[[str], object], told: Callable[[News], object]
    ) -> None:
        self._model, self._command, self._log, self._told = model, command, log, told
        self._milestones = Milestones.of(model)
        self.add = self._milestones.add

    @property
    def reached(self) -> tuple[str, ...]:
        """The milestones announced so far."""
        return self._milestones.reached

    def announce_new(self) -> tuple[str, ...]:
        """Announce what was reached since the last call; return everything reached so far."""
        for each in self._milestones.news():
            self.announce(each)
        return self.reached

    def announce(self, milestone: Milestone, why: str = "") -> None:
        """Announce a milestone."""
        news = News(self._model.name, milestone, why)
        self._log(str(news))
        if fault := tell(self._command or command_of(self._model.path.parent.parent), news):
            self._log(fault)
        self._told(news)
