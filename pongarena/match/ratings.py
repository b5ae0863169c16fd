"""Rate all players from the match log alone: one number per player, with its uncertainty.

The Bradley–Terry model, on points: the probability that ``a`` wins a point against ``b`` is the logistic
function of the difference of their strengths. Every point of a match is an observation, so this needs fewer
matches than counting wins. A weak Gaussian prior keeps the strength finite of players who won or lost
everything, or never met the others. Ratings use the Elo scale, with the cartridge's CPU at 1000.

Nothing is stored: the same matches, in any order, always give the same ratings.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pongarena.game.rules import POINTS_TO_WIN
from pongarena.match.result import MatchResult

__all__ = ["ANCHOR", "HUMAN", "Played", "Rated", "Ratings", "fit", "played"]

HUMAN = "human"
"""The player at this machine."""

ANCHOR = "ai"
"""The player whose rating is fixed: the cartridge's CPU, which never learns."""

_ANCHOR_RATING = 1000.0
_ELO = 400.0 / math.log(10.0)
"""Rating points in one unit of strength (a log-odds)."""

_PRIOR_PRECISION = (_ELO / 500.0) ** 2
"""The prior: as strong as the CPU, with a standard deviation of 500. A few points outweigh it."""

_OVERDISPERSION = 5.0
"""Variance of a match's score, relative to independent points: within a match, networks fall into patterns.
Measured on 132 matches of 21 points between five checkpoints and the CPU."""

_OVERDISPERSION_WEIGHT = 20.0
"""The weight of the value above, in matches of the log."""

_FEWEST_POINTS = 5
"""A match that was left with fewer points does not count."""

_TWO_SIDED_95 = 1.96
"""95 % of a Gaussian lies within this many standard deviations."""

_LONGEST_NAME = 80
"""Characters; a model's name and an episode need fewer."""

_MOST_STEPS = 200
"""Limit for Newton's method, which needs about ten steps; only rounding could prevent convergence."""

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Played:
    """The facts of a match that ratings and the ladder use.

    Attributes:
        players: Names of left and right.
        kinds: Their kinds.
        score: Their points.
        whole: Whether somebody won it with the full points.
        longest_rally: The most hits in one rally.
        fair: Whether no network was altered, no paddle taken over, and nothing rewound.
        glimpse: Whether it was left after a few points.
        frames: Its length in frames.
        seed: Its seed.
        style: What else determines a match of networks: the ball, and who was greedy.
    """

    players: tuple[str, str]
    kinds: tuple[str, str]
    score: tuple[int, int]
    whole: bool
    longest_rally: int
    fair: bool
    glimpse: bool
    frames: int
    seed: int
    style: tuple[object, ...]

    @property
    def counts(self) -> bool:
        """Whether it counts for ratings."""
        told = sum(self.score) > 0 and not self.glimpse
        return self.fair and told and self.players[0] != self.players[1]


@dataclass(frozen=True)
class Rated:
    """A player's rating.

    Attributes:
        player: ``human``, ``ai``, ``model@game``, or the word of another kind.
        kind: The player's kind.
        rating: On the Elo scale, the CPU at 1000.
        uncertainty: Half-width of the 95 % interval; 0 for the CPU.
        points_won: Points won in the matches that count.
        points_lost: Points lost in them.
        matches: Number of matches that count.
    """

    player: str
    kind: str
    rating: float
    uncertainty: float
    points_won: int
    points_lost: int
    matches: int


@dataclass(frozen=True)
class Ratings:
    """All players of the log, strongest first.

    Attributes:
        rated: The players.
        overdispersion: Variance of the scores relative to independent points, at least 1.
    """

    rated: tuple[Rated, ...]
    overdispersion: float

    def of(self, player: str) -> Rated | None:
        """A player's rating; None for a player without matches that count."""
        return next((each for each in self.rated if each.player == player), None)

    def rank(self, player: str) -> int | None:
        """A player's place, 1 for the strongest; None for a player without matches that count."""
        return next((place for place, each in enumerate(self.rated, 1) if each.player == player), None)


def played(results: Iterable[MatchResult]) -> list[Played]:
    """The matches of the log's results, without impossible ones."""
    return [_played(result) for result in results if _is_possible(result)]


