"""Arcade mode: the ladder of bundled opponents, and how far the user has climbed it.

Everything is computed from the match log; nothing else is stored.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from pongarena.core.errors import LibraryError
from pongarena.core.reading import read_json, reason
from pongarena.core.records import Word, decode, format_version
from pongarena.library.models import Library, Model
from pongarena.match.ratings import ANCHOR, HUMAN, Played, Rated, Ratings, fit, played
from pongarena.match.result import MatchResult

__all__ = ["LADDER_FILE", "Achievement", "Ladder", "LadderEntry", "Record", "climb"]

LADDER_FILE = "ladder.json"
"""In the folder of bundled opponents: their names, weakest first; ``ai`` may be among them."""

_FORMAT_VERSION = 1
"""Format of the ladder's file."""

_LARGEST = 1 << 16
"""Bytes; a larger ladder.json is damage."""

_KNOWN = 300.0
"""Largest uncertainty (±) of a rating for "plays like"; a match to 21 gives about that."""


@dataclass(frozen=True)
class LadderEntry:
    """One opponent to beat.

    Attributes:
        name: The model's name, or ``ai``.
        player: Its name for ``pongarena play``: the model's last checkpoint, or ``ai``.
        beaten: Whether the user has won a whole match against it.
        rated: Its rating; None before its first match that counts.
    """

    name: str
    player: str
    beaten: bool
    rated: Rated | None


@dataclass(frozen=True)
class Achievement:
    """A match worth remembering.

    Attributes:
        opponent: The opponent's name.
        score: Points of the user and of the opponent.
        hits: Hits in the longest rally.
    """

    opponent: str
    score: tuple[int, int]
    hits: int


@dataclass(frozen=True)
class Record:
    """The user's record. Wins, losses and streaks count whole, fair matches only.

    Attributes:
        matches: Matches with at least one point, including matches that were left or altered.
        wins: Matches won.
        losses: Matches lost.
        streak: Current number of wins in a row.
        best_streak: The most wins in a row.
        highest_win: The win with the largest margin; None before the first.
        longest_rally: The fair match with the longest rally, also if it was left; None before the first hit.
    """

    matches: int
    wins: int
    losses: int
    streak: int
    best_streak: int
    highest_win: Achievement | None
    longest_rally: Achievement | None


@dataclass(frozen=True)
class Ladder:
    """The user's position on the ladder.

    Attributes:
        rungs: The bundled opponents, weakest first; empty when this pongarena has none.
        record: The user's record.
        you: The user's rating; None before the first point that counts.
        rank: The user's place among all rated players, 1 for the strongest.
        rated: Number of rated players.
        plays_like: The checkpoint whose rating is nearest to the user's; None when there is none, or when too
            few points were played.
        next_rival: The next opponent; None when nobody stronger can be played.
    """

    rungs: tuple[LadderEntry, ...]
    record: Record
    you: Rated | None
    rank: int | None
    rated: int
    plays_like: Rated | None
    next_rival: str | None

    @property
    def height(self) -> int:
        """Number of rungs climbed: the index of the first opponent that is not beaten."""
        return next((place for place, entry in enumerate(self.rungs) if not entry.beaten), len(self.rungs))

    @property
    def command(self) -> str | None:
        """The command that plays the next rival."""
        return None if self.next_rival is None else f"pongarena play {HUMAN} {self.next_rival}"


def climb(results: Sequence[MatchResult], library: Library) -> Ladder:
    """Compute the user's position after these matches.

    Args:
        results: The results of the log, oldest first.
        library: The bundled opponents and the user's models.

    Raises:
        LibraryError: When the library or the list of opponents is damaged.
    """
    ratings = fit(results)
    models = [model for model in library.models() if model.fault is None]
    bouts = [bout for match in played(results) if (bout := _bout(match)) is not None]
    beaten = {bout.opponent for bout in bouts if bout.won}
    rungs = tuple(
        LadderEntry(name, player, player in beaten, ratings.of(player)) for name, player in _opponents(models)
    )
    you = ratings.of(HUMAN)
    return Ladder(
        rungs=rungs,
        record=_record(bouts),
        you=you,
        rank=ratings.rank(HUMAN),
        rated=len(ratings.rated),
        plays_like=_nearest(ratings, you) if you is not None and you.uncertainty <= _KNOWN else None,
        next_rival=_next_rival(rungs, ratings, you, models),
    )


