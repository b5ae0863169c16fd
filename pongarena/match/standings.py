"""Standings of a tournament: the cross table, the order of the players, head-to-head results."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pongarena.match.ratings import Rated, fit
from pongarena.match.result import MatchResult
from pongarena.match.tournament import Tournament
from pongarena.match.tournament_results import Game, Results

__all__ = ["Meeting", "Standing", "Table", "head_to_head", "table"]


@dataclass(frozen=True)
class Meeting:
    """One player's results against another, or against all.

    Attributes:
        wins: Matches won. The leader wins a match that was truncated; a tie is half a win.
        losses: Matches lost.
        points_won: Points won in all of them.
        points_lost: Points lost in all of them.
    """

    wins: float = 0.0
    losses: float = 0.0
    points_won: int = 0
    points_lost: int = 0

    @property
    def matches(self) -> int:
        """Number of matches played."""
        return round(self.wins + self.losses)

    @property
    def difference(self) -> int:
        """Points won minus points lost."""
        return self.points_won - self.points_lost

    def with_match(self, won: int, lost: int) -> "Meeting":
        """Return these results with one more match."""
        win = 1.0 if won > lost else 0.5 if won == lost else 0.0
        return Meeting(self.wins + win, self.losses + 1 - win, self.points_won + won, self.points_lost + lost)


@dataclass(frozen=True)
class Standing:
    """A player's standing.

    Attributes:
        player: Its name.
        total: Its results against everybody.
        rated: Its rating; None before its first point.
    """

    player: str
    total: Meeting
    rated: Rated | None


@dataclass(frozen=True)
class Table:
    """The table of a tournament.

    Attributes:
        standings: All players: by matches won, then by the difference of points.
        meetings: Results of the first player against the second; only pairs that have met.
        overdispersion: See `Ratings`.
    """

    standings: tuple[Standing, ...] = ()
    meetings: Mapping[tuple[str, str], Meeting] = field(default_factory=dict)
    overdispersion: float = 1.0

    @property
    def by_rating(self) -> tuple[Standing, ...]:
        """All players, strongest first."""
        return tuple(
            sorted(self.standings, key=lambda each: -(each.rated.rating if each.rated else float("-inf")))
        )


def table(tournament: Tournament, results: Sequence[MatchResult]) -> Table:
    """Compute the cross table and all ratings.

    Both depend on the matches alone, not on their order. Ratings ignore sides, because every pair meets
    equally often on both.
    """
    meetings: dict[tuple[str, str], Meeting] = defaultdict(Meeting)
    totals: dict[str, Meeting] = {name: Meeting() for name in tournament.players}
    for result in results:
        won, lost = result.score
        meetings[result.left, result.right] = meetings[result.left, result.right].with_match(won, lost)
        meetings[result.right, result.left] = meetings[result.right, result.left].with_match(lost, won)
        totals[result.left] = totals[result.left].with_match(won, lost)
        totals[result.right] = totals[result.right].with_match(lost, won)
    ratings = fit(results, anchored=tournament.has_ai)
    standings = [Standing(name, total, ratings.of(name)) for name, total in totals.items()]
    standings.sort(key=lambda each: (-_share(each.total), -each.total.difference))
    return Table(tuple(standings), dict(meetings), ratings.overdispersion)


def head_to_head(results: Results, first: str, second: str) -> tuple[Game, ...]:
    """The matches between two players so far, ordered by number."""
    return tuple(
        game
        for _, game in sorted(results.games.items())
        if {game.result.left, game.result.right} == {first, second}
    )


def _share(total: Meeting) -> float:
    """Fraction of matches won; during a tournament, players have played different numbers of matches."""
    return total.wins / total.matches if total.matches else 0.0
