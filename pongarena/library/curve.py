"""The learning curve of a model, from the rows of its metrics, in bounded memory."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pongarena.library.stretches import Merge, Stretches

__all__ = ["MOST_ENTRIES", "Curve", "Points"]

MOST_ENTRIES = 1 << 16
"""Games, and updates, that a curve keeps one by one: more than a month of the classic recipe's."""

_MOST = 1 << 53
"""No count or time is greater; NaN is never less."""

_MOST_POINTS = 1 << 40
"""Points of one update; more are damage."""

_EPISODE = (
    ("q", Merge.LAST),  # number
    ("d", Merge.SUM),  # reward
    ("d", Merge.SUM),  # its square
    ("d", Merge.LEAST),
    ("d", Merge.MOST),
    ("d", Merge.LAST),  # running reward
    ("q", Merge.LAST),  # agent steps
    ("d", Merge.LAST),  # time
)
_UPDATE = (("q", Merge.LAST), ("q", Merge.LAST), ("q", Merge.SUM), ("q", Merge.SUM))
"""Decisions, episode, points won, points lost."""


class Points(NamedTuple):
    """Points played, update by update (or a few of them together); three arrays of one length."""

    steps: NDArray[np.int64]
    """Decisions learned from by then, never decreasing."""
    won: NDArray[np.int64]
    """Points won in what the update learned from."""
    lost: NDArray[np.int64]
    """Points lost in it."""


class Curve:
    """The learning curve: one entry a game, in the order of the games.

    A history of more than ``most`` games is thinned as it is read: an entry then stands for a stretch of 2,
    4, 8, … games. How many, and their sum, least and most stay exact, so that means and confidence bands
    are those of all the games.

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
        return self._games.counts

    @property
    def rewards(self) -> NDArray[np.float64]:
        """Points won minus points lost, the mean of each entry's games, float64 (n,)."""
        return self._games.column(1) / np.maximum(self._games.counts, 1)

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

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Take further rows in; episodes that a ``start`` or ``resume`` row supersedes are forgotten."""
        for row in rows:
            kind = row.get("kind")
            if kind == "episode":
                self._add_episode(row)
            elif kind == "update":
                self._add_update(row)
            elif kind in ("start", "resume") and isinstance(row.get("episode"), int):
                self._forget_after(row["episode"])

    def clear(self) -> None:
        """Forget everything, before a file is read anew."""
        self._forget_after(-1)

    def _add_episode(self, row: Mapping[str, Any]) -> None:
        try:
            episode, steps = int(row["episode"]), int(row["total_steps"])
            reward, running, time = float(row["reward"]), float(row["running_reward"]), float(row["time"])
            if episode < 0 or not all(abs(each) < _MOST for each in (reward, running, time)) or steps < 0:
                return
            last = self._games.last()
            if last is not None and last >= episode:
                self._forget_after(episode - 1)
            self._games.append((episode, reward, reward * reward, reward, reward, running, steps, time))
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
            self._updates.append((steps, episode, won, lost))
        except (KeyError, TypeError, ValueError, OverflowError):
            return

    def _forget_after(self, episode: int) -> None:
        self._games.cut(episode)
        self._updates.cut(episode, index=1)