@dataclass(frozen=True)
class _Bout:
    """A match from the user's side.

    Attributes:
        opponent: The opponent's name.
        score: Points of the user and of the opponent.
        hits: Hits in the longest rally.
        fair: See ``Played``.
        whole: Whether it was fair, against a machine, and played to the full points.
    """

    opponent: str
    score: tuple[int, int]
    hits: int
    fair: bool
    whole: bool

    @property
    def won(self) -> bool:
        return self.whole and self.score[0] > self.score[1]

    @property
    def achievement(self) -> Achievement:
        return Achievement(self.opponent, self.score, self.hits)


def _bout(match: Played) -> _Bout | None:
    """The match from the user's side; None when others played."""
    if HUMAN not in match.players:
        return None
    side = match.players.index(HUMAN)
    score = match.score if side == 0 else (match.score[1], match.score[0])
    alone = match.kinds[1 - side] != "human"
    return _Bout(
        match.players[1 - side], score, match.longest_rally, match.fair, match.fair and match.whole and alone
    )


def _record(bouts: Sequence[_Bout]) -> Record:
    results = [bout.won for bout in bouts if bout.whole]
    streaks = list(accumulate(results, lambda streak, won: streak + 1 if won else 0, initial=0))
    wins = [bout.achievement for bout in bouts if bout.won]
    rallies = [bout.achievement for bout in bouts if bout.fair and bout.hits]
    return Record(
        matches=sum(any(bout.score) for bout in bouts),
        wins=len(wins),
        losses=len(results) - len(wins),
        streak=streaks[-1],
        best_streak=max(streaks),
        highest_win=max(
            wins, key=lambda achievement: achievement.score[0] - achievement.score[1], default=None
        ),
        longest_rally=max(rallies, key=lambda achievement: achievement.hits, default=None),
    )


def _opponents(models: Sequence[Model]) -> list[tuple[str, str]]:
    """Name and player of every rung, weakest first; names without a playable model are skipped."""
    bundled = {model.name: model for model in models if model.bundled}
    players = {name: str(model.checkpoint()) for name, model in bundled.items() if model.checkpoints()}
    folders = {model.path.parent for model in bundled.values()}
    names = [name for folder in folders for name in _listed(folder / LADDER_FILE)]
    players[ANCHOR] = ANCHOR
    return [(name, players[name]) for name in names if name in players]


@dataclass(frozen=True)
class _Opponents:
    opponents: tuple[Word, ...]


def _listed(path: Path) -> list[str]:
    """Read the names in a ladder's file, each once; none when there is no file.

    Raises:
        LibraryError: When the file is not a list of names.
    """
    try:
        record = read_json(path, limit=_LARGEST)
        if isinstance(record, list):  # the first ladders were a bare list
            record = {"format_version": 1, "opponents": record}
        format_version(record, _FORMAT_VERSION)
        found = decode(record, _Opponents)
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise LibraryError(
            f"expected {path} to hold a JSON list of models, got something else ({reason(error)}); "
            "it came with pongarena: install it again"
        ) from error
    return list(dict.fromkeys(found.opponents))


def _nearest(ratings: Ratings, you: Rated) -> Rated | None:
    """The checkpoint whose rating is nearest to the user's; of two equally near, the stronger."""
    models = [each for each in ratings.rated if each.kind == "model"]
    return min(models, key=lambda each: abs(each.rating - you.rating), default=None)


def _next_rival(
    rungs: Sequence[LadderEntry], ratings: Ratings, you: Rated | None, models: Sequence[Model]
) -> str | None:
    """The first unbeaten rung; after that the CPU, if never played; after that the next stronger player."""
    unbeaten = [entry.player for entry in rungs if not entry.beaten]
    if unbeaten:
        return unbeaten[0]
    if you is None or ratings.of(ANCHOR) is None:
        return ANCHOR
    playable = {f"{model.name}@{episode}" for model in models for episode in model.checkpoints()} | {ANCHOR}
    stronger = [each for each in ratings.rated if each.rating > you.rating and each.player in playable]
    return stronger[-1].player if stronger else None
