"""A tournament: everybody meets everybody on both sides, and one line of a file for every match played.

``tournaments/<id>/tournament.json`` says who plays and how, and is written once; ``matches.jsonl`` grows by a
line a match. What is missing there has not been played: nothing else needs to be remembered to go on after a
kill or a power cut. A match is a function of the tournament's seed, the two players, their sides and the
round; who else takes part changes nothing.
"""

import contextlib
import hashlib
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from pongarena import __version__
from pongarena.core import paths
from pongarena.core.errors import (
    InvalidSettingError,
    LibraryError,
    MatchError,
    PongArenaError,
    UnknownNameError,
)
from pongarena.core.files import write_json_atomically
from pongarena.core.reading import reason
from pongarena.core.records import Meta, Moment, Whole, Word, read_record
from pongarena.core.system import rename
from pongarena.core.text import printable
from pongarena.game.rules import POINTS_TO_WIN
from pongarena.game.types import Ball
from pongarena.jobs.lock import folder_lock
from pongarena.library.staging import hidden_folder, visible_folders
from pongarena.library.trash import Bin, Trashed
from pongarena.match.ratings import ANCHOR
from pongarena.match.variant import PLAIN, Variant

__all__ = [
    "FORMAT_VERSION",
    "GUESTS",
    "MOST_MATCHES",
    "Entrant",
    "Fixture",
    "Tournament",
    "check",
    "create",
    "delete",
    "find",
    "hold",
    "tournaments",
    "trash",
]

FORMAT_VERSION = 3
"""Of ``tournament.json``; a lower one is written where it says all: the first knew no variants, the second no
players from files."""

MOST_MATCHES = 100_000
"""More are refused: they would take weeks."""

GUESTS = "models"
"""The folder in a tournament's own where models are that are in no library; see `guests`."""

_LARGEST = 1 << 20
"""Bytes; a larger tournament.json is damage."""

_MOST_PLAYERS = 1000
"""Each meets each: more would play more than `MOST_MATCHES`."""

_LONGEST_PLACE = 5000
"""Characters of a file's path: systems allow 4,096."""

_LONGEST_FAULT = 500
"""Characters; more would only be what stood in the file."""


@dataclass(frozen=True)
class Entrant:
    """Somebody who takes part.

    Attributes:
        name: ``ai`` or ``model@game``.
        weights: SHA-256 of the network, which must be the same when a tournament goes on; empty for the CPU.
    """

    name: Annotated[str, Meta(min_length=1, max_length=80)]
    weights: Word = ""
    source: Annotated[str, Meta(max_length=_LONGEST_PLACE)] = ""

    def __post_init__(self) -> None:
        if not self.name.isprintable():
            raise ValueError("expected players with names that can be shown")


@dataclass(frozen=True)
class Fixture:
    """A match that is to be played.

    Attributes:
        number: Counts the tournament's matches from 1.
        left: Who holds the left paddle.
        right: Who holds the right one.
        seed: Of the match.
    """

    number: int
    left: str
    right: str
    seed: int


