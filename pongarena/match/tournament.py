"""A tournament: every player meets every other on both sides; each match played is a line of a file.

``tournaments/<id>/tournament.json`` holds the players and settings, and is written once. ``matches.jsonl``
grows by a line per match. A match without a line has not been played, so nothing else is needed to resume
after a kill or a power cut. A match depends only on the tournament's seed, the two players, their sides and
the round, not on the other players.
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
"""Format of ``tournament.json``: version 2 added variants, version 3 players from files. The lowest version
that suffices is written."""

MOST_MATCHES = 100_000
"""The most matches of a tournament: more would take weeks."""

GUESTS = "models"
"""Subfolder of a tournament for models that are in no library; see `guests`."""

_LARGEST = 1 << 20
"""Bytes; a larger tournament.json is damage."""

_MOST_PLAYERS = 1000
"""More players would need more than `MOST_MATCHES`, as each meets each."""

_LONGEST_PLACE = 5000
"""Characters of a file's path; systems allow 4,096."""

_LONGEST_FAULT = 500
"""Characters; the rest of a longer message would only quote the file."""


@dataclass(frozen=True)
class Entrant:
    """A player of a tournament.

    Attributes:
        name: ``ai``, ``model@game``, or the name of a player from a file.
        weights: SHA-256 of the network or file, which must be the same on resume; empty for the CPU.
        source: The file of a player from a file; empty for others.
    """

    name: Annotated[str, Meta(min_length=1, max_length=80)]
    weights: Word = ""
    source: Annotated[str, Meta(max_length=_LONGEST_PLACE)] = ""

    def __post_init__(self) -> None:
        if not self.name.isprintable():
            raise ValueError("expected players with printable names")


@dataclass(frozen=True)
class Fixture:
    """A match of the schedule.

    Attributes:
        number: Its number in the tournament, from 1.
        left: Name of the left player.
        right: Name of the right player.
        seed: Seed of the match.
    """

    number: int
    left: str
    right: str
    seed: int


@dataclass(frozen=True)
class Tournament:
    """The players and settings of a tournament.

    Attributes:
        id: Name of the tournament and of its folder; sorts by time.
        entrants: The players, in the order in which they were chosen.
        rounds: How often each pair meets on each side.
        points: Points to win a match.
        seed: Seed of all matches.
        variant: How the matches differ from the usual ones.
        created: ISO date and time, UTC.
        pongarena: The version that created it.
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
        """The names of all players."""
        return tuple(entrant.name for entrant in self.entrants)

    @property
    def matches(self) -> int:
        """Total number of matches."""
        return self.rounds * len(self.entrants) * (len(self.entrants) - 1)

    @property
    def has_ai(self) -> bool:
        """Whether the cartridge's own player takes part."""
        return ANCHOR in self.players

    @cached_property
    def fixtures(self) -> tuple[Fixture, ...]:
        """All matches: in every round each pair meets twice, once on each side.

        They are ordered by round, so that a half-played table has matches of everybody.
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
        """The lowest version that suffices."""
        if any(each.source for each in self.entrants):
            return FORMAT_VERSION
        return 1 if self.variant == PLAIN else 2

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the fixtures, which would be sent to a process with each match."""
        return {name: value for name, value in vars(self).items() if name != "fixtures"}

    def match_id(self, number: int) -> str:
        """The id under which a match can be replayed."""
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
    """Create a tournament without playing it.

    Args:
        entrants: The players.
        rounds: How often each pair meets on each side.
        points: Points to win a match.
        seed: Seed of all matches.
        variant: How the matches differ from the usual ones.
        guests: A folder of models that is moved into the tournament's; see `guests`.

    Raises:
        MatchError: When there are fewer than two players, or one of them twice.
        InvalidSettingError: When a number is out of range.
        LibraryError: When it cannot be written; no partial folder is left then.
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
    """Check that a tournament can be played.

    Raises:
        MatchError: When there are fewer than two players, or one of them twice.
        InvalidSettingError: When a number is out of range.
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
            f"own rules, got {tournament.variant} and {files[0]}; leave out one or the other"
        )
    if not 0 <= tournament.seed < 2**31:
        raise InvalidSettingError(f"expected a seed of 0 to {2**31 - 1}, got {tournament.seed}")
    if tournament.matches > MOST_MATCHES:
        raise InvalidSettingError(
            f"expected at most {MOST_MATCHES:,} matches, got {tournament.matches:,}: {len(names)} players, "
            f"{tournament.rounds} rounds; choose fewer"
        )


def tournaments() -> list[Tournament]:
    """List all tournaments, the latest first; a damaged one has a ``fault``.

    Raises:
        LibraryError: When the folder exists and cannot be listed.
    """
    found = visible_folders(paths.tournaments_dir())
    return [_read(path) for path in sorted(found, reverse=True)]


def find(name: str | None = None) -> Tournament:
    """Find a tournament.

    Args:
        name: Its id, or a unique beginning or end of it; None for the latest.

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
        found = f"{len(fitting)} ids begin or end like that" if fitting else "there is none"
        raise UnknownNameError(
            f"expected the id of a tournament, got {name!r}: {found}; see pongarena tournament list"
        )
    if fitting[0].fault:
        raise LibraryError(f"the tournament {fitting[0].id} is damaged: {fitting[0].fault}")
    return fitting[0]


def trash() -> Bin:
    """The trash, where deleted tournaments stay until it is emptied."""
    return Bin(paths.tournaments_dir())


def delete(tournament: Tournament) -> Trashed:
    """Move a tournament with its matches to the trash, also a damaged one.

    Raises:
        UnknownNameError: When it is gone.
        SessionError: While it is being played.
        LibraryError: When its folder cannot be changed.
    """
    with hold(tournament, to_rename=True):
        return trash().put(tournament.path)


@contextlib.contextmanager
def hold(tournament: Tournament, *, to_rename: bool = False) -> Iterator[None]:
    """Hold a tournament's lock, so that no other process plays or deletes it; see ``folder_lock``.

    Raises:
        UnknownNameError: When it is gone.
        SessionError: When another process holds it.
        LibraryError: When the lock's file cannot be written.
    """
    gone = f"there is no tournament {tournament.id!r} any more; it was deleted just now"
    taken = (
        f"another process is already playing the tournament {tournament.id}; watch it: pongarena tournament "
        f"show {tournament.id}"
    )
    with folder_lock(tournament.path, gone=gone, taken=taken, to_rename=to_rename):
        yield


def _entry(entrant: Entrant) -> dict[str, str]:
    known = {"name": entrant.name, "weights": entrant.weights}
    return known | {"source": entrant.source} if entrant.source else known


def _match_seed(seed: int, left: str, right: str, number: int) -> int:
    """A match's seed, 31 bits. It comes from names, so that another entrant changes no other match."""
    text = f"{seed}|{left}|{right}|{number}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") >> 1


@dataclass(frozen=True)
class _Record:
    """The content of ``tournament.json``."""

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
            raise LibraryError("its folder's name is not printable; rename the folder, or delete it")
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
