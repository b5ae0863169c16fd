"""Watch the library's files, and take snapshots of them.

Each look compares modification times and reads only what changed; it reads metrics from where the last look
ended. The watcher runs in a thread of its own, so a ``LibrarySnapshot`` never changes once it is made.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from pongarena.core.errors import PongArenaError
from pongarena.core.reading import end_of_file
from pongarena.core.text import printable, unix_time
from pongarena.jobs.status import State, Status
from pongarena.lab.background import Job, JobWatcher
from pongarena.library.curve import Curve
from pongarena.library.evaluations import FILE as EVALUATIONS_FILE
from pongarena.library.metrics import CurveTail
from pongarena.library.models import Library, Model
from pongarena.library.notes import NOTES_FILE, Notes
from pongarena.library.progress import Progress, RatingProgress, measure, measure_rating, share_band
from pongarena.library.reference import Reference, has_own_settings, reference_for
from pongarena.library.strength import Strength
from pongarena.nn.checkpoint import read_card
from pongarena.tui.data.match_records import Strengths, StrengthWatcher
from pongarena.tui.data.model_stats import Facts, find_facts, find_notes

_LOG_BYTES = 8192
"""How many bytes of the end of a log are shown."""

_SPELL_S = 0.15
"""Seconds for which a look reads models, and then curves, before the app shows what is known so far."""

_IDLE_AT_ONCE = 250
"""Idle models that one look checks; with 1,000 models it takes some looks to see a change."""

_LIST_EVERY = 20
"""Looks after which the folders are listed in any case: some file systems report changes late."""

Stamp = tuple[int, ...]

_NOTHING = np.zeros(0)


@dataclass(frozen=True)
class Entry:
    """One model as it was last seen.

    Attributes:
        model: Its folder and recipe.
        status: The status of its session.
        checkpoints: The episodes of its checkpoints, ascending.
        episode: Games played.
        facts: What takes longer to find out; None until then.
        notes: The user's notes about it.
    """

    model: Model
    status: Status
    checkpoints: tuple[int, ...]
    episode: int
    facts: Facts | None = None
    notes: Notes = field(default_factory=Notes)

    @property
    def name(self) -> str:
        """The model's name."""
        return self.model.name

    @property
    def strength(self) -> Strength | None:
        """Its strength against the CPU; None while not known."""
        return self.facts.strength if self.facts else None

    @property
    def score(self) -> float | None:
        """Points won − lost in a game against the CPU, by its strength; None while not known."""
        return self.strength.score if self.strength else None

    @property
    def created(self) -> float:
        """When the model was made, unix time in seconds; 0 when that cannot be read."""
        return unix_time(self.model.created) if self.model.created else 0.0


@dataclass(frozen=True)
class CurveView:
    """A learning curve at one moment."""

    running: NDArray[np.float64]
    """The running reward at each entry of the history."""
    share_steps: NDArray[np.float64]
    """Agent steps at which the share of points is known."""
    shares: NDArray[np.float64]
    """Share of points won at each of them, 0..1."""
    progress: Progress
    reference: Reference | None
    history: "History"
    """The results of the games."""
    share_lows: NDArray[np.float64]
    """Lower ends of the 95 % intervals of the shares."""
    share_highs: NDArray[np.float64]
    """Upper ends."""
    share_read: float = 1.0
    """How much of the file was read so far, 0..1."""
    damaged: int = 0
    """Number of lines in the file that could not be parsed."""
    ratings: tuple[NDArray[np.float64], NDArray[np.float64]] = (_NOTHING, _NOTHING)
    """Agent steps, and the rating among earlier checkpoints at each; empty except for self-play."""
    rating: RatingProgress | None = None
    """The progress of that rating."""


@dataclass(frozen=True)
class History:
    """The games of a curve: arrays of equal length, an entry for each game, or for a range of many games."""

    episodes: NDArray[np.float64]
    rewards: NDArray[np.float64]
    """Mean reward of each entry."""
    games: NDArray[np.float64]
    squares: NDArray[np.float64]
    lows: NDArray[np.float64]
    highs: NDArray[np.float64]
    steps: NDArray[np.float64]
    minutes: NDArray[np.float64]
    """Minutes of training, without long pauses."""

    @classmethod
    def of(cls, curve: Curve) -> "History":
        """Copy the games of a curve as they are now."""
        gaps = np.diff(curve.times, prepend=curve.times[:1])
        usual = 20 * max(float(np.median(gaps)) if len(gaps) else 0.0, 3.0)
        minutes = np.cumsum(np.where((gaps > 0) & (gaps < usual), gaps, 0.0)) / 60
        games, steps = curve.games.astype(np.float64), curve.steps.astype(np.float64)
        episodes = curve.episodes.astype(np.float64)
        return cls(episodes, curve.rewards, games, curve.squares, curve.lows, curve.highs, steps, minutes)