@dataclass(frozen=True)
class Tournament:
    """Who plays, and how.

    Attributes:
        id: Names it, and its folder; sorts by time.
        entrants: The players, in the order in which they were chosen.
        rounds: How often each pair meets on either side.
        points: Who reaches them first has won a match.
        seed: Where all chance comes from.
        variant: How the matches differ from the usual ones.
        created: ISO date and time, UTC.
        pongarena: The version that it was made with.
        fault: What is wrong with its file; empty when nothing is.
    """

    id: str
    entrants: tuple[Entrant, ...]
    rounds: int = 1
    points: int = POINTS_TO_WIN
    seed: int = 0
    variant: Variant = PLAIN
    created: str = ""
    pongarena: str = __version__
    fault: str = field(default="", compare=False)

    @property
    def path(self) -> Path:
        """Its folder."""
        return paths.tournaments_dir() / self.id

    @cached_property
    def players(self) -> tuple[str, ...]:
        """The names of all who take part."""
        return tuple(entrant.name for entrant in self.entrants)

    @property
    def matches(self) -> int:
        """How many there are to play."""
        return self.rounds * len(self.entrants) * (len(self.entrants) - 1)

    @property
    def has_ai(self) -> bool:
        """Whether the cartridge's own player takes part."""
        return ANCHOR in self.players

    @cached_property
    def fixtures(self) -> tuple[Fixture, ...]:
        """All matches: in every round each pair meets twice, once on either side.

        Round by round, so that a table half played has something of everybody in it.
        """
        pairs = [(a, b) for i, a in enumerate(self.players) for b in self.players[i + 1 :]]
        orders = [
            (number, *order) for number in range(self.rounds) for a, b in pairs for order in ((a, b), (b, a))
        ]
        return tuple(
            Fixture(place, left, right, _match_seed(self.seed, left, right, number))
            for place, (number, left, right) in enumerate(orders, 1)
        )

    @property
    def _format_version(self) -> int:
        """The lowest that says all."""
        if any(each.source for each in self.entrants):
            return FORMAT_VERSION
        return 1 if self.variant == PLAIN else 2

    def __getstate__(self) -> dict[str, Any]:
        """What a process is sent with each match: not the list of all others."""
        return {name: value for name, value in vars(self).items() if name != "fixtures"}

    def match_id(self, number: int) -> str:
        """The name under which a match can be played again."""
        return f"{self.id}-{number:04d}"

    def to_json(self) -> dict[str, Any]:
        """The tournament as an object of JSON types."""
        record = {
            "format_version": self._format_version,
            "id": self.id,
            "players": [_entry(each) for each in self.entrants],
            "rounds": self.rounds,
            "points": self.points,
            "seed": self.seed,
            "ball": self.variant.ball.value,
            "created": self.created,
            "pongarena": self.pongarena,
        }
        return record if self.variant == PLAIN else record | {"variant": self.variant.to_json()}


def create(
    entrants: Iterable[Entrant],
    *,
    rounds: int = 1,
    points: int = POINTS_TO_WIN,
    seed: int = 0,
    variant: Variant = PLAIN,
    guests: Path | None = None,
) -> Tournament:
    """Make a tournament; nothing is played yet.

    Args:
        entrants: Who plays.
        rounds: How often each pair meets on either side.
        points: Who reaches them first has won a match.
        seed: Where all chance comes from.
        variant: How the matches differ from the usual ones.
        guests: A folder of models that becomes the tournament's own; see `guests`.

    Raises:
        MatchError: When there are not two players, or the same one twice.
        InvalidSettingError: When a number is out of its range.
        LibraryError: When it cannot be written; nothing is left behind.
    """
    now = datetime.now(UTC)
    tournament = Tournament(
        id=f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}",
        entrants=tuple(entrants),
        rounds=rounds,
        points=points,
        seed=seed,
        variant=variant,
        created=now.isoformat(timespec="seconds"),
    )
    check(tournament)
    root = paths.tournaments_dir()
    try:
        with hidden_folder(root, tournament.id) as hidden:
            write_json_atomically(hidden / "tournament.json", tournament.to_json())
            if guests is not None:
                rename(guests, hidden / GUESTS)
            rename(hidden, tournament.path)
    except OSError as error:
        raise LibraryError(
            f"cannot make a tournament in {root}: {error.strerror or error}; free some space or make the "
            "folder writable"
        ) from error
    return tournament


def check(tournament: Tournament) -> None:
    """Refuse what cannot be played.

    Raises:
        MatchError: When there are not two players, or the same one twice.
        InvalidSettingError: When a number is out of its range.
    """
    names = [each.name.lower() for each in tournament.entrants]
    if len(names) < 2:
        raise MatchError(f"expected at least two players, got {len(names)}; choose some more")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise MatchError(f"expected every player once, got {twice!r} twice; leave one out")
    if not 1 <= tournament.points <= POINTS_TO_WIN:
        raise InvalidSettingError(
            f"expected 1 to {POINTS_TO_WIN} points to win, got {tournament.points}; choose fewer"
        )
    if tournament.rounds < 1:
        raise InvalidSettingError(f"expected at least 1 round, got {tournament.rounds}; choose more")
    files = [each.name for each in tournament.entrants if each.source]
    if files and (tournament.variant.frame_skip is not None or tournament.variant.sticky):
        raise InvalidSettingError(
            f"expected no frame skip and no sticky actions beside players from files, which decide by their "
            f"own rules, got {tournament.variant} and {files[0]}; leave the one or the other out"
        )
    if not 0 <= tournament.seed < 2**31:
        raise InvalidSettingError(f"expected a seed of 0 to {2**31 - 1}, got {tournament.seed}")
    if tournament.matches > MOST_MATCHES:
        raise InvalidSettingError(
            f"expected at most {MOST_MATCHES:,} matches, got {tournament.matches:,}: {len(names)} players, "
            f"{tournament.rounds} rounds; choose fewer"
        )


