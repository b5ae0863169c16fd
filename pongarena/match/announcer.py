"""What is called out during a match: the countdown, a point, the match point. No drawing here.

Everything is bound to the match's own frames, so that pauses, slow motion and replays call the same.
"""

from dataclasses import dataclass

from pongarena.game.cartridge import Event, Frame, Side
from pongarena.match.match import Match
from pongarena.match.players import called

__all__ = ["Announcer", "Banner"]

_FIRST_SERVE = 59
"""The frame in which the cartridge serves for the first time; so long the countdown lasts."""

_COUNT = 20
"""Frames of one number."""

_POINT = 38
"""Frames of a point's banner; the next serve comes 63 frames after the point."""

_MATCH_POINT = 50


@dataclass(frozen=True)
class Banner:
    """A few words over the field.

    Attributes:
        title: In block letters.
        line: Below it, smaller; may be empty.
        side: Whose colour it has; None for nobody's.
    """

    title: str
    line: str = ""
    side: Side | None = None


class Announcer:
    """Listens to a match and knows what is to be called in each frame."""

    def __init__(self, match: Match) -> None:
        self._match = match
        self._calls: list[tuple[int, int, Banner]] = []

    def hear(self, frame: Frame) -> None:
        """Learns what a frame brought."""
        for event, side in ((Event.POINT_LEFT, Side.LEFT), (Event.POINT_RIGHT, Side.RIGHT)):
            if event in frame.events and not self._match.over:
                self._call_point(frame.number, side)

    def banner(self) -> Banner | None:
        """What is called now."""
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
