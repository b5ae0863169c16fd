"""What a tournament's matches add up to: the cross table, the order of the players, the way of each pair."""

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
    """What one player did against another, or against all.

    Attributes:
        wins: Matches won. One that was cut off after the longest time goes to who leads; a tie is half a win.
        losses: Matches lost.
        points_won: In all of them.
        points_lost: In all of them.
    """

    wins: float = 0.0
    losses: float = 0.0
    points_won: int = 0
    points_lost: int = 0

    @property
    def matches(self) -> int:
        """How many were played."""
        return round(self.wins + self.losses)

    @property
    def difference(self) -> int:
        """Points won minus points lost."""
        return self.points_won - self.points_lost

    def with_match(self, won: int, lost: int) -> "Meeting":
        """This, and one match more."""
        win = 1.0 if won > lost else 0.5 if won == lost else 0.0
        return Meeting(self.wins + win, self.losses + 1 - win, self.points_won + won, self.points_lost + lost)


@dataclass(frozen=True)
class Standing:
    """How a player stands.

    Attributes:
        player: Its name.
        total: Against everybody.
        rated: Its strength; None before its first point.
    """

    player: str
    total: Meeting
    rated: Rated | None


@dataclass(frozen=True)
class Table:
    """How a tournament stands.

    Attributes:
        standings: All players: most matches won first, then by the difference of points.
        meetings: What the first did against the second; nobody who has not met is in it.
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
    """The cross table and everybody's strength.

    Both depend on the matches alone, not on the order in which they were played. Ratings take no account of
    sides: every pair meets as often on the one as on the other.
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
    """The matches between two players so far, in the order of their numbers."""
    return tuple(
        game
        for _, game in sorted(results.games.items())
        if {game.result.left, game.result.right} == {first, second}
    )


def _share(total: Meeting) -> float:
    """The matches won, of those played: while a tournament goes on not everybody has played as many."""
    return total.wins / total.matches if total.matches else 0.0
