"""Plays a tournament: as many matches at once as the processor has cores, in processes of their own.

Or on a cluster's workers, which are sent the networks with the matches: they have no library.

One process, the holder of the tournament's lock, hands out the matches and writes their results; the others
play. A player process that is killed is replaced and its match played again; when the one that hands out is
gone, however it went, the others end by themselves.
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
"""Of ``run.json``."""

_LARGEST = 1 << 20
"""Bytes; a larger run.json is damage."""

_NICENESS = 10
"""Of the processes that play: windows, the app and whoever is at the keyboard go first."""

_LOOK_EVERY_S = 0.2
_MOST_DEATHS = 3
"""Processes that may die of one match before the tournament ends with an error."""

_POLL_S = 0.05

_SHARED = 64
"""Networks that a scheduler keeps for matches to come."""


@dataclass(frozen=True)
class Run:
    """Whether a tournament is being played (``run.json``).

    Attributes:
        running: Whether a process plays it now.
        pid: That process, or the last one.
        created: When it was created, unix time.
        birth: The same in the kernel's own words, which no clock changes; empty where it has none.
        workers: Matches at once.
        missing: Players whose matches cannot be played, and why.
        message: Why it ended, when it was neither asked to nor done.
    """

    running: bool = False
    pid: Count = 0
    created: Real = 0.0
    birth: Word = ""
    workers: Count = 0
    missing: Words = field(default_factory=dict)
    message: Lines = ""


def cores() -> int:
    """How many matches are played at once if nobody says otherwise."""
    with contextlib.suppress(AttributeError, OSError):
        return max(1, len(psutil.Process().cpu_affinity() or ()))
    return os.cpu_count() or 1


def read_run(tournament: Tournament) -> Run:
    """Whether somebody plays it; never raises for a damaged file, which the next run replaces."""
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
    """Play all matches that are not played yet; what was played stays, whatever happens.

    Args:
        tournament: Which one.
        workers: Matches at once; as many as there are cores by default.
        on_game: Called after a match's result is on the disk.
        stopped: Asked a few times a second whether to end; matches under way are dropped then.
        executor: A cluster, which plays in place of own processes.

    Returns:
        How it ended; `Results` knows the rest.

    Raises:
        SessionError: When another process plays it.
        LibraryError: When results cannot be written, a newer pongarena wrote some, or players keep dying.
        ClusterError: When the cluster went away.
        MatchError: When a player from a file is to play on a cluster.
    """
    if executor is not None and (files := [each.name for each in tournament.entrants if each.source]):
        raise MatchError(
            f"expected models and ai on a cluster, got {', '.join(files)}: players from files play on the "
            "machine that has them; leave --scheduler away"
        )
    with hold(tournament):
        remove_unfinished_files(tournament.path)
        results = Results.of(tournament)
        if results.newer:  # those matches would be played once more
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
            with contextlib.suppress(LibraryError):  # a full disk has been told of already
                _write_run(tournament, now)
    return now


def start_in_background(
    tournament: Tournament,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> None:
    """Play it in a process of its own, which outlives this one, and wait until it has begun.

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
            f"the tournament did not begin: {last_words(_log(tournament)) or 'it said nothing'}"
        )


def stop(tournament: Tournament, timeout_s: float = 10.0) -> None:
    """Let whoever plays it end; matches under way are dropped, all others are kept.

    Raises:
        SessionError: When nobody plays it, or it does not end.
    """
    found = read_run(tournament)
    if not found.running:
        raise SessionError(
            f"the tournament {tournament.id} is not being played; go on with it: pongarena tournament resume "
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
        """What stands for a player in a task.

        Raises:
            PongArenaError: When the checkpoint is gone, damaged, or another network.
        """
        if name not in self._shared:
            self._shared[name] = self._executor.share(seat(self._library, self._entrants[name]))
        self._shared.move_to_end(name)
        while len(self._shared) > _SHARED:
            self._shared.popitem(last=False)
        return self._shared[name]


@dataclass
class _Play:
    """The matches of a tournament, as they are handed out and come back."""

    tournament: Tournament
    executor: TaskExecutor
    waiting: deque[Fixture]
    seats: _SharedSeats | None = None
    under_way: dict["Future[Game | Absent]", Fixture] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    deaths: Counter[int] = field(default_factory=Counter)

    def games(self, stopped: Callable[[], bool]) -> Iterator[Game]:
        """Those that are played, as they end; `missing` tells whose matches cannot be played, and why."""
        while not stopped():
            at_once = self.executor.workers  # also while nothing waits: it tells when all are gone
            while self.waiting and len(self.under_way) < at_once * self.executor.in_hand:
                self._hand_out(self.waiting.popleft())
            if not self.under_way:
                if not self.waiting:
                    return
                time.sleep(_LOOK_EVERY_S)  # for a worker to come
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
            raise LibraryError(f"a match failed, which is a fault of pongarena's:\n{where}") from error
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
