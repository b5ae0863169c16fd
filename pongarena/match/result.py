"""How a match stands or ended: what one line of the match log says."""

import json
import re
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from pongarena import __version__
from pongarena.core.text import LONGEST_WORDS, moment, printable
from pongarena.game.types import Ball, Serve, Side

__all__ = ["FORMAT_VERSION", "MatchResult", "RallyRecord", "call"]

FORMAT_VERSION = 2
"""Raised when lines of today's match log could not be read by yesterday's program."""

_SIDES = tuple(side.value for side in Side)
_BALLS = tuple(ball.value for ball in Ball)
_SERVES = tuple(serve.value for serve in Serve)
_KIND = re.compile(r"[a-z][a-z0-9_-]{0,39}", re.ASCII)
"""Of a player: the word may be of a kind that is not installed here."""

_COUNTS = ("frames", "seed", "points", "longest_rally")
_MOST = 1 << 63

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}|", re.ASCII)
"""Of a match: it becomes a file's name."""


@dataclass(frozen=True, slots=True)
class RallyRecord:
    """One point.

    Attributes:
        winner: "left" or "right".
        hits: How often the ball was hit since the serve.
        frames: Frames from the serve to the point.
    """

    winner: str
    hits: int
    frames: int


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
        id: Names the match; empty in lines of version 1.
        kinds: What left and right are: words of `players.KINDS`; empty in lines of version 1.
        rallies: The points, in their order.
        altered: Whether hidden units of that side's network were muted.
        taken_over: Whether a hand held that side's paddle for its network or the AI.
        greedy: Whether that side's network took the likelier action.
        rewound: Whether it was played on from an earlier moment.
        serve: "released" or "held": what became of the serve's button; "held" where a line does not say.
        time: When the result was taken, ISO, UTC.
        pongarena: The program's version.
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
    id: str = ""
    kinds: tuple[str, ...] = ()
    rallies: tuple[RallyRecord, ...] = ()
    altered: tuple[bool, bool] = (False, False)
    taken_over: tuple[bool, bool] = (False, False)
    greedy: tuple[bool, bool] = (False, False)
    rewound: bool = False
    serve: str = Serve.RELEASED.value
    time: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    pongarena: str = __version__

    def to_json(self) -> dict[str, Any]:
        """The result as an object of JSON types."""
        return {"format_version": FORMAT_VERSION, **asdict(self)}

    def to_line(self) -> str:
        """The result as one line of JSON, without the line's end."""
        return json.dumps(self.to_json(), ensure_ascii=False)

    @classmethod
    def from_json(cls, record: object) -> "MatchResult":
        """Reads what `to_json` gave, in this version or the first; what it does not know it leaves out.

        The texts are printable then.

        Raises:
            ValueError: When something is missing or of the wrong kind.
        """
        if not isinstance(record, dict) or not 1 <= _of(record, "format_version", int) <= FORMAT_VERSION:
            raise ValueError("not a result of a version that is known")
        winner = record["winner"]
        if winner is not None:
            _one_of(record, "winner", _SIDES)
        _one_of(record, "ball", _BALLS)
        score = _items(record, "score", int)
        common: dict[str, Any] = {
            name: _of(record, name, kind)
            for name, kind in (
                ("left", str),
                ("right", str),
                ("finished", bool),
                ("frames", int),
                ("seed", int),
                ("ball", str),
                ("points", int),
                ("longest_rally", int),
                ("time", str),
            )
        }
        common |= {"score": _pair(score, "score"), "winner": winner}
        moment(common["time"])
        if not all(0 <= each < _MOST for each in (*score, *(common[name] for name in _COUNTS))):
            raise ValueError("expected counts and a seed from 0 on")
        if record["format_version"] == 1:
            return cls(**common, serve=Serve.HELD.value, pongarena="")
        for kind in _items(record, "kinds", str):
            if not _KIND.fullmatch(kind):
                raise ValueError(f"kinds: expected a word, got {kind!r:.60}")
        return cls(
            **common,
            id=_id(record),
            kinds=_pair(_items(record, "kinds", str), "kinds"),
            rallies=tuple(_rally(each) for each in _items(record, "rallies", dict)),
            altered=_pair(_items(record, "altered", bool), "altered"),
            taken_over=_pair(_items(record, "taken_over", bool), "taken_over"),
            greedy=_pair(_items(record, "greedy", bool), "greedy"),
            rewound=_of({"rewound": False, **record}, "rewound", bool),
            serve=_one_of({"serve": Serve.HELD.value, **record}, "serve", _SERVES),
            pongarena=_of(record, "pongarena", str),
        )


def _id(record: dict[str, Any]) -> str:
    found = str(_of(record, "id", str))
    if not _ID.fullmatch(found):
        raise ValueError(f"id: expected letters, digits and dashes, got {found!r:.60}")
    return found


def _rally(record: dict[str, Any]) -> RallyRecord:
    winner = _one_of(record, "winner", _SIDES)
    return RallyRecord(winner, _of(record, "hits", int), _of(record, "frames", int))


def _one_of(record: dict[str, Any], name: str, allowed: tuple[str, ...]) -> str:
    value = record.get(name)
    if value not in allowed:
        raise ValueError(f"{name}: expected one of {', '.join(allowed)}, got {value!r:.60}")
    return str(value)


def _of(record: dict[str, Any], name: str, kind: type) -> Any:  # noqa: ANN401
    """A value of exactly this kind: JSON's true is no number."""
    value = record.get(name)
    if type(value) is not kind:
        raise ValueError(f"{name}: expected {kind.__name__}, got {value!r:.60}")
    return printable(value, most=LONGEST_WORDS) if isinstance(value, str) else value


def _items(record: dict[str, Any], name: str, kind: type) -> list[Any]:
    items = _of(record, name, list)
    if any(type(each) is not kind for each in items):
        raise ValueError(f"{name}: expected a list of {kind.__name__}, got {items!r:.60}")
    return list(items)


def _pair(items: list[Any], name: str) -> tuple[Any, Any]:
    if len(items) != 2:
        raise ValueError(f"{name}: expected two, got {items!r:.60}")
    return items[0], items[1]


def call(left: str, right: str) -> tuple[str, str]:
    """What a screen calls two players: a single person is "you", two are "left" and "right".

    Args:
        left: Their names; a person's is "human".
        right: The other's.
    """
    person = "human"
    if left == right == person:
        return "left", "right"
    return "you" if left == person else left, "you" if right == person else right
