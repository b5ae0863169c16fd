"""The high-score table: people's best results against each opponent, read off the match log.

Only matches that count are in it: the usual game, one person against one machine, to the full points, nothing
altered, taken over or turned back. Nothing else is stored.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pongarena.match.players import KINDS
from pongarena.match.ratings import HUMAN, played
from pongarena.match.result import MatchResult
from pongarena.match.variant import PLAIN

__all__ = ["HighScore", "best_against", "high_scores", "new_best"]


@dataclass(frozen=True)
class HighScore:
    """One result of a person.

    Attributes:
        opponent: As the log calls it: ``ai``, or ``model@number``.
        person: The person's name; empty where none was given.
        score: Points of the person and of the opponent.
        time: When, ISO, UTC.
        match: The match's id.
    """

    opponent: str
    person: str
    score: tuple[int, int]
    time: str
    match: str

    @property
    def margin(self) -> int:
        """Points of the person less those of the opponent."""
        return self.score[0] - self.score[1]

    @property
    def name(self) -> str:
        """What a screen calls the person."""
        return self.person or "you"


def high_scores(
    results: Iterable[MatchResult], order: Sequence[str] = (), *, most: int = 3
) -> tuple[HighScore, ...]:
    """The best results against each opponent, the highest margin first; of equal ones the earlier.

    Args:
        results: What the log says, oldest first.
        order: Opponents that come first; the others follow by name.
        most: Of each opponent.
    """
    by_opponent: dict[str, list[HighScore]] = {}
    for found in filter(None, map(_high_score, results)):
        by_opponent.setdefault(found.opponent, []).append(found)
    places = {opponent: place for place, opponent in enumerate(order)}
    opponents = sorted(by_opponent, key=lambda each: (places.get(each, len(places)), each))
    return tuple(
        score for each in opponents for score in sorted(by_opponent[each], key=lambda one: -one.margin)[:most]
    )


def best_against(results: Iterable[MatchResult], opponent: str) -> HighScore | None:
    """The best result against an opponent; None before the first that counts."""
    return next((each for each in high_scores(results) if each.opponent == opponent), None)


def new_best(results: Sequence[MatchResult]) -> HighScore | None:
    """The last match, if it is the best against its opponent: better than before, or a first win."""
    last = _high_score(results[-1]) if results else None
    if last is None:
        return None
    before = best_against(results[:-1], last.opponent)
    return last if last.margin > (0 if before is None else before.margin) else None


def _high_score(result: MatchResult) -> HighScore | None:
    """The result as the person's; None for a match that is not in the table."""
    match = next(iter(played([result])), None)
    if match is None or match.kinds.count(HUMAN) != 1 or result.variant != PLAIN:
        return None
    if not (result.finished and match.whole and match.counts):
        return None
    side = match.kinds.index(HUMAN)
    kind = KINDS.get(match.kinds[1 - side])
    if kind is None or kind.from_file:  # another file may have the same name
        return None
    return HighScore(
        opponent=match.players[1 - side],
        person=result.people[side],
        score=(match.score[side], match.score[1 - side]),
        time=result.time,
        match=result.id,
    )
