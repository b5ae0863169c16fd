"""Run a tournament: play as many matches in parallel as there are cores, in separate processes.

Or run it on a cluster's workers. They have no library, so the networks are sent with the matches.

One process, which holds the tournament's lock, hands out the matches and writes their results; the others
play. A killed player process is replaced, and its match is played again. When the process that hands out
matches is gone, the others end by themselves.
"""

import contextlib
import os
import subprocess
import time
import traceback
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import psutil

from pongarena.core.errors import ClusterError, LibraryError, MatchError, PongArenaError, SessionError
from pongarena.core.files import write_json_atomically
from pongarena.core.records import Count, Lines, Real, Word, Words, read_record
from pongarena.jobs.background import last_words, wait_for_start
from pongarena.jobs.background import start_in_background as launch
from pongarena.jobs.executor import TaskExecutor, WorkerDiedError, own_processes
from pongarena.jobs.process import ProcessMark, is_alive, require_awake
from pongarena.library.models import Library
from pongarena.library.staging import remove_unfinished_files
from pongarena.match.entrants import seat
from pongarena.match.players import PlayerSpec
from pongarena.match.tournament import Fixture, Tournament, hold
from pongarena.match.tournament_play import play_fixture, play_seated
from pongarena.match.tournament_results import Absent, Game, Results, ResultsWriter

__all__ = ["Run", "cores", "read_run", "run", "start_in_background", "stop"]

FORMAT_VERSION = 1
"""Format of ``run.json``."""

_LARGEST = 1 << 20
"""Bytes; a larger run.json is damage."""

_NICENESS = 10
"""Niceness of the processes that play: windows, the app and other programs go first."""

_LOOK_EVERY_S = 0.2
_MOST_DEATHS = 3
"""The tournament ends with an error when this many processes died in one match."""

_POLL_S = 0.05

_SHARED = 64
"""The most networks that a scheduler keeps for later matches."""


@dataclass(frozen=True)
class Run:
    """The state of a tournament's run (``run.json``).

    Attributes:
        running: Whether a process plays it now.
        pid: That process, or the last one.
        created: When the process was created, Unix time.
        birth: The same time by the kernel, which no clock change affects; empty where there is none.
        workers: Number of parallel matches.
        missing: Players who cannot play, and why.
        message: Why it ended unexpectedly; empty when it was stopped or finished.
    """

    running: bool = False
    pid: Count = 0
    created: Real = 0.0
    birth: Word = ""
    workers: Count = 0
    missing: Words = field(default_factory=dict)
    message: Lines = ""


def cores() -> int:
    """The default number of parallel matches."""
    with contextlib.suppress(AttributeError, OSError):
        return max(1, len(psutil.Process().cpu_affinity() or ()))
    return os.cpu_count() or 1


def read_run(tournament: Tournament) -> Run:
    """Read the state of the run. A damaged file counts as no run; the next run replaces it."""
    try:
        found = read_record(tournament.path / "run.json", Run, limit=_LARGEST, version=FORMAT_VERSION)
    except (OSError, ValueError):
        return Run()
    if found.running and not is_alive(found.pid, found.created, found.birth):
        return replace(found, running=False, message="interrupted: its process was killed")
    return found


def run(
    tournament: Tournament,
    *,
    workers: int | None = None,
    on_game: Callable[[Game], None] | None = None,
    stopped: Callable[[], bool] = lambda: False,
    executor: TaskExecutor | None = None,
) -> Run:
    """Play all matches that are not played yet. Results of played matches are kept in any case.

    Args:
        tournament: The tournament.
        workers: Number of parallel matches; by default as many as there are cores.
        on_game: Called after a match's result is on the disk.
        stopped: Called a few times a second; returns whether to end and drop the matches under way.
        executor: A cluster that plays instead of own processes.

    Returns:
        The final state of the run; `Results` has the matches.

    Raises:
        SessionError: When another process plays it.
        LibraryError: When results cannot be written, a newer pongarena wrote some, or players keep dying.
        ClusterError: When the cluster is gone.
        MatchError: When a player from a file would have to play on a cluster.
    """
    if executor is not None and (files := [each.name for each in tournament.entrants if each.source]):
        raise MatchError(
            f"expected models and ai on a cluster, got {', '.join(files)}: players from files play on the "
            "machine that has them; leave out --scheduler"
        )
    with hold(tournament):
        remove_unfinished_files(tournament.path)
        results = Results.of(tournament)
        if results.newer:  # the matches of those lines would be played again
            raise LibraryError(f"the tournament {tournament.id} cannot go on here: {results.complaint}")
        waiting = deque(each for each in tournament.fixtures if each.number not in results.games)
        at_once = executor.workers if executor else min(workers or cores(), max(1, len(waiting)))
        now = Run(True, **asdict(ProcessMark.of(os.getpid())), workers=at_once)
        _write_run(tournament, now)
        message, missing = "ended by an error", {}
        told = on_game or (lambda _: None)
        try:
            with (
                closing(ResultsWriter(tournament)) as writer,
                own_processes(executor, at_once, niceness=_NICENESS) as players,
            ):
                seats = _SharedSeats(tournament, executor) if executor else None
                play = _Play(tournament, players, waiting, seats)
                for game in play.games(stopped):
                    writer.add(game)
                    told(game)
            missing = play.missing
            message = ""
        except PongArenaError as error:
            message = str(error)
            raise
        finally:
            now = replace(now, running=False, missing=missing, message=message)
            with contextlib.suppress(LibraryError):  # a full disk was already reported
                _write_run(tournament, now)
    return now


