"""Write a training's games and updates as rows of its metrics; fast ones share a row.

A curve needs points where it bends. So a row is written when the steps have grown by a hundredth since the
last one, and every two seconds in any case, but at most ten times a second. A slow training then has a row
for each game, and a night of the fastest one takes some ten megabytes.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from pongarena.training.events import EpisodeFinished, Updated

__all__ = ["Journal"]

_GROWTH = 0.01
_MOST_S, _LEAST_S = 2.0, 0.1

_LAST = ("update", "episode", "weight_norm", "learning_rate", "steps", "rating")
_MEANS = ("gradient_norm", "mean_p_up", "entropy", "kl", "explained", "accepted", "moved", "turns")


class Journal:
    """Collects the games and updates between two rows."""

    def __init__(
        self,
        append: Callable[[Mapping[str, Any]], None],
        *,
        every: bool = False,
        now: Callable[[], float] = time.monotonic,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Make an empty journal.

        Args:
            append: Writes a row.
            every: Whether each game and update gets a row of its own, however fast they come.
            now: Returns the time in seconds.
            clock: Returns the Unix time in seconds, for the rows.
        """
        self._append, self._now, self._clock = append, now, clock
        self._growth, self._least_s = (0.0, 0.0) if every else (_GROWTH, _LEAST_S)
        self._games: list[EpisodeFinished] = []
        self._learned = 0
        self._updates: list[Updated] = []
        self._updated_at = 0.0
        self._written_at, self._written_steps, self._steps = -float("inf"), 0, 0

    def add(self, event: EpisodeFinished | Updated) -> None:
        """Add an event, and write what is due."""
        if isinstance(event, Updated):
            self._updates.append(event)
            self._updated_at = self._clock()
            self._learned = len(self._games)
            self._steps = event.steps
        else:
            self._games.append(event)
            self._steps = event.total_steps
        self.write_due()

    def write_due(self) -> None:
        """Write what was collected if a row is due."""
        waited = self._now() - self._written_at
        grown = self._steps >= self._written_steps * (1 + self._growth)
        if (grown and waited >= self._least_s) or waited >= _MOST_S:
            self._write(learned_only=bool(self._updates))

    def flush(self) -> None:
        """Write what was collected.

        Games that no update has learned from yet get a row of their own: a resume from the last update plays
        them again, and then their row is void.
        """
        self._write(learned_only=False)

    def _write(self, *, learned_only: bool) -> None:
        learned, rest = self._games[: self._learned], self._games[self._learned :]
        if learned:
            self._append({"kind": "episode", **_game(learned), "time": self._updated_at})
        if self._updates:
            self._append({"kind": "update", **_update(self._updates), "time": self._updated_at})
        if rest and not learned_only:
            self._append({"kind": "episode", **_game(rest), "time": self._clock()})
            rest = []
        self._games, self._updates, self._learned = rest, [], 0
        self._written_at, self._written_steps = self._now(), self._steps


def _game(games: list[EpisodeFinished]) -> dict[str, Any]:
    """Return one game as it is, several as their sums with the statistics that a curve needs."""
    last = asdict(games[-1])
    if len(games) == 1:
        return last
    rewards = [each.reward for each in games]
    return last | {
        "games": len(games),
        "won": sum(each.won for each in games),
        "lost": sum(each.lost for each in games),
        "reward": sum(rewards) / len(games),
        "squares": sum(each * each for each in rewards),
        "least": min(rewards),
        "most": max(rewards),
        "steps": sum(each.steps for each in games),
        "truncated": any(each.truncated for each in games),
    }


def _update(updates: list[Updated]) -> dict[str, Any]:
    """Return one update as it is, several as sums of their points and means of their gauges."""
    ratios = next((each.update_ratios for each in reversed(updates) if each.update_ratios), ())
    layers = {f"update_ratio_{layer}": float(f"{each:.4g}") for layer, each in enumerate(ratios, 1)}
    if len(updates) == 1:
        row = asdict(updates[0])
        del row["update_ratios"]
        return row | layers
    return layers | {
        "updates": len(updates),
        **{name: getattr(updates[-1], name) for name in _LAST},
        **{name: _mean([getattr(each, name) for each in updates]) for name in _MEANS},
        "won": sum(each.won for each in updates),
        "lost": sum(each.lost for each in updates),
    }


def _mean(values: list[float | None]) -> float | None:
    """Return the mean of the known values to six digits; None without any."""
    known = [each for each in values if each is not None]
    return float(f"{sum(known) / len(known):.6g}") if known else None
