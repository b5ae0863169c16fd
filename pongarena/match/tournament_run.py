"""Plays a tournament: as many matches at once as the processor has cores, in processes of their own.

One process, the holder of the tournament's lock, hands out the matches and writes their results; the others
play. A player process that is killed is replaced and its match played again; when the one that hands out is
gone, however it went, the others end by themselves.
"""

import contextlib
import os
import subprocess
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import psutil

from pongarena.core.children import start_child
from pongarena.core.errors import LibraryError, PongArenaError, SessionError
from pongarena.core.files import write_json_atomically
from pongarena.core.interrupts import without_interrupts
from pongarena.core.records import Count, Lines, Real, Word, Words, read_record
from pongarena.jobs.background import last_words, wait_for_start
from pongarena.jobs.background import start_in_background as launch
from pongarena.jobs.process import birth_of, is_alive, require_awake
from pongarena.library.staging import remove_unfinished_files
from pongarena.match.tournament import Fixture, Tournament, hold
from pongarena.match.tournament_results import Absent, Broken, Game, Results, ResultsWriter

__all__ = ["Run", "cores", "read_run", "run", "start_in_background", "stop"]

FORMAT_VERSION = 1
"""Of ``run.json``."""

_LARGEST = 1 << 20
"""Bytes; a larger run.json is damage."""

_LOOK_EVERY_S = 0.2
_MOST_DEATHS = 3
"""Processes that may die of one match before the tournament ends with an error."""

_POLL_S = 0.05


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
) -> Run:
    """Play all matches that are not played yet; what was played stays, whatever happens.

    Args:
        tournament: Which one.
        workers: Matches at once; as many as there are cores by default.
        on_game: Called after a match's result is on the disk.
        stopped: Asked a few times a second whether to end; matches under way are dropped then.

    Returns:
        How it ended; `Results` knows the rest.

    Raises:
        SessionError: When another process plays it.
        LibraryError: When results cannot be written, a newer pongarena wrote some, or players keep dying.
    """
    with hold(tournament):
        remove_unfinished_files(tournament.path)
        results = Results.of(tournament)
        if results.newer:  # those matches would be played once more
            raise LibraryError(f"the tournament {tournament.id} cannot go on here: {results.complaint}")
        waiting = deque(each for each in tournament.fixtures if each.number not in results.games)
        crew = min(workers or cores(), max(1, len(waiting)))
        me = psutil.Process()
        now = Run(True, me.pid, me.create_time(), birth_of(me.pid), crew)
        _write_run(tournament, now)
        message, missing = "ended by an error", {}
        try:
            writer = ResultsWriter(tournament)
            try:
                with _WorkerPool(tournament, crew) as players:
                    missing = _play_all(players, waiting, writer, on_game, stopped)
            finally:
                writer.close()
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
    tournament: Tournament, *, workers: int | None = None, cancelled: Callable[[], bool] = lambda: False
) -> None:
    """Play it in a process of its own, which outlives this one, and wait until it has begun.

    Raises:
        SessionError: When it is being played already, or the process fails.
        LibraryError: When its folder cannot be written.
    """
    if read_run(tournament).running:
        raise SessionError(f"the tournament {tournament.id} is being played already")
    process = _spawn(tournament, workers)

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


def _play_all(
    crew: "_WorkerPool",
    waiting: deque[Fixture],
    writer: ResultsWriter,
    on_game: Callable[[Game], None] | None,
    stopped: Callable[[], bool],
) -> dict[str, str]:
    """Hand out, and write what comes back.

    Returns:
        The players whose matches cannot be played, and why.
    """
    missing: dict[str, str] = {}
    deaths: Counter[int] = Counter()
    while not stopped():
        crew.hand_out(waiting)
        if not crew.busy:
            break
        for told in crew.listen(_LOOK_EVERY_S):
            if isinstance(told, Game):
                writer.add(told)
                if on_game is not None:
                    on_game(told)
            elif isinstance(told, Absent):
                missing[told.player] = told.reason
                left = [each for each in waiting if told.player not in (each.left, each.right)]
                waiting.clear()
                waiting.extend(left)
            elif isinstance(told, Broken):
                raise LibraryError(f"a match failed, which is a fault of pongarena's:\n{told.traceback}")
            else:
                deaths[told.number] += 1
                if deaths[told.number] == _MOST_DEATHS:
                    raise LibraryError(
                        f"the process that played match {told.number} ({told.left} against {told.right}) "
                        f"died {_MOST_DEATHS} times; free some memory, then resume"
                    )
                waiting.appendleft(told)
    return missing


class _WorkerPool:
    """The processes that play; each has one match at a time."""

    def __init__(self, tournament: Tournament, size: int) -> None:
        self._tournament = tournament
        self._size = size
        self._members: list[_Member] = []

    def __enter__(self) -> "_WorkerPool":
        return self

    def __exit__(self, *_: object) -> None:
        for member in self._members:
            member.process.kill()
        for member in self._members:
            member.process.join()
            member.line.close()

    @property
    def busy(self) -> bool:
        """Whether a match is under way."""
        return any(member.playing for member in self._members)

    def hand_out(self, waiting: deque[Fixture]) -> None:
        """Give everybody who is free a match."""
        while len(self._members) < min(self._size, len(waiting) + len(self._members)):
            with without_interrupts():
                self._members.append(self._hire())
        for member in self._members:
            if waiting and member.playing is None:
                member.playing = waiting.popleft()
                with contextlib.suppress(OSError):  # dead already: `listen` finds out
                    member.line.send(member.playing)

    def listen(self, timeout_s: float) -> Iterator["Game | Absent | Broken | Fixture"]:
        """What those say who have ended a match; the fixture itself of one whose process died."""
        lines = {member.line: member for member in self._members}
        for line in wait(list(lines), timeout_s):
            member = lines[line]  # type: ignore[index]  # only these were waited for
            try:
                told = member.line.recv()
            except (EOFError, OSError):
                self._members.remove(member)
                member.process.kill()
                member.process.join()
                member.line.close()
                if member.playing is not None:
                    yield member.playing
                continue
            member.playing = None
            yield told

    def _hire(self) -> "_Member":
        started: list[BaseProcess] = []
        line = start_child("pongarena.match.tournament_play:serve", self._tournament, into=started)
        return _Member(started[0], line)


@dataclass(eq=False)
class _Member:
    process: BaseProcess
    line: "Connection[Any, Any]"
    playing: Fixture | None = None


def _spawn(tournament: Tournament, workers: int | None) -> "subprocess.Popen[bytes]":
    words = ["tournament", "run", tournament.id]
    if workers is not None:
        words += ["--jobs", str(workers)]
    return launch(words, _log(tournament), what=f"the tournament {tournament.id}", anew=True)


def _log(tournament: Tournament) -> Path:
    return tournament.path / "run.log"


def _write_run(tournament: Tournament, now: Run) -> None:
    write_json_atomically(tournament.path / "run.json", {"format_version": FORMAT_VERSION, **asdict(now)})
