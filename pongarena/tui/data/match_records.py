"""The models' results in all matches: their ratings, and their records against each opponent."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pongarena.core import paths
from pongarena.core.errors import PongArenaError
from pongarena.core.files import stamp_of
from pongarena.library.progress import Share

if TYPE_CHECKING:
    from pongarena.match.ratings import Rated

__all__ = ["Meetings", "Record", "StrengthWatcher", "Strengths", "stamp_of_matches"]

_PERSON = "human"


@dataclass(frozen=True)
class Meetings:
    """All matches of a model against one opponent.

    Attributes:
        opponent: ``human``, ``ai``, or a checkpoint.
        episode: Episode of the model's checkpoint that played.
        matches: Number of matches that count.
        won: Number of matches won.
        points_won: Points of the model.
        points_lost: Points of the opponent.
    """

    opponent: str
    episode: int
    matches: int
    won: int
    points_won: int
    points_lost: int

    @property
    def share(self) -> Share | None:
        """The model's share of the points with its confidence interval; None without points."""
        points = self.points_won + self.points_lost
        return Share.of(self.points_won, points) if points else None


@dataclass(frozen=True)
class Record:
    """A person's matches against one opponent.

    Attributes:
        matches: Number of matches that count.
        won: Number of matches that the person won.
        points_won: Points of the person.
        points_lost: Points of the opponent.
    """

    matches: int = 0
    won: int = 0
    points_won: int = 0
    points_lost: int = 0

    def __str__(self) -> str:
        """Format the record: ``2 of 3 won, 41:60``."""
        return f"{self.won} of {self.matches} won, {self.points_won}:{self.points_lost}"

    def plus(self, won: bool, mine: int, theirs: int) -> "Record":
        """Return the record with one more match."""
        return Record(self.matches + 1, self.won + won, self.points_won + mine, self.points_lost + theirs)


@dataclass(frozen=True)
class Strengths:
    """All matches at one moment.

    Attributes:
        rated: The rated checkpoints of each model, by episode.
        meetings: The meetings of each model, its latest checkpoint first.
        yours: A person's record against each model (all its checkpoints together), and against ``ai``.
        fault: Why the log cannot be read; empty when it can.
    """

    rated: Mapping[str, Mapping[int, "Rated"]] = field(default_factory=dict)
    meetings: Mapping[str, tuple[Meetings, ...]] = field(default_factory=dict)
    yours: Mapping[str, Record] = field(default_factory=dict)
    fault: str = ""

    def of(self, model: str) -> "Rated | None":
        """Return the rating of a model: that of its latest rated checkpoint."""
        known = self.rated.get(model)
        return known[max(known)] if known else None


class StrengthWatcher:
    """Reads all matches again when new ones were played."""

    def __init__(self) -> None:
        self._stamp: tuple[object, ...] = ()
        self._last = Strengths()

    def look(self) -> Strengths:
        """Return the results; the same object as before when nothing changed."""
        stamp = stamp_of_matches()
        if stamp != self._stamp:
            self._last, self._stamp = _read() if stamp else Strengths(), stamp
        return self._last


def stamp_of_matches(*others: Path) -> tuple[object, ...]:
    """Return a stamp that changes with the match log, a tournament's begin or end, or one of the other paths.

    It is empty when none of them exists.
    """
    places = [paths.matches_log(), paths.tournaments_dir(), *others]
    places += sorted(paths.tournaments_dir().glob("*/run.json"))
    return tuple((path, *stamp) for path in places if (stamp := stamp_of(path)))


def _read() -> Strengths:
    # these import the emulator, which is not needed before the first match
    from pongarena.match.ratings import fit, played  # noqa: PLC0415
    from pongarena.match.tournament_results import all_results  # noqa: PLC0415

    try:
        results = all_results()
    except PongArenaError as error:
        return Strengths(fault=str(error))
    rated: dict[str, dict[int, Rated]] = defaultdict(dict)
    for each in fit(results).rated:
        if (place := _checkpoint(each.player)) is not None:
            rated[place[0]][place[1]] = each
    yours: dict[str, Record] = defaultdict(Record)
    sums: dict[tuple[str, int, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for match in played(results):
        for side in (0, 1):
            if match.counts and match.players[side] == _PERSON != match.players[1 - side]:
                mine, theirs = match.score[side], match.score[1 - side]
                opponent = match.players[1 - side].partition("@")[0]
                yours[opponent] = yours[opponent].plus(match.whole and mine > theirs, mine, theirs)
            place = _checkpoint(match.players[side])
            if place is None or not match.counts:
                continue
            mine, theirs = match.score[side], match.score[1 - side]
            entry = sums[(*place, match.players[1 - side])]
            for index, value in enumerate((1, int(match.whole and mine > theirs), mine, theirs)):
                entry[index] += value
    meetings: dict[str, list[Meetings]] = defaultdict(list)
    for (model, episode, opponent), entry in sorted(sums.items(), key=lambda each: (-each[0][1], each[0][2])):
        meetings[model].append(Meetings(opponent, episode, *entry))
    by_model = {model: tuple(each) for model, each in meetings.items()}
    return Strengths(dict(rated), by_model, dict(yours))


def _checkpoint(player: str) -> tuple[str, int] | None:
    model, at, episode = player.partition("@")
    return (model, int(episode)) if at and episode.isdecimal() and len(episode) <= 12 else None