def tournaments() -> list[Tournament]:
    """All tournaments, the latest first; a damaged one carries its ``fault``.

    Raises:
        LibraryError: When the folder exists and cannot be listed.
    """
    found = visible_folders(paths.tournaments_dir())
    return [_read(path) for path in sorted(found, reverse=True)]


def find(name: str | None = None) -> Tournament:
    """The tournament of this id, or of so much of its beginning or end that it can be no other one.

    Args:
        name: None for the latest.

    Raises:
        UnknownNameError: When there is none, or more than one.
        LibraryError: When it is damaged.
    """
    have = tournaments()
    if name is None:
        fitting = have[:1]
    else:
        fitting = [each for each in have if each.id == name] or [
            each for each in have if name and (each.id.startswith(name) or each.id.endswith(name))
        ]
    if not have:
        raise UnknownNameError(
            "there is no tournament yet; start one: pongarena tournament start ai champion rival"
        )
    if len(fitting) != 1:
        found = f"{len(fitting)} whose id begins or ends so" if fitting else "none"
        raise UnknownNameError(
            f"expected the id of a tournament, got {name!r}: there is {found}; see pongarena tournament list"
        )
    if fitting[0].fault:
        raise LibraryError(f"the tournament {fitting[0].id} is damaged: {fitting[0].fault}")
    return fitting[0]


def trash() -> Bin:
    """Where deleted tournaments stay until it is emptied."""
    return Bin(paths.tournaments_dir())


def delete(tournament: Tournament) -> Trashed:
    """Put a tournament with its matches into the trash, a damaged one too.

    Raises:
        UnknownNameError: When it is gone.
        SessionError: While it is played.
        LibraryError: When its folder cannot be changed.
    """
    with hold(tournament, to_rename=True):
        return trash().put(tournament.path)


@contextlib.contextmanager
def hold(tournament: Tournament, *, to_rename: bool = False) -> Iterator[None]:
    """Hold a tournament's lock: nobody else plays or deletes it meanwhile; see ``folder_lock``.

    Raises:
        UnknownNameError: When it is gone.
        SessionError: When somebody else holds it.
        LibraryError: When the lock's file cannot be written.
    """
    gone = f"there is no tournament {tournament.id!r} any more; it was deleted just now"
    taken = (
        f"another process plays the tournament {tournament.id} already; watch it: pongarena tournament "
        f"show {tournament.id}"
    )
    with folder_lock(tournament.path, gone=gone, taken=taken, to_rename=to_rename):
        yield


def _entry(entrant: Entrant) -> dict[str, str]:
    known = {"name": entrant.name, "weights": entrant.weights}
    return known | {"source": entrant.source} if entrant.source else known


def _match_seed(seed: int, left: str, right: str, number: int) -> int:
    """A match's seed, 31 bits, from names and not from places: an entrant more changes no other match."""
    text = f"{seed}|{left}|{right}|{number}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") >> 1


@dataclass(frozen=True)
class _Record:
    """What ``tournament.json`` says."""

    players: Annotated[tuple[Entrant, ...], Meta(max_length=_MOST_PLAYERS)]
    rounds: Whole
    points: Whole
    seed: Whole
    ball: Ball
    created: Moment
    pongarena: Word
    variant: Variant | None = None


def _read(path: Path) -> Tournament:
    try:
        if path.name != printable(path.name):
            raise LibraryError("its folder has a name that cannot be shown; rename the folder, or delete it")
        file = path / "tournament.json"
        record = vars(read_record(file, _Record, limit=_LARGEST, version=FORMAT_VERSION))
        usual = Variant(ball=record.pop("ball"))
        record["variant"] = record.get("variant") or usual
        tournament = Tournament(path.name, record.pop("players"), **record)
        check(tournament)
        return tournament
    except PongArenaError as error:
        fault = str(error)
    except (OSError, ValueError) as error:
        fault = f"tournament.json cannot be read ({reason(error)})"
    return Tournament(path.name, (), fault=printable(fault, most=_LONGEST_FAULT))
