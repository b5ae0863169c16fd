"""An immutable snapshot of what a match shows."""

from dataclasses import dataclass

from pongarena.game.types import Side
from pongarena.match.announcer import Banner
from pongarena.match.decision import Decision
from pongarena.match.field import Objects

__all__ = ["MatchState", "Timeline"]


@dataclass(frozen=True)
class Timeline:
    """The frames that can be wound through.

    Attributes:
        first: The earliest frame.
        now: The current frame.
        last: The latest frame.
        points: Frame and winner of each point between them.
    """

    first: int
    now: int
    last: int
    points: tuple[tuple[int, Side], ...]


@dataclass(frozen=True)
class MatchState:
    """A match at one moment.

    Attributes:
        number: Changes whenever something is new.
        frames: Frames played.
        objects: Positions of paddles and ball.
        score: Points, left and right.
        names: The players' names.
        decisions: The networks' latest decisions; None for other players and before the first decision.
        banner: The current announcement.
        rally: Hits since the serve.
        longest_rally: The most hits in a rally so far.
        over: Whether the match is over.
        winner: The winner's side.
        paused: Whether the match is paused.
        pace: Speed over the last second, as a multiple of the game's own.
    """

    number: int
    frames: int
    objects: Objects
    score: tuple[int, int]
    names: tuple[str, str]
    decisions: tuple[Decision | None, Decision | None]
    banner: Banner | None
    rally: int
    longest_rally: int
    over: bool
    winner: Side | None
    paused: bool
    pace: float