def fit(results: Iterable[MatchResult], *, anchored: bool = True) -> Ratings:
    """Compute all players' ratings from scratch.

    Matches that do not count are left out. A match between networks that was played again with the same seed
    counts once.

    Args:
        results: The results of the log, in any order.
        anchored: Whether to fix the CPU at 1000. Where the CPU does not play, its distance from the others is
            a guess, which makes every rating uncertain. With False, the players' mean is 1000 instead, and
            ratings compare the players among themselves.
    """
    counted = sorted(_distinct(match for match in played(results) if match.counts), key=_order)
    names = [ANCHOR, *sorted({name for match in counted for name in match.players} - {ANCHOR})]
    games = _games(counted, {name: index for index, name in enumerate(names)})
    strengths = _strengths(games, len(names))
    covariance, overdispersion = _covariance(games, strengths)
    if not anchored:
        strengths, covariance = _centred(strengths, covariance)
    deviations = np.sqrt(covariance.diagonal())
    kinds = {name: kind for match in counted for name, kind in zip(match.players, match.kinds, strict=True)}
    matches_of = Counter(name for match in counted for name in match.players)
    won, lost = (
        _sums(games, points, len(names)) for points in ((games.won, games.lost), (games.lost, games.won))
    )
    rated = [
        Rated(
            player=name,
            kind=kinds[name],
            rating=_ANCHOR_RATING + _ELO * float(strengths[index]),
            uncertainty=_TWO_SIDED_95 * _ELO * float(deviations[index]),
            points_won=int(won[index]),
            points_lost=int(lost[index]),
            matches=matches_of[name],
        )
        for index, name in enumerate(names)
        if matches_of[name]
    ]
    return Ratings(tuple(sorted(rated, key=lambda each: (-each.rating, each.player))), overdispersion)


class _Games(NamedTuple):
    """Matches as arrays of shape (matches,): the players' indices, and the points of each."""

    first: IntArray
    second: IntArray
    won: FloatArray
    lost: FloatArray


def _games(matches: list[Played], index: Mapping[str, int]) -> _Games:
    players = np.array([[index[name] for name in match.players] for match in matches], np.int64)
    scores = np.array([match.score for match in matches], np.float64)
    players, scores = players.reshape(-1, 2), scores.reshape(-1, 2)
    return _Games(players[:, 0], players[:, 1], scores[:, 0], scores[:, 1])


def _sums(games: _Games, values: tuple[FloatArray, FloatArray], count: int) -> FloatArray:
    """Sum the values of all first and all second players by player: shape (players,)."""
    return _added(games.first, values[0], count) + _added(games.second, values[1], count)


def _added(places: IntArray, values: FloatArray, count: int) -> FloatArray:
    """Sum the values of each index 0..count-1."""
    return np.bincount(places, values, count).astype(np.float64)


