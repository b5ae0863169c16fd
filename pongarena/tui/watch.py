"""Looks at the library's files, cheaply, and says what they show.

A look compares modification times and reads only what changed, metrics from where the last look ended.
Runs in a thread of its own: a ``Look`` is never changed after it was made.
"""

import os
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pongarena.agent.checkpoint import read_card
from pongarena.errors import PongArenaError
from pongarena.library.metrics import CurveTail
from pongarena.library.models import Library, Model
from pongarena.library.progress import (
    Progress,
    Reference,
    has_own_settings,
    measure,
    reference_for,
    share_curve,
)
from pongarena.library.status import Status
from pongarena.text import printable

_LOG_BYTES = 8192
"""How much of a log's end is shown."""

Stamp = tuple[int, ...]


@dataclass(frozen=True)
class Entry:
    """One model as it was last seen.

    Attributes:
        model: Its folder and recipe.
        status: What its session does.
        checkpoints: The episodes of its checkpoints, ascending.
        score: Its running reward, None before the first game.
        episode: Games played.
    """

    model: Model
    status: Status
    checkpoints: tuple[int, ...]
    score: float | None
    episode: int

    @property
    def name(self) -> str:
        """The model's name."""
        return self.model.name

    @property
    def created(self) -> float:
        """When the model was made, unix time; 0 when that cannot be read."""
        return datetime.fromisoformat(self.model.created).timestamp() if self.model.created else 0.0


@dataclass(frozen=True)
class CurveView:
    """A learning curve at one moment: three arrays of one length, and what is known of its points."""

    episodes: NDArray[np.float64]
    rewards: NDArray[np.float64]
    running: NDArray[np.float64]
    share_steps: NDArray[np.float64]
    """Decisions at which the share of points is known."""
    shares: NDArray[np.float64]
    """Of the points won by then, 0..1; as many."""
    progress: Progress
    reference: Reference | None


@dataclass(frozen=True)
class Look:
    """The library at one moment.

    Attributes:
        entries: All models, in the library's order.
        curves: The curves of the models that were asked for.
        logs: The ends of their logs.
        fault: Why the library cannot be listed; empty when it can.
    """

    entries: tuple[Entry, ...] = ()
    curves: Mapping[str, CurveView] = field(default_factory=dict)
    logs: Mapping[str, str] = field(default_factory=dict)
    fault: str = ""

    def entry(self, name: str | None) -> Entry | None:
        """The model of this name, None when it is not there."""
        return next((entry for entry in self.entries if entry.name == name), None)

    @property
    def live(self) -> tuple[Entry, ...]:
        """The models whose session is there: starting, running or paused."""
        return tuple(entry for entry in self.entries if entry.status.active)


class Watcher:
    """Takes one look after the other; remembers what need not be read again."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._models: list[Model] = []
        self._models_stamp: tuple[object, ...] = ()
        self._entries: dict[str, tuple[Stamp, Entry]] = {}
        self._tails: dict[str, CurveTail] = {}
        self._last = Look()

    def look(self, wanted: Set[str]) -> Look:
        """Look at everything, and at the curves and logs of the models ``wanted`` and of the live ones.

        Returns:
            The same object as the last time when nothing changed.
        """
        fault = ""
        try:
            entries = self._look_at_models()
        except PongArenaError as error:
            entries, fault = (), str(error)
        followed = {entry.name: entry for entry in entries if entry.name in wanted or entry.status.active}
        for name in self._tails.keys() - followed.keys():
            del self._tails[name]
        curves = {name: self._curve(entry) for name, entry in followed.items()}
        logs = {name: _end_of(entry.model.path / "train.log") for name, entry in followed.items()}
        new = Look(entries, curves, logs, fault)
        if not _same(new, self._last):
            self._last = new
        return self._last

    def _look_at_models(self) -> tuple[Entry, ...]:
        root = self._library.root
        stamp = (_stamp(root), tuple(_stamp(model.path / "model.json") for model in self._models))
        if stamp != self._models_stamp or not self._models:
            self._models = self._library.models()
            self._models_stamp = (
                _stamp(root),
                tuple(_stamp(model.path / "model.json") for model in self._models),
            )
        entries = tuple(self._entry(model) for model in self._models)
        self._entries = {entry.name: self._entries[entry.name] for entry in entries}
        return entries

    def _entry(self, model: Model) -> Entry:
        stamp = (*_stamp(model.path / "status.json"), *_stamp(model.path / "checkpoints"))
        known = self._entries.get(model.name)
        if known and known[0] == stamp and known[1].model is model and not known[1].status.active:
            return known[1]
        status, checkpoints = model.status(), tuple(model.checkpoints())
        score, episode = status.running_reward, status.episode
        if not episode and checkpoints:
            score, episode = _from_card(model, checkpoints[-1])
        entry = Entry(model, status, checkpoints, score, episode)
        self._entries[model.name] = (stamp, entry)
        return entry

    def _curve(self, entry: Entry) -> CurveView:
        path = entry.model.path / "metrics.jsonl"
        tail = self._tails.get(entry.name)
        fresh = tail is None
        if tail is None:
            tail = self._tails[entry.name] = CurveTail(path)
        try:
            grown = tail.refresh()
        except PongArenaError:
            grown = False
        if not grown and not fresh and entry.name in self._last.curves:
            return self._last.curves[entry.name]
        curve = tail.curve
        reference = reference_for(entry.model)
        points = curve.points
        return CurveView(
            curve.episodes.astype(np.float64),
            curve.rewards,
            curve.running,
            *share_curve(points),
            measure(points, reference, own_settings=has_own_settings(entry.model)),
            reference,
        )


def _same(new: Look, old: Look) -> bool:
    return (
        new.entries == old.entries
        and new.fault == old.fault
        and new.logs == old.logs
        and new.curves.keys() == old.curves.keys()
        and all(new.curves[name] is old.curves[name] for name in new.curves)
    )


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)


def _from_card(model: Model, episode: int) -> tuple[float | None, int]:
    try:
        card = read_card(model.checkpoint(episode).path)
    except PongArenaError:
        return None, episode
    return card.running_reward, card.episode


def _end_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            start = max(0, file.seek(0, os.SEEK_END) - _LOG_BYTES)
            file.seek(start)
            text = printable(file.read(_LOG_BYTES).decode(errors="replace"), lines=True)
    except OSError:
        return ""
    return text.partition("\n")[2] if start else text
