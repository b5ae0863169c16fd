"""The part of a tournament that plays single matches, in its own processes."""

import time
from collections import OrderedDict
from contextlib import closing
from dataclasses import replace
from functools import lru_cache

from pongarena.core.errors import MatchError, PlayerFailedError, PongArenaError, UnknownNameError
from pongarena.core.text import printable
from pongarena.game.rules import MAX_FRAMES
from pongarena.game.types import Serve
from pongarena.library.models import Library
from pongarena.match.entrants import seat
from pongarena.match.guests import home_of
from pongarena.match.log import Recording, write_recording
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.match.tournament import GUESTS, Fixture, Tournament, find
from pongarena.match.tournament_results import Absent, Game, Results

__all__ = ["Table", "play_fixture", "play_seated", "play_to_the_end", "record_again"]

_SEATS = 16
"""The most networks that a process keeps in memory: 5 MB each at 200 hidden units."""


class Table:
    """Plays matches of a tournament, and caches the networks that it has read."""

    def __init__(self, tournament: Tournament, library: Library) -> None:
        self.tournament = tournament
        self._library = library
        self._entrants = {each.name: each for each in tournament.entrants}
        self._seats: OrderedDict[str, PlayerSpec] = OrderedDict()

    def seat(self, name: str, player: PlayerSpec) -> None:
        """Add a player to the cache, so that it need not be read."""
        self._seats[name] = player

    def player(self, name: str) -> PlayerSpec:
        """Load the player of a name.

        Raises:
            PongArenaError: When the checkpoint is gone, damaged, or has changed.
        """
        if name not in self._seats:
            home = home_of(self.tournament.path / GUESTS, name, self._library)
            self._seats[name] = seat(home, self._entrants[name])
        self._seats.move_to_end(name)
        while len(self._seats) > _SEATS:
            self._seats.popitem(last=False)
        return self._seats[name]

    def match(self, fixture: Fixture, *, serve: Serve = Serve.RELEASED) -> Match:
        """Prepare a match.

        Args:
            fixture: The match of the schedule.
            serve: When the serve button is released; a replay needs the original's.

        Raises:
            PongArenaError: When a player is gone.
        """
        tournament = self.tournament
        match = Match(
            self.player(fixture.left),
            self.player(fixture.right),
            seed=fixture.seed,
            variant=tournament.variant,
            serve=serve,
            points=tournament.points,
        )
        match.id = match.origin = tournament.match_id(fixture.number)
        return match

    def play(self, fixture: Fixture) -> "Game | Absent":
        """Play a match to its end, or tell which player cannot play."""
        for name in (fixture.left, fixture.right):
            try:
                self.player(name)
            except PongArenaError as error:
                return Absent(name, str(error))
        began = time.perf_counter()
        try:
            with closing(self.match(fixture)) as match:
                play_to_the_end(match)
                return Game(fixture.number, replace(match.result(), rallies=()), time.perf_counter() - began)
        except PlayerFailedError as error:
            return Absent(error.player, printable(error.reason, lines=True))


def play_to_the_end(match: Match) -> None:
    """Play until somebody has won, or the frame limit is reached: a rally can be endless."""
    while not match.over and match.frames < MAX_FRAMES:
        match.step()


def play_fixture(tournament: Tournament, fixture: Fixture) -> "Game | Absent":
    """Play a match of a tournament in a separate process."""
    return _table(tournament).play(fixture)


def play_seated(
    tournament: Tournament, fixture: Fixture, left: PlayerSpec, right: PlayerSpec
) -> "Game | Absent":
    """Play a match of a tournament on a machine that does not have its networks on disk."""
    table = Table(tournament, Library())
    table.seat(fixture.left, left)
    table.seat(fixture.right, right)
    return table.play(fixture)


@lru_cache(maxsize=1)
def _table(tournament: Tournament) -> Table:
    """This process's table, whose cache lasts from match to match."""
    return Table(tournament, Library())


def record_again(name: str) -> Recording | None:
    """Play a tournament's match again, without a window, and write its recording.

    A tournament stores results only: the same seed and the same networks give the same match.

    Args:
        name: The match's id.

    Returns:
        The recording; None when no tournament has a match with this id.

    Raises:
        MatchError: When it was not played yet, or now ends differently.
        PongArenaError: When a player is gone, or the recording cannot be written.
    """
    of, _, number = name.rpartition("-")
    try:
        tournament = find(of) if of and number.isdecimal() else None
    except UnknownNameError:
        tournament = None
    if tournament is None:
        return None
    game = Results.of(tournament).games.get(int(number))
    if game is None:
        raise MatchError(
            f"expected a match of the tournament {tournament.id} that was played, got number {int(number)}; "
            f"see pongarena tournament show {tournament.id} --matches"
        )
    fixture = tournament.fixtures[game.number - 1]
    match = Table(tournament, Library()).match(fixture, serve=Serve(game.result.serve))
    try:
        play_to_the_end(match)
        result = replace(match.result(), time=game.result.time)
        before, now = game.result, result
        if (now.score, now.frames) != (before.score, before.frames):
            raise MatchError(
                f"expected match {game.number} to end {before.score[0]} : {before.score[1]} after "
                f"{before.frames:,} frames, got {now.score[0]} : {now.score[1]} after {now.frames:,}; it was "
                f"played with pongarena {before.pongarena}: install that version to see it"
            )
        recording = Recording(result, match.input_log.copy(match.frames))
    finally:
        match.close()
    write_recording(recording)
    return recording