def start_in_background(
    tournament: Tournament,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> None:
    """Play it in a separate process that outlives this one, and wait until that has started.

    Raises:
        SessionError: When it is being played already, or the process fails.
        LibraryError: When its folder cannot be written.
    """
    if read_run(tournament).running:
        raise SessionError(f"the tournament {tournament.id} is being played already")
    process = _spawn(tournament, workers, scheduler)

    def begun() -> bool:
        return read_run(tournament).pid == process.pid

    if wait_for_start(process, begun, leave=cancelled) is not None:
        raise SessionError(
            f"the tournament did not start: {last_words(_log(tournament)) or 'it said nothing'}"
        )


def stop(tournament: Tournament, timeout_s: float = 10.0) -> None:
    """End the process that plays it; matches under way are dropped, all others are kept.

    Raises:
        SessionError: When nobody plays it, or it does not end.
    """
    found = read_run(tournament)
    if not found.running:
        raise SessionError(
            f"the tournament {tournament.id} is not being played; resume it: pongarena tournament resume "
            f"{tournament.id}"
        )
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(found.pid).terminate()
    deadline = time.monotonic() + timeout_s
    while read_run(tournament).running:
        require_awake(found.pid, f"the tournament {tournament.id}")
        if time.monotonic() > deadline:
            raise SessionError(f"the tournament's process {found.pid} did not end within {timeout_s:.0f} s")
        time.sleep(_POLL_S)


class _SharedSeats:
    """The networks of a tournament, read here and sent to a cluster."""

    def __init__(self, tournament: Tournament, executor: TaskExecutor) -> None:
        self._executor, self._library = executor, Library()
        self._entrants = {each.name: each for each in tournament.entrants}
        self._shared: OrderedDict[str, PlayerSpec] = OrderedDict()

    def player(self, name: str) -> PlayerSpec:
        """Return a player's shared object for tasks.

        Raises:
            PongArenaError: When the checkpoint is gone, damaged, or has changed.
        """
        if name not in self._shared:
            self._shared[name] = self._executor.share(seat(self._library, self._entrants[name]))
        self._shared.move_to_end(name)
        while len(self._shared) > _SHARED:
            self._shared.popitem(last=False)
        return self._shared[name]


@dataclass
class _Play:
    """Hands out the matches of a tournament, and collects their results."""

    tournament: Tournament
    executor: TaskExecutor
    waiting: deque[Fixture]
    seats: _SharedSeats | None = None
    under_way: dict["Future[Game | Absent]", Fixture] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    deaths: Counter[int] = field(default_factory=Counter)

    def games(self, stopped: Callable[[], bool]) -> Iterator[Game]:
        """Yield matches as they end; `missing` has the players who cannot play."""
        while not stopped():
            at_once = self.executor.workers  # asked even when nothing waits: raises when all workers are gone
            while self.waiting and len(self.under_way) < at_once * self.executor.in_hand:
                self._hand_out(self.waiting.popleft())
            if not self.under_way:
                if not self.waiting:
                    return
                time.sleep(_LOOK_EVERY_S)  # until a worker arrives
                continue
            for ended in wait(self.under_way, _LOOK_EVERY_S, FIRST_COMPLETED).done:
                told = self._result(self.under_way.pop(ended), ended)
                if isinstance(told, Game):
                    yield told

    def _hand_out(self, fixture: Fixture) -> None:
        if self.seats is None:
            self.under_way[self.executor.submit(play_fixture, self.tournament, fixture)] = fixture
            return
        players = []
        for name in (fixture.left, fixture.right):
            try:
                players.append(self.seats.player(name))
            except ClusterError:
                raise
            except PongArenaError as error:
                self._leave_out(Absent(name, str(error)))
                return
        task = self.executor.submit(play_seated, self.tournament, fixture, *players)
        self.under_way[task] = fixture

    def _leave_out(self, absent: Absent) -> None:
        self.missing[absent.player] = absent.reason
        self.waiting = deque(each for each in self.waiting if absent.player not in (each.left, each.right))

    def _result(self, fixture: Fixture, ended: "Future[Game | Absent]") -> Game | None:
        try:
            told = ended.result()
        except WorkerDiedError as error:
            self._play_again(fixture, error)
            return None
        except ClusterError:
            raise
        except Exception as error:
            where = "".join(traceback.format_exception(error))
            raise LibraryError(f"a match failed because of a bug in pongarena:\n{where}") from error
        if isinstance(told, Game):
            return told
        self._leave_out(told)
        return None

    def _play_again(self, fixture: Fixture, error: Exception) -> None:
        self.deaths[fixture.number] += 1
        if self.deaths[fixture.number] == _MOST_DEATHS:
            raise LibraryError(
                f"the process that played match {fixture.number} ({fixture.left} against {fixture.right}) "
                f"died {_MOST_DEATHS} times; free some memory, then resume"
            ) from error
        self.waiting.appendleft(fixture)


def _spawn(tournament: Tournament, workers: int | None, scheduler: str | None) -> "subprocess.Popen[bytes]":
    words = ["tournament", "run", tournament.id]
    if workers is not None:
        words += ["--jobs", str(workers)]
    if scheduler is not None:
        words += ["--scheduler", scheduler]
    return launch(words, _log(tournament), what=f"the tournament {tournament.id}", anew=True)


def _log(tournament: Tournament) -> Path:
    return tournament.path / "run.log"


def _write_run(tournament: Tournament, now: Run) -> None:
    write_json_atomically(tournament.path / "run.json", {"format_version": FORMAT_VERSION, **asdict(now)})