@dataclass(frozen=True)
class LibrarySnapshot:
    """The library at one moment.

    Attributes:
        entries: All models, in the library's order.
        curves: The curves of the followed models.
        logs: The ends of their logs.
        fault: Why the library cannot be listed; empty when it can.
        strengths: The results of the models in the match log.
        unread: Number of models that were not read yet.
        facts_due: Whether the facts of some models are still missing.
        jobs: Other background work: tournaments, and runs of the lab.
    """

    entries: tuple[Entry, ...] = ()
    curves: Mapping[str, CurveView] = field(default_factory=dict)
    logs: Mapping[str, str] = field(default_factory=dict)
    fault: str = ""
    strengths: Strengths = field(default_factory=Strengths)
    unread: int = 0
    facts_due: bool = False
    jobs: tuple[Job, ...] = ()

    @property
    def busy(self) -> bool:
        """Whether the next look should follow at once."""
        return (
            self.unread > 0 or self.facts_due or any(curve.share_read < 1.0 for curve in self.curves.values())
        )

    @cached_property
    def _by_name(self) -> dict[str, Entry]:
        return {entry.name: entry for entry in self.entries}

    def entry(self, name: str | None) -> Entry | None:
        """Return the model of this name; None when there is none."""
        return self._by_name.get(name or "")

    @cached_property
    def taken_names(self) -> set[str]:
        """The names of all models, in lower case."""
        return {entry.name.lower() for entry in self.entries}

    def at_work(self, *, paused: bool) -> int:
        """Count the sessions, tournaments and lab runs that are paused, or those that are not."""
        states = [entry.status.state for entry in self.live] + [job.state for job in self.jobs]
        return sum((state is State.PAUSED) is paused for state in states)

    @property
    def live(self) -> tuple[Entry, ...]:
        """The models whose session is starting, running or paused."""
        return tuple(entry for entry in self.entries if entry.status.active)


class _Folder:
    """One model's folder, and what was read from it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        names = ("status.json", "checkpoints", "model.json", NOTES_FILE, EVALUATIONS_FILE)
        self._watched = [os.fspath(path / name) for name in names]
        self.stamps: tuple[Stamp, ...] = ()
        self.entry: Entry | None = None
        self.facts_due = True

    def look(self, library: Library) -> bool:
        """Read again what changed; return whether the entry changed."""
        stamps = tuple(map(_stamp, self._watched))
        before = self.entry
        if before is not None and stamps == self.stamps and not before.status.active:
            return False
        new_model = before is None or not self.stamps or stamps[2] != self.stamps[2]
        model = library.read(self.path) if before is None or new_model else before.model
        notes = before.notes if before else Notes()
        if before is None or not self.stamps or stamps[3] != self.stamps[3]:
            notes = find_notes(model)
        status, checkpoints = model.status(), tuple(model.checkpoints())
        episode = status.episode
        if not episode and checkpoints:
            episode = _episode_of(model, checkpoints[-1])
        facts = before.facts if before else None
        if model.bundled and facts is None:  # quick to read, and the first screen sorts by them
            facts = find_facts(model)
        self.facts_due = self.facts_due or stamps != self.stamps
        self.stamps = stamps
        self.entry = Entry(model, status, checkpoints, episode, facts, notes)
        return self.entry != before

    def find_facts(self) -> bool:
        """Find out what takes longer; return whether it changed."""
        self.facts_due = False
        if self.entry is None:
            return False
        facts = find_facts(self.entry.model)
        if facts == self.entry.facts:
            return False
        self.entry = replace(self.entry, facts=facts)
        return True


def _for_a_spell(folders: Iterable[_Folder], look: Callable[[_Folder], bool]) -> tuple[bool, int]:
    """Look at folders until the time is up, at least at one.

    Returns:
        Whether anything changed, and the number of folders that were looked at.
    """
    deadline, changed, done = monotonic() + _SPELL_S, False, 0
    for folder in folders:
        changed |= look(folder)
        done += 1
        if monotonic() >= deadline:
            break
    return changed, done


class LibraryWatcher:
    """Takes snapshots of a library, and reads only what changed since the last one.

    A look takes a few tenths of a second at most. A large library, or a long curve, is read over several
    looks; ``LibrarySnapshot.busy`` tells that there is more to read.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._folders: dict[Path, _Folder] = {}
        self._listed: tuple[object, ...] = ()
        self._until_listing = 0
        self._turn = 0
        self._tails: dict[str, CurveTail] = {}
        self._strengths = StrengthWatcher()
        self._jobs = JobWatcher()
        self._entries: tuple[Entry, ...] = ()
        self._last = LibrarySnapshot()

    def look(self, wanted: Set[str]) -> LibrarySnapshot:
        """Take a snapshot, with the curves and logs of the live models and of those in ``wanted``.

        Returns:
            The same object as the last time when nothing changed.
        """
        fault, entries = "", self._last.entries
        try:
            entries = self._look_at_models(wanted)
        except PongArenaError as error:
            entries, fault = (), str(error)
        unread = sum(folder.entry is None for folder in self._folders.values())
        strengths = self._last.strengths if unread else self._strengths.look()
        followed = {entry.name: entry for entry in entries if entry.name in wanted or entry.status.active}
        for name in self._tails.keys() - followed.keys():
            del self._tails[name]
        curves = self._curves(followed)
        if curves and not all(_as_curved(each, curves.get(each.name)) is each for each in followed.values()):
            entries = tuple(_as_curved(each, curves.get(each.name)) for each in entries)
        logs = {name: _end_of(entry.model.path / "train.log") for name, entry in followed.items()}
        new = LibrarySnapshot(
            entries, curves, logs, fault, strengths, unread, self._facts_due(), self._jobs.look()
        )
        if not _same(new, self._last):
            self._last = new
        return self._last

    def _look_at_models(self, wanted: Set[str]) -> tuple[Entry, ...]:
        """Return the entries that are known by now; the same tuple when nothing changed."""
        changed = self._list_folders()
        folders = list(self._folders.values())
        unread = [folder for folder in folders if folder.entry is None]
        for folder in folders:
            entry = folder.entry
            if entry is not None and (entry.status.active or entry.name in wanted):
                changed |= folder.look(self._library)
        changed |= _for_a_spell(unread, lambda folder: folder.look(self._library))[0]
        if not unread:
            in_turn = (folders[self._turn :] + folders[: self._turn])[:_IDLE_AT_ONCE]
            seen, done = _for_a_spell(in_turn, lambda folder: folder.look(self._library))
            self._turn = (self._turn + done) % max(1, len(folders))
            due = [folder for folder in folders if folder.facts_due]
            changed |= seen | _for_a_spell(due, _Folder.find_facts)[0]
        if changed:
            self._entries = tuple(folder.entry for folder in self._folders.values() if folder.entry)
        return self._entries

    def _list_folders(self) -> bool:
        """List the models' folders when the library changed, and now and then; return if they changed."""
        stamp = _stamp(os.fspath(self._library.root))
        self._until_listing -= 1
        if stamp == self._listed and self._until_listing > 0:
            return False
        self._until_listing = _LIST_EVERY
        folders = self._library.folders()
        self._listed = stamp
        if folders == list(self._folders):
            return False
        self._folders = {path: self._folders.get(path) or _Folder(path) for path in folders}
        return True

    def _facts_due(self) -> bool:
        """Return whether some model has no facts yet; updates for live models never end, and do not count."""
        return any(folder.entry and folder.entry.facts is None for folder in self._folders.values())

    def _curves(self, followed: Mapping[str, Entry]) -> dict[str, CurveView]:
        deadline = monotonic() + _SPELL_S
        return {
            name: self._curve(entry, max(0.0, deadline - monotonic())) for name, entry in followed.items()
        }

    def _curve(self, entry: Entry, seconds: float) -> CurveView:
        tail = self._tails.get(entry.name)
        fresh = tail is None
        if tail is None:
            tail = self._tails[entry.name] = entry.model.curve_tail()
        try:
            grown = tail.refresh(seconds)
        except PongArenaError:
            grown = False
        if not grown and not fresh and entry.name in self._last.curves:
            return self._last.curves[entry.name]
        return _view(tail, entry.model)


