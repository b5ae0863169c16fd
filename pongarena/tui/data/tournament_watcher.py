"""Watch the tournaments' files, in a thread of the screen."""

from dataclasses import dataclass, field, replace

from pongarena.core.errors import LibraryError
from pongarena.library.names import player_label
from pongarena.match.eta import Pace
from pongarena.match.standings import Table, table
from pongarena.match.tournament import Tournament, tournaments
from pongarena.match.tournament_results import Game, Results
from pongarena.match.tournament_run import Run, read_run

__all__ = ["TournamentEntry", "TournamentSnapshot", "TournamentWatcher"]

_ENOUGH = 3
"""Matches after which the remaining time is estimated."""


@dataclass(frozen=True)
class TournamentEntry:
    """One tournament as it was last seen.

    Attributes:
        tournament: Its players and rules.
        played: Number of matches played so far.
        run: The state of its process.
        leader: Label of the leading player; empty before the first match.
    """

    tournament: Tournament
    played: int = 0
    run: Run = field(default_factory=Run)
    leader: str = ""

    @property
    def id(self) -> str:
        """The tournament's id."""
        return self.tournament.id

    @property
    def complete(self) -> bool:
        """Whether all its matches were played."""
        return not self.tournament.fault and self.played == self.tournament.matches

    @property
    def state(self) -> str:
        """A glyph and a word, as for sessions."""
        if self.tournament.fault:
            return "! damaged"
        if self.run.running:
            return "● running"
        if self.complete:
            return "✓ finished"
        return "■ incomplete" if self.run.missing else "■ stopped"


@dataclass(frozen=True)
class TournamentSnapshot:
    """The tournaments at one moment.

    Attributes:
        entries: All tournaments, the latest first.
        chosen: The id of the chosen tournament, which the following entries are about.
        table: Its standings.
        games: Its matches, by number.
        complaint: What is wrong with its file; empty when nothing is.
        seconds_left: Estimated seconds until it ends; None when not known yet.
        fault: Why the tournaments cannot be listed; empty when they can.
    """

    entries: tuple[TournamentEntry, ...] = ()
    chosen: str = ""
    table: Table = field(default_factory=Table)
    games: tuple[Game, ...] = ()
    complaint: str = ""
    seconds_left: float | None = None
    fault: str = ""

    @property
    def entry(self) -> TournamentEntry | None:
        """The chosen tournament."""
        return next((each for each in self.entries if each.id == self.chosen), None)

    def between(self, first: str, second: str | None = None) -> tuple[Game, ...]:
        """Return the matches of two players, or of one against everybody."""
        return tuple(
            game
            for game in self.games
            if first in (game.result.left, game.result.right)
            and (second is None or second in (game.result.left, game.result.right))
        )


class TournamentWatcher:
    """Takes snapshots of the tournaments, and reads only what changed."""

    def __init__(self) -> None:
        self._results: dict[str, Results] = {}
        self._tables: dict[str, Table] = {}
        self._last = TournamentSnapshot()

    def look(self, chosen: str) -> TournamentSnapshot:
        """Take a snapshot of all tournaments, and of the chosen one (else the latest) in detail.

        Returns:
            The same object as the last time when nothing changed.
        """
        try:
            look = self._look(chosen)
        except LibraryError as error:
            look = TournamentSnapshot(fault=str(error))
        if look != self._last:
            self._last = look
        return self._last

    def _look(self, chosen: str) -> TournamentSnapshot:
        found = tournaments()
        for gone in set(self._results) - {each.id for each in found}:
            del self._results[gone]
        entries = tuple(self._entry(each) for each in found)
        entry = next((each for each in entries if each.id == chosen), entries[0] if entries else None)
        if entry is None or entry.tournament.fault:
            return TournamentSnapshot(entries, entry.id if entry else "")
        results = self._results[entry.id]
        games = tuple(game for _, game in sorted(results.games.items()))
        return TournamentSnapshot(
            entries,
            entry.id,
            self._table(results),
            games,
            results.complaint,
            _seconds_left(entry, games),
        )

    def _entry(self, tournament: Tournament) -> TournamentEntry:
        if tournament.fault:
            return TournamentEntry(tournament)
        results = self._results.setdefault(tournament.id, Results(tournament))
        try:
            if results.refresh():
                self._tables.pop(tournament.id, None)
        except LibraryError as error:  # the other tournaments can be read
            return TournamentEntry(replace(tournament, fault=str(error)))
        leader = ""
        if results.games:
            first = self._table(results).standings[0]
            leader = player_label(first.player)
        return TournamentEntry(tournament, len(results.games), read_run(tournament), leader)

    def _table(self, results: Results) -> Table:
        name = results.tournament.id
        if name not in self._tables:
            self._tables[name] = table(results.tournament, results.results)
        return self._tables[name]


def _seconds_left(entry: TournamentEntry, games: tuple[Game, ...]) -> float | None:
    pace = Pace.of(games) if len(games) >= _ENOUGH and entry.run.running else None
    if pace is None:
        return None
    left = entry.tournament.matches - len(games)
    return pace.seconds(left, entry.tournament.points, entry.run.workers)
