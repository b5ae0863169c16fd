"""The learning curve of a model, from the rows of its metrics, in bounded memory."""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pongarena.library.downsample import Merge, Stretches

__all__ = ["MOST_ENTRIES", "Curve", "Points"]

MOST_ENTRIES = 1 << 16
"""Rows of games, and of updates, that a curve keeps one by one: a day and a half of the fastest training."""

_MOST = 1 << 53
"""A bound for counts and times; comparing NaN with it is false, so NaN is rejected too."""

_MOST_POINTS = 1 << 40
"""Points of one update; more are damage."""

_MOST_GAMES = 1 << 32
"""Games of one row; more are damage."""

_USUAL_POINTS = 1 << 20
"""Points of one update; with fewer no sum can overflow."""

_EPISODE = (
    ("q", Merge.LAST),  # number
    ("d", Merge.SUM),  # reward
    ("d", Merge.SUM),  # its square
    ("d", Merge.LEAST),
    ("d", Merge.MOST),
    ("d", Merge.LAST),  # running reward
    ("q", Merge.LAST),  # agent steps
    ("d", Merge.LAST),  # time
    ("q", Merge.SUM),  # games
)
_UPDATE = (("q", Merge.LAST), ("q", Merge.LAST), ("q", Merge.SUM), ("q", Merge.SUM), ("d", Merge.LAST))
"""Agent steps, episode, points won, points lost, rating among older selves (NaN without one)."""


class Points(NamedTuple):
    """Points played, an entry for each update (or for a few merged ones); three arrays of one length."""

    steps: NDArray[np.int64]
    """Agent steps learned from by then, never decreasing."""
    won: NDArray[np.int64]
    """Points won in the games that the update learned from."""
    lost: NDArray[np.int64]
    """Points lost in them."""


