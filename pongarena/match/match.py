"""A match without a window: two players, one cartridge, the same from the same seed and inputs.

The cartridge's own AI holds the left paddle by nature. To have it on the right, the match plays the cartridge
mirrored: screen, paddles, events and score are swapped on the way out, and controls on the way in: for
everybody outside left is left.
"""

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from pongarena.errors import MatchError
from pongarena.game.cartridge import Ball, Cartridge, Control, Event, Frame, Side
from pongarena.game.rules import POINTS_TO_WIN
from pongarena.game.vision import UInt8Array, mirror
from pongarena.match.players import CartridgeAI, HumanPlayer, ModelPlayer, Player, PlayerSpec, Thought

__all__ = ["FORMAT_VERSION", "Match", "MatchResult"]

FORMAT_VERSION = 1
"""Raised when lines of today's match log could not be read by yesterday's program."""


@dataclass(frozen=True)
class MatchResult:
    """How a match ended, or stood when it was left.

    Attributes:
        left: Name of the left player.
        right: Name of the right player.
        score: Points of the left and of the right player.
        winner: "left", "right", or None while nobody has won.
        finished: Whether somebody reached the points to win.
        frames: Frames played, 60 a second.
        seed: What the match was seeded with.
        ball: "constant" or "faster".
        points: The points to win.
        longest_rally: The most hits in one rally.
        time: When the result was taken, ISO, UTC.
    """

    left: str
    right: str
    score: tuple[int, int]
    winner: str | None
    finished: bool
    frames: int
    seed: int
    ball: str
    points: int
    longest_rally: int
    time: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    def to_json(self) -> dict[str, Any]:
        """The result as an object of JSON types."""
        return {"format_version": FORMAT_VERSION, **asdict(self), "score": list(self.score)}

    def to_line(self) -> str:
        """The result as one line of JSON, without the line's end."""
        return json.dumps(self.to_json(), ensure_ascii=False)


