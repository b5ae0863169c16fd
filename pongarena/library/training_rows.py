"""Read a training's games and updates from its metrics, for tables and plots elsewhere."""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from pongarena.library.metrics import MetricsTail

__all__ = ["lasting_rows", "number_in", "steps_of"]

_BEGINS, _RESULTS = ("start", "resume"), ("episode", "update")


def lasting_rows(path: Path, until: float = math.inf) -> Iterator[dict[str, Any]]:
    """Yield the games and updates in a metrics file, oldest first, without those that were played again.

    Note: reads the file twice, in parts, so that a long file takes little memory.

    Args:
        path: The file; a missing one has no rows.
        until: Steps after which to end.

    Raises:
        LibraryError: When the file exists and cannot be read.
    """
    moments = np.array([_moment(row) for row in _rows(path) if row["kind"] in _BEGINS]).reshape(-1, 2)
    # rows after a moment that a later session resumed from were played again
    bounds = [*np.minimum.accumulate(moments[::-1])[::-1].tolist(), [math.inf, math.inf]]
    begun = 0
    for row in _rows(path):
        if row["kind"] in _BEGINS:
            begun += 1
        elif row["kind"] in _RESULTS:
            most_games, most_steps = bounds[min(begun, len(bounds) - 1)]
            episode, steps = _moment(row)
            counts = episode <= most_games and (row["kind"] == "episode" or steps <= most_steps)
            if counts and steps <= until:
                yield row


def number_in(row: Mapping[str, Any], name: str) -> float | None:
    """Return a number of a row; None when it is missing or not finite."""
    value = row.get(name)
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    return value if abs(value) < 1 << 62 else None


def steps_of(row: Mapping[str, Any]) -> int | None:
    """Return the agent steps learned from by then; None when the row has none."""
    steps = number_in(row, "total_steps" if row.get("kind") == "episode" else "steps")
    return None if steps is None else int(steps)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    tail = MetricsTail(path)
    yield from tail.read_part()
    while tail.behind:
        yield from tail.read_part()


def _moment(row: Mapping[str, Any]) -> tuple[float, float]:
    """Return games and steps by then; infinite where a row has none, as in old files."""
    episode, steps = number_in(row, "episode"), steps_of(row)
    return (math.inf if episode is None else episode, math.inf if steps is None else steps)
