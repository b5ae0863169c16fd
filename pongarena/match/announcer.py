"""Announcements during a match: the countdown, a point, the match point. Nothing is drawn here.

Announcements follow the match's frames, so pauses, slow motion and replays show the same ones.
"""

from dataclasses import dataclass

from pongarena.game.cartridge import Frame, Side
from pongarena.match.match import Match
from pongarena.match.players import called

__all__ = ["Announcer", "Banner"]

_FIRST_SERVE = 59
"""The frame of the cartridge's first serve, at which the countdown ends."""

_COUNT = 20
"""Frames that each number of the countdown lasts."""

_POINT = 38
"""Frames that a point's banner lasts; the next serve comes 63 frames after the point."""

_MATCH_POINT = 50


@dataclass(frozen=True)
class Banner:
    """An announcement shown over the field.

    Attributes:
        title: In block letters.
        line: Smaller text below the title; may be empty.
        side: The side whose colour it has; None for a neutral colour.
    """

    title: str
    line: str = ""
    side: Side | None = None


class Announcer:
    """Chooses the announcement for each frame of a match."""

    def __init__(self, match: Match) -> None:
        self._match = match
        self._calls: list[tuple[int, int, Banner]] = []

    def hear(self, frame: Frame) -> None:
        """Note the events of a frame."""
        if frame.scorer is not None and not self._match.over:
            self._call_point(frame.number, frame.scorer)

    def banner(self) -> Banner | None:
        """The announcement for the match's current frame, if any."""
        now = self._match.frames
        if 0 < now < _FIRST_SERVE:
            return Banner(str(3 - now // _COUNT))
        return next((banner for start, end, banner in self._calls if start <= now < end), None)

    def _call_point(self, now: int, side: Side) -> None:
        match, name = self._match, self._name(side)
        hits = match.rally
        rally = "an ace" if hits == 0 else f"rally of {hits}"
        if hits > max((earlier.hits for earlier in match.rallies[:-1]), default=hits):
            rally = f"{rally}, the longest"
        self._calls = [(now, now + _POINT, Banner("Point", f"{name}  ·  {rally}", side))]
        if match.score == (match.points - 1,) * 2:
            decider = Banner("Last point", f"{match.points - 1} all")
            self._calls.append((now + _POINT, now + _POINT + _MATCH_POINT, decider))
        elif max(match.score) == match.points - 1 > 0:
            leader = Side.LEFT if match.score[0] > match.score[1] else Side.RIGHT
            banner = Banner("Match point", self._name(leader), leader)
            self._calls.append((now + _POINT, now + _POINT + _MATCH_POINT, banner))

    def _name(self, side: Side) -> str:
        return called(self._match.specs)[0 if side is Side.LEFT else 1]
