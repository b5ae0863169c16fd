"""Estimate how long a tournament will take, from matches played on this machine."""

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
"""Default until matches were played: measured on the built-in networks and the CPU."""

_POINTS_A_MATCH = 1.6
"""Points of both sides together, as a multiple of the points to win: a match usually ends about 21 : 12."""

_ENOUGH = 6
"""Number of matches from which a tournament's pace is used."""

_TRIAL_S = 0.4


@dataclass(frozen=True)
class Pace:
    """How fast matches run on this machine.

    Attributes:
        frames_per_s: Frames per second in one process.
        frames_a_point: Frames per point scored.
        measured: Number of matches measured; 0 after a short trial, where the frames per point are a guess.
    """

    frames_per_s: float
    frames_a_point: float = _FRAMES_A_POINT
    measured: int = 0

    @classmethod
    def of(cls, games: Iterable[Game]) -> "Pace | None":
        """Measure the pace of played matches; None when there is none.

        The speed is a median, so a match during which the machine slept does not matter.
        """
        played = [each for each in games if each.seconds > 0]
        points = sum(sum(each.result.score) for each in played)
        if not played or not points:
            return None
        frames = sum(each.result.frames for each in played)
        speed = statistics.median(each.result.frames / each.seconds for each in played)
        return cls(speed, frames / points, len(played))

    def seconds(self, matches: int, points: int = POINTS_TO_WIN, workers: int = 1) -> float:
        """Estimate how long a number of matches takes, in seconds."""
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
    """Measure the pace in a short trial: a network plays against itself for some seconds."""
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