def _surprise(games: _Games, strengths: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Per match: the first player's points minus the expected ones, and their variance if independent."""
    difference = strengths[games.first] - strengths[games.second]
    wins, loses = 1.0 / (1.0 + np.exp(-difference)), 1.0 / (1.0 + np.exp(difference))
    return games.won * loses - games.lost * wins, (games.won + games.lost) * wins * loses


def _strengths(games: _Games, count: int) -> FloatArray:
    """Compute the maximum a posteriori strengths by Newton's method; the anchor, index 0, stays at 0.

    A step that changes no difference of two opponents by more than 1 always climbs, because a logistic
    function's curvature then changes by less than a factor e (Bach 2010, "Self-concordant analysis for
    logistic regression"). So it converges from any start, and quadratically once it is near.
    """
    strengths = np.zeros(count)
    for _ in range(_MOST_STEPS if count > 1 else 0):
        surprise, variance = _surprise(games, strengths)
        slope = _sums(games, (surprise, -surprise), count) / _OVERDISPERSION - strengths * _PRIOR_PRECISION
        step = np.zeros(count)
        step[1:] = np.linalg.solve(_curvature(games, variance / _OVERDISPERSION, count), slope[1:])
        largest = float(np.abs(step[games.first] - step[games.second]).max())
        strengths += step / max(1.0, largest)
        if largest < 1e-9:
            break
    return strengths


def _curvature(games: _Games, variance: FloatArray, count: int) -> FloatArray:
    """The negative Hessian of the log posterior without the anchor: shape (count - 1, count - 1)."""
    meetings = _added(games.first * count + games.second, variance, count * count).reshape(count, count)
    meetings += meetings.T
    curvature = np.diag(meetings.sum(axis=1) + _PRIOR_PRECISION) - meetings
    return curvature[1:, 1:]


def _covariance(games: _Games, strengths: FloatArray) -> tuple[FloatArray, float]:
    """The strengths' covariance, shape (players, players), and the overdispersion in this log."""
    count = len(strengths)
    covariance = np.zeros((count, count))
    if count == 1:
        return covariance, _OVERDISPERSION
    surprise, variance = _surprise(games, strengths)
    unsure = np.linalg.inv(_curvature(games, variance / _OVERDISPERSION, count))
    learned = count - 1 - float(unsure.trace()) * _PRIOR_PRECISION
    overdispersion = _overdispersion(surprise, variance, learned)
    covariance[1:, 1:] = np.linalg.inv(_curvature(games, variance / overdispersion, count))
    return covariance, overdispersion


def _centred(strengths: FloatArray, covariance: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Strengths minus the mean of all players except the anchor, and the covariance of the differences."""
    count = len(strengths)
    if count == 1:
        return strengths, covariance
    share = np.full(count, 1.0 / (count - 1))
    share[0] = 0.0
    centre = np.eye(count) - share
    return centre @ strengths, centre @ covariance @ centre.T


def _overdispersion(surprise: FloatArray, variance: FloatArray, learned: float) -> float:
    """Pearson's ratio of observed to expected variance, shrunk to a constant while matches are few.

    Args:
        surprise: Points won minus the expected ones, per match.
        variance: The mean of its square if points were independent, per match.
        learned: Number of parameters that the matches, rather than the prior, determine.
    """
    matches = len(surprise)
    ratio = float(surprise @ surprise) / max(float(variance.sum()), 1e-12)
    free = max(matches - learned, 0.0)
    return max(
        1.0,
        (_OVERDISPERSION * _OVERDISPERSION_WEIGHT + matches * ratio) / (_OVERDISPERSION_WEIGHT + free),
    )


def _distinct(matches: Iterable[Played]) -> Iterator[Played]:
    """Keep every match of a person, and of equal matches of networks the longest."""
    longest: dict[tuple[object, ...], Played] = {}
    for match in matches:
        if "human" in match.kinds:
            yield match
            continue
        key = match.players, match.seed, match.style
        if key not in longest or _order(longest[key]) < _order(match):
            longest[key] = match
    yield from longest.values()


def _order(match: Played) -> tuple[object, ...]:
    """Sort key of matches; equal keys mean equal information."""
    return match.players, match.frames, match.score, match.kinds


def _played(result: MatchResult) -> Played:
    return Played(
        players=(result.left, result.right),
        kinds=(_kind(result, 0), _kind(result, 1)),
        score=result.score,
        whole=max(result.score) == POINTS_TO_WIN,
        longest_rally=result.longest_rally,
        fair=not (any(result.altered) or any(result.taken_over) or result.rewound),
        glimpse=not result.finished and sum(result.score) < _FEWEST_POINTS,
        frames=result.frames,
        seed=result.seed,
        style=(result.ball, *result.greedy),
    )


def _kind(result: MatchResult, side: int) -> str:
    """A player's kind; lines of version 1 lack it, but the names tell it."""
    if result.kinds:
        return result.kinds[side]
    name = (result.left, result.right)[side]
    return name if name in {HUMAN, ANCHOR} else "model"


def _is_possible(result: MatchResult) -> bool:
    """Whether the numbers are possible and the names printable: the log may have been edited by hand."""
    names = (result.left, result.right)
    return (
        all(0 < len(name) <= _LONGEST_NAME and name.isprintable() for name in names)
        and all(0 <= points <= POINTS_TO_WIN for points in result.score)
        and all(0 <= count < 2**31 for count in (result.frames, result.seed, result.longest_rally))
    )
