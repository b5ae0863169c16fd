"""The results of a tournament: ``matches.jsonl``, a line per match, read while it grows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

from pongarena.core.errors import LibraryError
from pongarena.core.reading import is_newer
from pongarena.core.records import Count, Meta, decode
from pongarena.library.metrics import MetricsTail, MetricsWriter
from pongarena.match.log import read_log
from pongarena.match.result import FORMAT_VERSION, MatchResult
from pongarena.match.tournament import Tournament, tournaments
from pongarena.match.variant import PLAIN

__all__ = ["Absent", "Game", "Results", "ResultsWriter", "all_results", "tournament_results"]


@dataclass(frozen=True)
class Game:
    """A match that was played.

    Attributes:
        number: The fixture's number.
        result: Its result, without rallies.
        seconds: How long it took to play.
    """

    number: int
    result: MatchResult
    seconds: float


@dataclass(frozen=True)
class _Line:
    number: Count
    seconds: Annotated[float, Meta(ge=0, lt=1e9)]
    result: dict[str, Any]


@dataclass(frozen=True)
class Absent:
    """A player that cannot play."""

    player: str
    reason: str


class Results:
    """The matches of a tournament so far; `refresh` reads new lines.

    Attributes:
        games: The matches played, by number.
    """

    def __init__(self, tournament: Tournament) -> None:
        self.tournament = tournament
        self.games: dict[int, Game] = {}
        self._foreign = self._newer = 0
        self._tail = MetricsTail(tournament.path / "matches.jsonl")
        self._restarts = 0

    @property
    def strange(self) -> int:
        """Number of lines that are damaged or belong to no match of this tournament; they are skipped."""
        return self._foreign + self._tail.damaged

    @property
    def newer(self) -> int:
        """Number of lines that a newer pongarena wrote; they are skipped."""
        return self._newer + self._tail.newer

    @property
    def complaint(self) -> str:
        """What is wrong with the file, in words; empty when nothing is."""
        said = []
        if self.strange:
            said.append(f"left out: {_lines(self.strange)} of matches.jsonl that cannot be read")
        if self.newer:
            said.append(
                f"a newer pongarena wrote {_lines(self.newer)} of matches.jsonl: update with "
                "`pipx upgrade pongarena`"
            )
        return "; ".join(said)

    @property
    def results(self) -> list[MatchResult]:
        """The results of the matches, ordered by number."""
        return [self.games[number].result for number in sorted(self.games)]

    @property
    def complete(self) -> bool:
        """Whether every match was played."""
        return len(self.games) == self.tournament.matches

    def refresh(self) -> bool:
        """Read the lines added since the last call.

        Returns:
            Whether anything changed.

        Raises:
            LibraryError: When the file cannot be read.
        """
        rows = self._tail.read_new()
        if restarted := self._tail.restarts != self._restarts:
            self._restarts = self._tail.restarts
            self.games.clear()
            self._foreign = self._newer = 0
        for row in rows:
            game = _game(row, self.tournament)
            if game is None and is_newer(row.get("result"), FORMAT_VERSION):
                self._newer += 1
            elif game is None:
                self._foreign += 1
            else:
                self.games.setdefault(game.number, game)
        return restarted or bool(rows)

    @classmethod
    def of(cls, tournament: Tournament) -> "Results":
        """Read all matches so far."""
        results = cls(tournament)
        results.refresh()
        return results


class ResultsWriter:
    """Appends matches; each is on the disk when ``add`` returns. Only the lock's holder may create it."""

    def __init__(self, tournament: Tournament) -> None:
        self._writer = MetricsWriter(tournament.path / "matches.jsonl")

    def add(self, game: Game) -> None:
        """Write a match.

        Raises:
            LibraryError: When the disk is full or gone; no partial line is left then.
        """
        self._writer.append(
            {
                "kind": "match",
                "number": game.number,
                "seconds": round(game.seconds, 3),
                "result": replace(game.result, rallies=()).to_json(),
            }
        )
        self._writer.sync()

    def close(self) -> None:
        """Close the file."""
        self._writer.close()


def all_results() -> list[MatchResult]:
    """Read all matches that can count: of all tournaments, then of the log, without variants.

    Raises:
        LibraryError: When the match log, or the folder of tournaments, cannot be read.
    """
    return [*tournament_results(), *read_log().usual]


def tournament_results() -> list[MatchResult]:
    """Read the matches of all readable tournaments, except those in a variant of the game.

    They are stored in the tournaments' own files only, but count for ratings like those of the match log.

    Raises:
        LibraryError: When the folder of tournaments cannot be read.
    """
    found: list[MatchResult] = []
    for tournament in reversed(tournaments()):
        if not tournament.fault and tournament.variant == PLAIN:
            try:
                found += Results.of(tournament).results
            except LibraryError:
                continue
    return found


def _lines(count: int) -> str:
    return f"{count:,} line" + ("s" if count > 1 else "")


def _game(row: Mapping[str, Any], tournament: Tournament) -> Game | None:
    """Read the match of a line; None when it does not belong to this tournament."""
    try:
        line = decode(row, _Line)
        result = MatchResult.from_json(line.result)
    except ValueError:
        return None
    if not 1 <= line.number <= tournament.matches:
        return None
    fixture = tournament.fixtures[line.number - 1]
    same = (result.left, result.right, result.seed) == (fixture.left, fixture.right, fixture.seed)
    possible = all(0 <= points <= tournament.points for points in result.score) and result.frames > 0
    return Game(line.number, result, line.seconds) if same and possible else None
