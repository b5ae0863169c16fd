"""The result of a match: the content of one line of the match log."""

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Annotated, Any, TypeAlias

from pongarena import __version__
from pongarena.core.records import Meta, Moment, Whole, Word, decode, format_version, one_of
from pongarena.game.types import Ball, Serve, Side
from pongarena.library.names import player_label
from pongarena.match.variant import PLAIN, Variant

__all__ = ["FORMAT_VERSION", "MatchResult", "RallyRecord", "call"]

FORMAT_VERSION = 2
"""Increased when older programs cannot read the lines of a newer match log."""

_LATER = ("altered", "greedy", "id", "kinds", "pongarena", "rallies", "taken_over")
"""Entries that version 1 lacks."""

_ID = Meta(pattern=r"\A(?:[A-Za-z0-9][A-Za-z0-9_.-]{0,79})?\Z")
"""Pattern of a match's id, which becomes a file's name."""

_KIND = Meta(pattern=r"\A[a-z][a-z0-9_-]{0,39}\Z")
"""Pattern of a player's kind, which may be one that is not installed here."""

_Side: TypeAlias = Annotated[str, one_of(Side)]
_Number: TypeAlias = Annotated[int, Meta(ge=0, le=(1 << 63) - 1)]


@dataclass(frozen=True, slots=True)
class RallyRecord:
    """One point.

    Attributes:
        winner: "left" or "right".
        hits: How often the ball was hit since the serve.
        frames: Frames from the serve to the point.
    """

    winner: _Side
    hits: Whole
    frames: Whole


@dataclass(frozen=True)
class MatchResult:
    """The result of a match that ended or was left.

    Attributes:
        left: Name of the left player.
        right: Name of the right player.
        score: Points of the left and of the right player.
        winner: "left", "right", or None while nobody has won.
        finished: Whether somebody reached the points to win.
        frames: Frames played, 60 per second.
        seed: The match's seed.
        ball: "constant" or "faster".
        points: The points to win.
        longest_rally: The most hits in one rally.
        id: The match's id; empty in lines of version 1.
        kinds: Kinds of left and right: keys of `players.KINDS`; empty in lines of version 1.
        rallies: The points, in order.
        altered: Per side, whether its network was changed: units muted, or weights replaced.
        taken_over: Per side, whether a person moved the paddle instead of its network or the CPU.
        greedy: Per side, whether its network took the likeliest action.
        rewound: Whether the match was continued from an earlier moment.
        serve: When the serve button was released: "released" or "held"; lines without it mean "held".
        people: Names of the people on the left and on the right; empty for everybody else.
        variant: How the game differed from the usual one, the ball's speed included.
        time: When the result was taken, ISO, UTC.
        pongarena: The program's version.
    """

    left: Word
    right: Word
    score: tuple[_Number, _Number]
    winner: _Side | None
    finished: bool
    frames: _Number
    seed: _Number
    ball: Annotated[str, one_of(Ball)]
    points: _Number
    longest_rally: _Number
    id: Annotated[str, _ID] = ""
    kinds: tuple[Annotated[str, _KIND], ...] = ()
    rallies: tuple[RallyRecord, ...] = ()
    altered: tuple[bool, bool] = (False, False)
    taken_over: tuple[bool, bool] = (False, False)
    greedy: tuple[bool, bool] = (False, False)
    rewound: bool = False
    serve: Annotated[str, one_of(Serve)] = Serve.RELEASED.value
    people: tuple[Word, Word] = ("", "")
    variant: Variant = PLAIN
    time: Moment = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    pongarena: Word = __version__

    def to_json(self) -> dict[str, Any]:
        """The result as an object of JSON types."""
        values = asdict(self)
        if not any(self.people):
            del values["people"]
        if replace(self.variant, ball=Ball.CONSTANT) == PLAIN:
            del values["variant"]  # as in all older lines
        return {"format_version": FORMAT_VERSION, **values}

    def to_line(self) -> str:
        """The result as one line of JSON, without a newline."""
        return json.dumps(self.to_json(), ensure_ascii=False)

    @property
    def called(self) -> tuple[str, str]:
        """What a screen calls the players."""
        return call(self.left, self.right, self.people)

    def words(self) -> str:
        """The names and the score: ``CPU 3 : 21 deep@400``."""
        left, right = self.called
        return f"{left} {self.score[0]} : {self.score[1]} {right}"

    @classmethod
    def from_json(cls, record: object) -> "MatchResult":
        """Read a result of `to_json`, in this version or version 1. Unknown entries are ignored.

        All texts of the result are printable.

        Raises:
            ValueError: When an entry is missing or of the wrong type.
        """
        version = format_version(record, FORMAT_VERSION)
        assert isinstance(record, dict), "it has a version"
        if version == 1:
            record = {
                name: value
                for name, value in record.items()
                if name not in (*_LATER, "people", "rewound", "serve", "variant")
            }
            record["pongarena"] = ""
        result = decode({"serve": Serve.HELD.value, "variant": {"ball": record.get("ball")}, **record}, cls)
        needed = {"time"} if version == 1 else {"time", *_LATER}
        if missing := needed - record.keys():
            raise ValueError(f"{min(missing)} is missing")
        if version > 1 and len(result.kinds) != 2:
            raise ValueError(f"expected the kinds of two players, got {len(result.kinds)}")
        return result


def call(left: str, right: str, people: tuple[str, str] = ("", "")) -> tuple[str, str]:
    """Return two players' display names: a single person is "you", two are "left" and "right", ai is "CPU".

    Args:
        left: Name of the left player; a person's is "human".
        right: Name of the right player.
        people: What people among them are called instead; empty for those without a name.
    """
    person = "human"
    usual = ("left", "right") if left == right == person else ("you", "you")
    first, second = (
        (people[i] or usual[i]) if name == person else player_label(name)
        for i, name in enumerate((left, right))
    )
    return first, second