def _view(tail: CurveTail, model: Model) -> CurveView:
    curve = tail.curve
    reference = reference_for(model)
    points = curve.points
    steps, shares, lows, highs = share_band(points)
    ratings = curve.ratings
    return CurveView(
        curve.running,
        steps,
        shares,
        measure(points, reference, own_settings=has_own_settings(model)),
        reference,
        history=History.of(curve),
        share_lows=lows,
        share_highs=highs,
        share_read=tail.share_read,
        damaged=tail.damaged,
        ratings=ratings,
        rating=measure_rating(ratings),
    )


def _same(new: LibrarySnapshot, old: LibrarySnapshot) -> bool:
    return (
        (new.entries is old.entries or new.entries == old.entries)
        and new.fault == old.fault
        and new.logs == old.logs
        and new.strengths is old.strengths
        and (new.unread, new.facts_due, new.jobs) == (old.unread, old.facts_due, old.jobs)
        and new.curves.keys() == old.curves.keys()
        and all(new.curves[name] is old.curves[name] for name in new.curves)
    )


def _stamp(path: str) -> Stamp:
    try:
        found = os.stat(path)  # noqa: PTH116 (thousands of times a second)
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)


def _episode_of(model: Model, checkpoint: int) -> int:
    """Return the number of games that a checkpoint was trained for."""
    try:
        return read_card(model.checkpoint(checkpoint).path).episode
    except PongArenaError:
        return checkpoint


def _as_curved(entry: Entry, curve: CurveView | None) -> Entry:
    """Return the entry of a training model with the latest strength from its curve."""
    share = curve.progress.share if curve is not None else None
    if not entry.status.active or share is None or entry.facts is None:
        return entry
    return replace(entry, facts=replace(entry.facts, strength=Strength.of_share(share)))


def _end_of(path: Path) -> str:
    try:
        return printable(end_of_file(path, _LOG_BYTES).decode(errors="replace"), lines=True)
    except OSError:
        return ""
