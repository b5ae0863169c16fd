"""How long a tournament will take: an estimate, from matches that were played on this machine."""

import statistics
import time
from collections.abc import Iterable
from dataclasses import dataclass

from pongarena.core.errors import LibraryError
from pongarena.game.rules import POINTS_TO_WIN
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.match.tournament import tournaments
from pongarena.match.tournament_results import Game, Results

__all__ = ["Pace", "latest_pace", "try_pace"]

_FRAMES_A_POINT = 440.0
"""Of the networks that come with pongarena, among themselves and with the CPU; until there are matches."""

_POINTS_A_MATCH = 1.6
"""Points of both sides together, as a multiple of the points to win: 21 : 12 or so is the usual end."""

_ENOUGH = 6
"""Matches that tell a pace."""

_TRIAL_S = 0.4


@dataclass(frozen=True)
class Pace:
    """How fast matches go on this machine.

    Attributes:
        frames_per_s: In one process.
        frames_a_point: Of a match, for every point scored.
        measured: On how many matches; 0 for a short trial, with a guess at the frames a point.
    """

    frames_per_s: float
    frames_a_point: float = _FRAMES_A_POINT
    measured: int = 0

    @classmethod
    def of(cls, games: Iterable[Game]) -> "Pace | None":
        """The pace of matches that were played; None when there is none.

        The speed is the median's, which a machine that slept over a match does not change.
        """
        played = [each for each in games if each.seconds > 0]
        points = sum(sum(each.result.score) for each in played)
        if not played or not points:
            return None
        frames = sum(each.result.frames for each in played)
        speed = statistics.median(each.result.frames / each.seconds for each in played)
        return cls(speed, frames / points, len(played))

    def seconds(self, matches: int, points: int = POINTS_TO_WIN, workers: int = 1) -> float:
        """About how long so many matches take."""
        frames = matches * self.frames_a_point * _POINTS_A_MATCH * points
        return frames / self.frames_per_s / max(1, min(workers, matches))


def latest_pace() -> Pace | None:
    """The pace of the latest tournament with enough matches; None when there is none."""
    try:
        for tournament in tournaments()[:10]:
            games = Results.of(tournament).games if not tournament.fault else {}
            if len(games) >= _ENOUGH:
                return Pace.of(games.values())
    except LibraryError:
        return None
    return None


def try_pace(player: PlayerSpec, seconds: float = _TRIAL_S) -> Pace:
    """Plays a network against itself for a moment, to see how fast that goes.

    Args:
        player: A network.
        seconds: How long.
    """
    match = Match(player, player)
    try:
        began = time.perf_counter()
        while (lasted := time.perf_counter() - began) < seconds:
            match.step()
            if match.over:
                match.restart()
        return Pace(max(1, match.frames) / lasted)
    finally:
        match.close()