class Match:
    """Two players on one cartridge.

    Attributes:
        specs: The left and the right player as they were ordered.
        players: Those who play.
        seed: Seeds the cartridge and the networks' draws.
        ball: How fast the ball is.
        points: Who reaches them first has won.
        frame: The latest frame, with left and right as the players see them; None before the first.
        longest_rally: The most hits in one rally of this match.
    """

    def __init__(
        self,
        left: PlayerSpec,
        right: PlayerSpec,
        *,
        seed: int = 0,
        ball: Ball = Ball.CONSTANT,
        points: int = POINTS_TO_WIN,
        sound: bool = False,
    ) -> None:
        """Sets the table; the first frame is played by `step`.

        Raises:
            MatchError: When both players are the cartridge's AI, or `points` or `seed` is out of range.
        """
        _check(left, right, points, seed)
        self.specs = (left, right)
        self.seed = seed
        self.ball = ball
        self.points = points
        self._swapped = right.kind == "ai"
        self.players: tuple[Player, Player] = (_player(left, Side.LEFT), _player(right, Side.RIGHT))
        has_ai = "ai" in (left.kind, right.kind)
        self._cartridge = Cartridge(seed=seed, left_ai=has_ai, ball=ball, sound=sound)
        self.frame: Frame | None = None
        self.longest_rally = 0
        self._begin()

    def restart(self, seed: int | None = None) -> None:
        """Begins again, from the same seed or another one."""
        self.seed = self.seed if seed is None else seed % 2**31
        self._cartridge.reset(self.seed)
        self._begin()

    def step(self) -> Frame:
        """Plays one frame of a 60th of a second: asks both players, then moves the cartridge.

        Once the match is over nothing moves any more, and the last frame is given again.
        """
        if self.over and self.frame is not None:
            return self.frame
        screen = self.screen
        left, right = (player.act(screen) for player in self.players)
        self.frame = self._turn_round(self._advance(left, right))
        self.longest_rally = max(self.longest_rally, self.rally)
        return self.frame

    @property
    def over(self) -> bool:
        """Whether somebody has the points to win."""
        return self.frame is not None and (self.frame.over or max(self.score) >= self.points)

    @property
    def screen(self) -> UInt8Array:
        """Shape (210, 160), palette indices, as the players see it. A reused buffer: copy it to keep it."""
        screen: UInt8Array = self._cartridge.screen
        return mirror(screen) if self._swapped else screen

    @property
    def frames(self) -> int:
        """Frames played so far."""
        return 0 if self.frame is None else self.frame.number

    @property
    def score(self) -> tuple[int, int]:
        """Points of the left and of the right player."""
        return self._pair(self._cartridge.score)

    @property
    def paddles(self) -> tuple[int, int]:
        """Heights of the left and of the right paddle."""
        return self._pair(self._cartridge.paddles)

    @property
    def rally(self) -> int:
        """Hits in this rally."""
        return self._cartridge.rally

    @property
    def ball_speed(self) -> int:
        """Columns that the ball moves in a frame."""
        return self._cartridge.ball_speed

    @property
    def winner(self) -> Side | None:
        """Who has won; None while the match goes on."""
        if not self.over or self.score[0] == self.score[1]:
            return None
        return Side.LEFT if self.score[0] > self.score[1] else Side.RIGHT

    @property
    def thoughts(self) -> tuple[Thought | None, Thought | None]:
        """The latest decisions of left and right; None for whoever is no network or has not decided yet."""
        left, right = (p.thought if isinstance(p, ModelPlayer) else None for p in self.players)
        return left, right

    def rgb(self) -> UInt8Array:
        """The picture: shape (210, 160, 3), as the players see it."""
        picture: UInt8Array = self._cartridge.rgb()
        return self._turn_picture(picture) if self._swapped else picture

    def audio(self) -> UInt8Array:
        """The last frame's 512 samples, uint8 around 128, at 30,720 Hz; only with `sound`."""
        samples: UInt8Array = self._cartridge.audio()
        return samples

    def result(self) -> MatchResult:
        """How it stands, or how it ended."""
        winner = self.winner
        return MatchResult(
            left=self.specs[0].name,
            right=self.specs[1].name,
            score=self.score,
            winner=None if winner is None else winner.value,
            finished=winner is not None,
            frames=self.frames,
            seed=self.seed,
            ball=self.ball.value,
            points=self.points,
            longest_rally=self.longest_rally,
        )

    def close(self) -> None:
        """Frees the emulator."""
        self._cartridge.close()

    def _begin(self) -> None:
        self.frame = None
        self.longest_rally = 0
        for player, seed in zip(
            self.players, np.random.SeedSequence(self.seed).generate_state(2), strict=True
        ):
            player.reset(int(seed))

    def _advance(self, left: Control, right: Control) -> Frame:
        if self._swapped:
            left, right = right, left
        return self._cartridge.step(left, right)

    def _turn_round(self, frame: Frame) -> Frame:
        if not self._swapped:
            return frame
        events = tuple(_OTHER_POINT.get(event, event) for event in frame.events)
        return Frame(frame.number, events, self._pair(frame.score), frame.over, frame.truncated)

    def _turn_picture(self, picture: UInt8Array) -> UInt8Array:
        """Mirrors the picture, but keeps digits readable, and orange on the left and green on the right."""
        turned = picture[:, ::-1].copy()
        for first, last in _DIGIT_COLUMNS:
            turned[_DIGIT_ROWS, 160 - last : 160 - first] = picture[_DIGIT_ROWS, first:last]
        red = turned[..., 0]
        left, right = red == _LEFT_COLOUR[0], red == _RIGHT_COLOUR[0]
        turned[left], turned[right] = _RIGHT_COLOUR, _LEFT_COLOUR
        return turned

    def _pair(self, pair: tuple[int, int]) -> tuple[int, int]:
        return (pair[1], pair[0]) if self._swapped else pair


_LEFT_COLOUR, _RIGHT_COLOUR = (213, 130, 74), (92, 186, 92)
"""The cartridge's orange and green; their share of red is enough to tell them from all else on the screen."""

_DIGIT_ROWS = slice(0, 22)
_DIGIT_COLUMNS = ((16, 48), (96, 128))
"""Where the cartridge writes the left and the right score, of up to two digits."""

_OTHER_POINT = {Event.POINT_LEFT: Event.POINT_RIGHT, Event.POINT_RIGHT: Event.POINT_LEFT}


def _player(spec: PlayerSpec, side: Side) -> Player:
    if spec.checkpoint is not None:
        return ModelPlayer(spec.checkpoint.policy, side, greedy=spec.greedy)
    return CartridgeAI() if spec.kind == "ai" else HumanPlayer()


def _check(left: PlayerSpec, right: PlayerSpec, points: int, seed: int) -> None:
    if left.kind == right.kind == "ai":
        raise MatchError(
            "expected at most one player to be 'ai', got two: the cartridge has only one computer player; "
            "put a model or 'human' on one side, for example: pongarena play human ai"
        )
    if not 1 <= points <= POINTS_TO_WIN:
        raise MatchError(
            f"expected 1 to {POINTS_TO_WIN} points to win, got {points}; the cartridge ends every game at "
            f"{POINTS_TO_WIN}: choose fewer"
        )
    if not 0 <= seed < 2**31:
        raise MatchError(f"expected a seed of 0 to {2**31 - 1}, got {seed}; choose another one")
