"""Follow a training's gauges, update by update: entropy, explained variance, KL, learning rate, speed.

They come from the ``update`` rows of ``metrics.jsonl``; the speed is computed from two neighbouring rows. A
long history takes bounded memory: when there are too many entries, each pair of neighbours becomes its mean.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pongarena.library.metrics import MetricsTail
from pongarena.nn.policy import MOST_LAYERS

__all__ = ["GAUGES", "GaugesTail", "TrainingSeries"]

GAUGES = (
    "rating",
    "entropy",
    "explained",
    "kl",
    "gradient_norm",
    "learning_rate",
    "accepted",
    "moved",
    "mean_p_up",
    "turns",
    *(f"update_ratio_{layer}" for layer in range(1, MOST_LAYERS + 2)),
    "speed",
)
"""The values kept of each update; NaN for those that a recipe does not have."""

_READ = GAUGES[:-1]
_MOST = 2000
"""Entries that are kept; a screen has fewer columns of dots."""

_PAUSE_S = 300.0
"""Seconds between two updates; a longer time was a pause, or the machine slept."""


@dataclass(frozen=True)
class TrainingSeries:
    """The history of all gauges: arrays of one length, NaN where a gauge has no value.

    Attributes:
        steps: Agent steps learned from by then, float64 (n,), growing.
        values: The values by the names in `GAUGES`, each float64 (n,).
        share_read: How much of the file was read so far, 0..1.
    """

    steps: NDArray[np.float64]
    values: Mapping[str, NDArray[np.float64]]
    share_read: float = 1.0

    def known(self, name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return steps and values of one gauge, where it has a value."""
        values = self.values[name]
        there = np.isfinite(values)
        return self.steps[there], values[there]

    def layers(self, name: str) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
        """Return `known` of each layer with values; the first layer's gauge is called ``NAME_1``."""
        found = [self.known(each) for each in GAUGES if each.startswith(f"{name}_")]
        return [(xs, ys) for xs, ys in found if len(ys)]

    def latest(self, name: str) -> float | None:
        """Return the last value of a gauge; None when it has none."""
        _, values = self.known(name)
        return float(values[-1]) if len(values) else None


class _History:
    """Entries (episode, steps, time, gauges …), thinned as they grow."""

    def __init__(self) -> None:
        self._rows: list[tuple[float, ...]] = []
        self._last: tuple[float, float] | None = None

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        for row in rows:
            kind, episode = row.get("kind"), row.get("episode")
            if kind == "update":
                self._add_update(row)
            elif kind in ("start", "resume") and isinstance(episode, int):
                steps = _number(row.get("steps", math.inf))
                most = steps if math.isfinite(steps) else math.inf
                self._rows = [each for each in self._rows if each[0] <= episode and each[1] <= most]
                self._last = None
        while len(self._rows) > 2 * _MOST:
            self._thin()

    def clear(self) -> None:
        self._rows.clear()
        self._last = None

    def _add_update(self, row: Mapping[str, Any]) -> None:
        episode, steps, time = (_number(row.get(name)) for name in ("episode", "steps", "time"))
        if not (math.isfinite(episode) and math.isfinite(steps)):
            return
        while self._rows and self._rows[-1][1] >= steps:  # played again after a crash
            self._rows.pop()
        speed = math.nan
        if self._last is not None and 0 < time - self._last[1] < _PAUSE_S and steps > self._last[0]:
            speed = (steps - self._last[0]) / (time - self._last[1])
        self._last = (steps, time)
        self._rows.append((episode, steps, *(_number(row.get(name)) for name in _READ), speed))

    def _thin(self) -> None:
        even = len(self._rows) // 2 * 2
        table = np.array(self._rows[:even], np.float64).reshape(even // 2, 2, -1)
        known = np.isfinite(table)
        sums = np.where(known, table, 0.0).sum(axis=1)
        means = np.where(known.any(axis=1), sums / np.maximum(known.sum(axis=1), 1), np.nan)
        means[:, :2] = table[:, 1, :2]
        self._rows = [*map(tuple, means.tolist()), *self._rows[even:]]

    def gauges(self, share_read: float) -> TrainingSeries:
        table = np.array(self._rows, np.float64).reshape(len(self._rows), 2 + len(GAUGES))
        values = {name: table[:, 2 + place] for place, name in enumerate(GAUGES)}
        return TrainingSeries(table[:, 1], values, share_read)


class GaugesTail:
    """The gauges of a running training."""

    def __init__(self, path: Path) -> None:
        """Follow a metrics file, which need not exist yet."""
        self._tail = MetricsTail(path)
        self._restarts = 0
        self._history = _History()

    def refresh(self, seconds: float) -> bool:
        """Read new rows for at most ``seconds``; return whether there were any.

        Raises:
            LibraryError: When the file exists and cannot be read.
        """
        deadline, grown = monotonic() + seconds, False
        while True:
            rows = self._tail.read_part()
            if self._tail.restarts != self._restarts:
                self._restarts, grown = self._tail.restarts, True
                self._history.clear()
            grown = grown or bool(rows)
            self._history.add(rows)
            if not self._tail.behind or monotonic() > deadline:
                return grown

    @property
    def is_behind(self) -> bool:
        """Whether there is more to read."""
        return self._tail.behind > 0

    @property
    def gauges(self) -> TrainingSeries:
        """The history so far, as copies."""
        return self._history.gauges(self._tail.share_read)


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) and abs(value) < 1e300 else math.nan
