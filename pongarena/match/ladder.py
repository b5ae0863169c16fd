"""Arcade mode: the ladder of bundled opponents, and how far the person at this machine has climbed it.

Everything is read off the match log; nothing else is stored.
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
"""Of the ladder's file."""

_LARGEST = 1 << 16
"""Bytes; a larger ladder.json is damage."""

_KNOWN = 300.0
"""A rating that is surer than ± this says whom one plays like; a match to 21 gives about that."""


@dataclass(frozen=True)
class LadderEntry:
    """One opponent to beat.

    Attributes:
        name: The model's, or ``ai``.
        player: What ``pongarena play`` calls it: the model's last checkpoint, or ``ai``.
        beaten: Whether the person has won a whole match against it.
        rated: Its strength; None before its first match that counts.
    """

    name: str
    player: str
    beaten: bool
    rated: Rated | None


@dataclass(frozen=True)
class Achievement:
    """Something to be proud of.

    Attributes:
        opponent: Against whom.
        score: Points of the person and of the opponent.
        hits: In the longest rally.
    """

    opponent: str
    score: tuple[int, int]
    hits: int


@dataclass(frozen=True)
class Record:
    """What the person did so far. Wins, losses and streaks are of whole, fair matches.

    Attributes:
        matches: All with a point, left or altered ones too.
        wins: Won.
        losses: Lost.
        streak: Won in a row, up to now.
        best_streak: The most won in a row.
        highest_win: The one won with the most points between; None before the first.
        longest_rally: The fair match, left ones too, with the longest rally; None before the first hit.
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
    """Where the person stands.

    Attributes:
        rungs: The bundled opponents, weakest first; empty when none came with this pongarena.
        record: What the person did so far.
        you: The person's strength; None before the first point that counts.
        rank: The person's place among all rated players, 1 for the strongest.
        rated: How many these are.
        plays_like: The checkpoint whose strength is nearest to the person's; None when there is none, or when
            too few points were played to tell.
        next_rival: Whom to play next; None when nobody stronger can be played.
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
        """Rungs climbed: those below the first that is not beaten, which is the one to climb next."""
        return next((place for place, entry in enumerate(self.rungs) if not entry.beaten), len(self.rungs))

    @property
    def command(self) -> str | None:
        """What to type to play the next rival."""
        return None if self.next_rival is None else f"pongarena play {HUMAN} {self.next_rival}"


def climb(results: Sequence[MatchResult], library: Library) -> Ladder:
    """Where the person stands after these matches.

    Args:
        results: What the log says, oldest first.
        library: Has the bundled opponents, and those of the user's own that can be played.

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
    """A match from the person's side.

    Attributes:
        opponent: Who was on the other side.
        score: Points of the person and of the opponent.
        hits: In the longest rally.
        fair: See ``Played``.
        whole: Whether it is fair, against a machine, and was played to the full points.
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
    """The match from the person's side; None when others played."""
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
    """Name and player of every rung, weakest first; names without a playable model are passed over."""
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
    """The names in a ladder's file, each once.

    Raises:
        LibraryError: When the file is there and no list of names.
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
    """The checkpoint that is as strong as the person, or nearly so; of two as near, the stronger."""
    models = [each for each in ratings.rated if each.kind == "model"]
    return min(models, key=lambda each: abs(each.rating - you.rating), default=None)


def _next_rival(
    rungs: Sequence[LadderEntry], ratings: Ratings, you: Rated | None, models: Sequence[Model]
) -> str | None:
    """The first unbeaten rung; then the CPU, until it was played; then the next stronger player."""
    unbeaten = [entry.player for entry in rungs if not entry.beaten]
    if unbeaten:
        return unbeaten[0]
    if you is None or ratings.of(ANCHOR) is None:
        return ANCHOR
    playable = {f"{model.name}@{episode}" for model in models for episode in model.checkpoints()} | {ANCHOR}
    stronger = [each for each in ratings.rated if each.rating > you.rating and each.player in playable]
    return stronger[-1].player if stronger else None
