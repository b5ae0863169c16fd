"""Types of the game: sides, settings, events, controls and frames."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from pongarena.game.paddle import Move

__all__ = ["Ball", "Control", "Event", "Frame", "Knob", "Serve", "Side", "SmallPaddles"]


class Side(StrEnum):
    """A side of the table."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def other(self) -> "Side":
        """The opponent's side."""
        return Side.RIGHT if self is Side.LEFT else Side.LEFT


class Ball(StrEnum):
    """The ball's speed in a rally: constant, or growing with every fourth hit (the cartridge's own rule)."""

    CONSTANT = "constant"
    FASTER = "faster"


class SmallPaddles(StrEnum):
    """Which paddles have 8 rows instead of 16: the console's two difficulty switches."""

    NONE = "none"
    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"

    @property
    def mirrored(self) -> "SmallPaddles":
        """The same setting with the sides exchanged."""
        other = {SmallPaddles.LEFT: SmallPaddles.RIGHT, SmallPaddles.RIGHT: SmallPaddles.LEFT}
        return other.get(self, self)


class Serve(StrEnum):
    """When the serve button is released in a two-player game.

    While it is pressed, a `Ball.FASTER` moves at twice its vertical speed. `HELD` replays old matches.
    """

    RELEASED = "released"
    """Released when the ball starts to move."""
    HELD = "held"
    """Pressed until the first hit, as in all matches whose file does not name the serve."""


class Event(StrEnum):
    """Something that happened in a frame."""

    HIT = "hit"
    WALL = "wall"
    SERVE = "serve"
    POINT_LEFT = "point-left"
    POINT_RIGHT = "point-right"
    GAME_OVER = "game-over"


@dataclass(frozen=True)
class Knob:
    """An absolute paddle position, as from a mouse.

    Attributes:
        y: Height, 38..203, growing downwards; clamped.
    """

    y: float


Control: TypeAlias = Move | Knob


@dataclass(frozen=True)
class Frame:
    """The result of one frame.

    Attributes:
        number: Frames since the reset.
        events: What happened in this frame.
        score: Points (left, right).
        over: Whether a side has 21 points.
        truncated: Whether the frame cap ended the game before that.
    """

    number: int
    events: tuple[Event, ...]
    score: tuple[int, int]
    over: bool
    truncated: bool

    @property
    def scorer(self) -> Side | None:
        """The side that won a point in this frame, if any."""
        if Event.POINT_LEFT in self.events:
            return Side.LEFT
        return Side.RIGHT if Event.POINT_RIGHT in self.events else None
