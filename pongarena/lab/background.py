"""All background jobs: training sessions, tournaments and lab runs."""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pongarena.core import paths
from pongarena.core.errors import PongArenaError
from pongarena.core.files import stamp_of
from pongarena.core.reading import read_json
from pongarena.jobs.process import how_to_continue, is_suspended
from pongarena.jobs.status import State
from pongarena.lab.store import find_run
from pongarena.library.models import Library
from pongarena.match.tournament import find

if TYPE_CHECKING:
    from pongarena.match.tournament_results import Results

__all__ = ["Job", "JobWatcher", "sessions_at_work"]

_ENOUGH = 4
"""Matches needed to estimate the speed."""

_LARGEST = 1 << 20
"""In bytes; a larger run.json is damaged."""

_LAB, _TOURNAMENT = "lab", "tournament"


@dataclass(frozen=True)
class Job:
    """A background job.

    Attributes:
        kind: ``training``, ``tournament`` or ``lab``; also the name of its main screen.
        name: The model's name, or the id.
        state: Running, paused or starting.
        done: Completed share, 0 to 1; None if it is endless.
        words: Progress, in words.
        seconds_left: Estimated remaining time; None if unknown.
    """

    kind: str
    name: str
    state: State
    done: float | None
    words: str
    seconds_left: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the job as JSON types, for scripts."""
        return asdict(self) | {"state": str(self.state)}


class JobWatcher:
    """Watches tournaments and lab runs cheaply: an idle one is read again only after a change."""

    def __init__(self) -> None:
        self._stamps: dict[Path, tuple[int, int]] = {}
        self._live: set[Path] = set()
        self._results: dict[Path, Results] = {}
        self._begun: dict[Path, tuple[float, float]] = {}

    def look(self) -> tuple[Job, ...]:
        """Return the running and paused jobs, tournaments first."""
        found = []
        for kind, status in _status_files():
            stamp = stamp_of(status)
            if stamp is None or (stamp == self._stamps.get(status) and status not in self._live):
                continue
            self._stamps[status] = stamp
            job = None
            with suppress(PongArenaError):  # damaged, or deleted meanwhile: their own screens show why
                job = self._tournament(status) if kind == _TOURNAMENT else self._lab_run(status)
            if job is None:
                self._live.discard(status)
                self._results.pop(status, None)
                self._begun.pop(status, None)
            else:
                self._live.add(status)
                found.append(job)
        return tuple(found)

    def _tournament(self, status: Path) -> Job | None:
        if not _says_it_runs(status):
            return None
        # these import the emulator, which is only needed while a tournament is played
        from pongarena.match.eta import Pace  # noqa: PLC0415
        from pongarena.match.tournament_results import Results  # noqa: PLC0415
        from pongarena.match.tournament_run import read_run  # noqa: PLC0415

        results = self._results.get(status)
        made = find(status.parent.name) if results is None else results.tournament
        run = read_run(made)
        if made.fault or not run.running:
            return None
        results = self._results.setdefault(status, results or Results(made))
        results.refresh()
        games = tuple(results.games.values())
        pace = Pace.of(games) if len(games) >= _ENOUGH else None
        left = made.matches - len(games)
        return Job(
            _TOURNAMENT,
            made.id,
            State.RUNNING,
            len(games) / max(1, made.matches),
            f"{len(games):,} of {made.matches:,} matches",
            pace.seconds(left, made.points, run.workers) if pace else None,
        )

    def _lab_run(self, status: Path) -> Job | None:
        run = find_run(status.parent.name)
        now = run.status()
        if not now.active:
            return None
        return Job(
            _LAB,
            run.id,
            now.state,
            min(1.0, now.steps / max(1, run.amount)),
            now.message or str(now.state),
            self._rest(status, now.steps, run.amount) if now.state is State.RUNNING else None,
        )

    def _rest(self, status: Path, done: float, amount: float) -> float | None:
        """Estimate a run's remaining seconds from its speed since it was first seen."""
        then, before = self._begun.setdefault(status, (time.monotonic(), done))
        if done <= before:
            return None
        return (amount - done) * (time.monotonic() - then) / (done - before)


def sessions_at_work(library: Library) -> Iterator[Job]:
    """Yield the sessions that train, are paused, or wait in the queue."""
    for model in library.models():
        status = model.status()
        if model.fault is not None or not (status.active or status.waits):
            continue
        target = status.target_episode
        games = f"{status.episode:,}" + (f" of {target:,}" if target else "")
        done = min(1.0, status.episode / target) if target else None
        words = f"{games} games"
        if status.active and is_suspended(status.pid):
            words += f"; suspended, {how_to_continue(status.pid)}"
        yield Job("training", model.name, status.state, done, words, status.seconds_left)


def _status_files() -> Iterator[tuple[str, Path]]:
    """Yield the status file of each tournament and lab run."""
    for kind, root, name in (
        (_TOURNAMENT, paths.tournaments_dir(), "run.json"),
        (_LAB, paths.lab_dir(), "status.json"),
    ):
        with suppress(OSError):
            for folder in sorted(root.iterdir(), reverse=True):
                if not folder.name.startswith("."):
                    yield kind, folder / name


def _says_it_runs(status: Path) -> bool:
    """Return whether a tournament was being played when the file was written."""
    try:
        said = read_json(status, limit=_LARGEST)
    except (OSError, ValueError):
        return False
    return isinstance(said, dict) and said.get("running") is True
