"""What there is to see of a match at one moment; nothing in it changes any more."""

from dataclasses import dataclass

from pongarena.game.types import Side
from pongarena.match.announcer import Banner
from pongarena.match.decision import Decision
from pongarena.match.field import Objects

__all__ = ["MatchState", "Timeline"]


@dataclass(frozen=True)
class Timeline:
    """What can be wound through.

    Attributes:
        first: The earliest frame that can be gone to.
        now: Where the match stands.
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
        number: Another one whenever something is new.
        frames: Frames played.
        objects: Where paddles and ball are.
        score: Points, left and right.
        names: Who plays.
        decisions: What the networks decided last; None for others and before the first decision.
        banner: What is called out.
        rally: Hits since the serve.
        longest_rally: The most hits in a rally so far.
        over: Whether the match is over.
        winner: Who won.
        paused: Whether it stands still.
        pace: Frames that were played in the last second, in times of the game's own speed.
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
