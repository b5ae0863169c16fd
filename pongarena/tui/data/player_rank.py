"""Read the person's standing from the match log: ladder, rating, last matches."""

from dataclasses import dataclass, replace
from itertools import islice

from pongarena.core import paths
from pongarena.core.errors import PongArenaError
from pongarena.library.models import Library
from pongarena.match.ladder import Ladder, climb
from pongarena.match.log import read_log, recorded
from pongarena.match.result import MatchResult
from pongarena.match.tournament_results import tournament_results
from pongarena.tui.data.clips import Clip, last_clips
from pongarena.tui.data.match_records import stamp_of_matches

__all__ = ["Standing", "StandingReader"]

_LATEST = 40
"""How many matches to keep: more than any terminal has lines for."""


@dataclass(frozen=True)
class Standing:
    """The match log at one moment.

    Attributes:
        ladder: The ladder; None when the log or the library cannot be read.
        matches: The latest matches, newest first, without those that were left before the first point.
        recorded: The ids of matches that can be replayed.
        fault: Why the log or the list of opponents cannot be read; empty when they can.
        damaged: Number of lines in the log that cannot be read.
        clips: The newest clips.
    """

    ladder: Ladder | None
    matches: tuple[MatchResult, ...] = ()
    recorded: frozenset[str] = frozenset()
    fault: str = ""
    damaged: int = 0
    clips: tuple[Clip, ...] = ()


class StandingReader:
    """Reads the log again when it, or the library, has changed. Takes a while: call it in a thread."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._stamp: tuple[object, ...] = ()
        self._last: Standing | None = None

    def read(self) -> Standing:
        """Return the standing; the same object as the last time when nothing changed."""
        stamp = stamp_of_matches(paths.matches_dir(), paths.clips_dir(), self._library.root)
        if self._last is None or stamp != self._stamp:
            self._last, self._stamp = replace(self._read(), clips=last_clips()), stamp
        return self._last

    def _read(self) -> Standing:
        try:
            log = read_log()
        except PongArenaError as error:
            return Standing(None, fault=str(error))
        played = (each for each in reversed(log.results) if each.finished or any(each.score))
        latest = tuple(islice(played, _LATEST))
        have = frozenset(recorded())
        try:
            ladder = climb([*log.usual, *tournament_results()], self._library)
        except PongArenaError as error:
            return Standing(None, latest, have, str(error), log.damaged)
        return Standing(ladder, latest, have, "", log.damaged)