class Curve:
    """The learning curve: one entry for each row of the metrics (a game or several), in order.

    A history of more than ``most`` rows is thinned as it is read: an entry then stands for 2, 4, 8, … rows.
    The number of games and their sum, minimum and maximum stay exact, so means and confidence bands are those
    of all games.

    Note: the arrays are copies; ask for them once a redraw.
    """

    def __init__(self, rows: Iterable[Mapping[str, Any]] = (), *, most: int = MOST_ENTRIES) -> None:
        self._games = Stretches(_EPISODE, most)
        self._updates = Stretches(_UPDATE, most)
        self.add(rows)

    def __len__(self) -> int:
        return len(self._games)

    @property
    def episodes(self) -> NDArray[np.int64]:
        """Number of each entry's last game, int64 (n,), strictly ascending."""
        return self._games.column(0).astype(np.int64, copy=False)

    @property
    def games(self) -> NDArray[np.int64]:
        """How many games each entry stands for, int64 (n,)."""
        return self._games.column(8).astype(np.int64, copy=False)

    @property
    def rewards(self) -> NDArray[np.float64]:
        """Points won minus points lost, the mean of each entry's games, float64 (n,)."""
        return self._games.column(1) / np.maximum(self.games, 1)

    @property
    def squares(self) -> NDArray[np.float64]:
        """The sum of the squares of the results of each entry's games, float64 (n,)."""
        return self._games.column(2).astype(np.float64, copy=False)

    @property
    def lows(self) -> NDArray[np.float64]:
        """The worst game of each entry, float64 (n,)."""
        return self._games.column(3).astype(np.float64, copy=False)

    @property
    def highs(self) -> NDArray[np.float64]:
        """The best game of each entry, float64 (n,)."""
        return self._games.column(4).astype(np.float64, copy=False)

    @property
    def running(self) -> NDArray[np.float64]:
        """The running reward after each entry's last game, float64 (n,)."""
        return self._games.column(5).astype(np.float64, copy=False)

    @property
    def steps(self) -> NDArray[np.int64]:
        """Agent steps since the model's beginning, int64 (n,)."""
        return self._games.column(6).astype(np.int64, copy=False)

    @property
    def times(self) -> NDArray[np.float64]:
        """When each entry's last game ended, unix time in seconds, float64 (n,)."""
        return self._games.column(7).astype(np.float64, copy=False)

    @property
    def points(self) -> Points:
        """Points won and lost, update by update: the finer curve."""
        steps, won, lost = (self._updates.column(index).astype(np.int64, copy=False) for index in (0, 2, 3))
        return Points(steps, won, lost)

    @property
    def ratings(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Agent steps, and the rating among older selves by then; both empty except for self-play."""
        ratings = self._updates.column(4).astype(np.float64, copy=False)
        known = np.isfinite(ratings)
        return self._updates.column(0)[known].astype(np.float64), ratings[known]

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Add rows; drop the episodes that a ``start`` or ``resume`` row supersedes."""
        block: list[Mapping[str, Any]] = []
        for row in rows:
            if row.get("kind") not in ("start", "resume"):
                block.append(row)
                continue
            self._add_block(block)
            block = []
            if isinstance(row.get("episode"), int):
                self._forget_after(row["episode"], row.get("steps"))
        self._add_block(block)

    def _add_block(self, rows: list[Mapping[str, Any]]) -> None:
        """Add rows without a beginning in between: all at once when they are as a session writes them."""
        games = _regular_games([row for row in rows if row.get("kind") == "episode"], self._games.last())
        updates = _regular_updates([row for row in rows if row.get("kind") == "update"], self._updates.last())
        if games is not None and updates is not None:
            self._games.extend(games)
            self._updates.extend(updates)
            return
        for row in rows:
            if row.get("kind") == "episode":
                self._add_episode(row)
            elif row.get("kind") == "update":
                self._add_update(row)

    def dump(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return everything as arrays by name and a few numbers, for `load`."""
        arrays: dict[str, NDArray[Any]] = {}
        for name, part in self._parts.items():
            arrays |= {f"{name}{index}": part.column(index) for index in range(part.width)}
            arrays[f"{name}_counts"] = part.counts
        return arrays, {name: part.stretch for name, part in self._parts.items()}

    def load(self, array: Callable[[str], NDArray[Any]], stretches: Mapping[str, Any]) -> None:
        """Restore what `dump` gave; the values come from a file and are checked.

        Args:
            array: Returns the array of a name.
            stretches: The numbers.

        Raises:
            ValueError: When these are not the values of a curve; this curve is then unusable.
            KeyError: When something is missing.
        """
        for name, part in self._parts.items():
            stretch = stretches[name]
            if type(stretch) is not int or stretch < 1:
                raise ValueError(f"a stretch of {stretch!r:.40} is none")
            columns = [array(f"{name}{index}") for index in range(part.width)]
            part.restore(columns, array(f"{name}_counts"), stretch)

    @property
    def _parts(self) -> dict[str, Stretches]:
        return {"games": self._games, "updates": self._updates}

    def clear(self) -> None:
        """Drop everything, before a file is read from its start again."""
        self._forget_after(-1)

    def _add_episode(self, row: Mapping[str, Any]) -> None:
        try:
            episode, steps = int(row["episode"]), int(row["total_steps"])
            reward, running, time = float(row["reward"]), float(row["running_reward"]), float(row["time"])
            count, squares, least, most = _group(row, reward)
            numbers = (reward, running, time, squares, least, most)
            if episode < 0 or not all(abs(each) < _MOST for each in numbers) or steps < 0:
                return
            if not 1 <= count < _MOST_GAMES:
                return
            last = self._games.last()
            if last is not None and last >= episode:
                self._forget_after(episode - 1)
            columns = (episode, reward * count, squares, least, most, running, steps, time, count)
            self._games.append(columns)
        except (KeyError, TypeError, ValueError, OverflowError):
            return

    def _add_update(self, row: Mapping[str, Any]) -> None:
        try:
            steps, episode = int(row["steps"]), int(row["episode"])
            won, lost = int(row["won"]), int(row["lost"])
            if not (0 <= won < _MOST_POINTS and 0 <= lost < _MOST_POINTS and steps >= 0 and episode >= 0):
                return
            last = self._updates.last()
            if last is not None and last >= steps:  # played again after a crash
                self._updates.cut(steps - 1)
            self._updates.append((steps, episode, won, lost, _rating(row)))
        except (KeyError, TypeError, ValueError, OverflowError):
            return

    def _forget_after(self, episode: int, steps: object = None) -> None:
        self._games.cut(episode)
        self._updates.cut(episode, index=1)
        if isinstance(steps, int):  # no game may have ended between two updates
            self._updates.cut(steps)


def _group(row: Mapping[str, Any], reward: float) -> tuple[int, float, float, float]:
    """Return how many games a row stands for, the sum of their squared rewards, their least and greatest."""
    count = int(row.get("games", 1))
    others = (("squares", reward * reward * count), ("least", reward), ("most", reward))
    squares, least, most = (float(row.get(name, other)) for name, other in others)
    return count, squares, least, most


def _regular_games(rows: list[Mapping[str, Any]], last: float | None) -> list[NDArray[Any]] | None:
    """Return the columns of games whose rows are all regular; None when one row is not."""
    episodes, steps = _numbers(rows, "episode", "i"), _numbers(rows, "total_steps", "i")
    values = [_numbers(rows, name, "if") for name in ("reward", "running_reward", "time")]
    if episodes is None or steps is None or not _ascend(episodes, last) or not (steps >= 0).all():
        return None
    reals = [each.astype(np.float64) for each in values if each is not None and (abs(each) < _MOST).all()]
    if len(reals) < len(values):
        return None
    reward, running, time = reals
    if not any("games" in row for row in rows):
        ones = np.ones(len(rows), np.int64)
        return [episodes, reward, reward * reward, reward, reward, running, steps, time, ones]
    try:
        groups = [_group(row, each) for row, each in zip(rows, reward.tolist(), strict=True)]
        counts = np.array([each[0] for each in groups], np.int64)
        squares, least, most = np.array([each[1:] for each in groups], np.float64).T
    except (TypeError, ValueError, OverflowError):
        return None
    regular = all((abs(each) < _MOST).all() for each in (squares, least, most))
    if not regular or not ((counts >= 1) & (counts < _MOST_GAMES)).all():
        return None
    return [episodes, reward * counts, squares, least, most, running, steps, time, counts]


def _regular_updates(rows: list[Mapping[str, Any]], last: float | None) -> list[NDArray[Any]] | None:
    """The columns of updates that need no second look; None when one of them does."""
    columns = [_numbers(rows, name, "i") for name in ("steps", "episode", "won", "lost")]
    whole = [each for each in columns if each is not None and (each >= 0).all()]
    if len(whole) < len(columns) or not _ascend(whole[0], last):
        return None
    if max(each.max(initial=0) for each in whole[2:]) >= _USUAL_POINTS:
        return None
    return [*whole, np.array([_rating(row) for row in rows], np.float64)]


def _rating(row: Mapping[str, Any]) -> float:
    """Return the rating of an update; NaN where it is missing or impossible."""
    value = row.get("rating")
    return float(value) if isinstance(value, (int, float)) and abs(value) < _MOST else math.nan


def _numbers(rows: list[Mapping[str, Any]], name: str, kinds: str) -> NDArray[Any] | None:
    """Return one entry of all rows, shape (rows,); None unless all are 64-bit numbers of these kinds."""
    try:
        values = np.array([row[name] for row in rows] or np.zeros(0, np.int64))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return values if values.dtype.kind in kinds and values.ndim == 1 else None


def _ascend(numbers: NDArray[np.int64], last: float | None) -> bool:
    """Whether each is greater than the one before it, and none is below zero."""
    before = -1 if last is None else last
    return not len(numbers) or bool(numbers[0] > before and (numbers[1:] > numbers[:-1]).all())
