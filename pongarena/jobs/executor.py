"""Who does tasks for this process, as an executor of `concurrent.futures`: here, its own processes.

They are never half started, deaf to Ctrl-C, end with the process that they work for, and are quiet when they
die: where a module cannot be loaded, for want of memory for instance, a line says so and no traceback does.
"""

import itertools
import multiprocessing
import os
import pickle
import sys
import threading
import traceback
from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Executor, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, ClassVar, ParamSpec, TypeVar

from pongarena.core.errors import PongArenaError
from pongarena.core.interrupts import without_interrupts
from pongarena.jobs.niceness import step_back

__all__ = ["PROGRESS", "ProcessExecutor", "TaskExecutor", "WorkerDiedError", "own_processes", "tell_progress"]

_P = ParamSpec("_P")
_R = TypeVar("_R")

_LOOK_EVERY_S = 0.1

_ENDS_WITHIN_S = 1.0
"""After its line was closed, a process has so long to end."""

PROGRESS: ContextVar[Callable[[int], None] | None] = ContextVar("PROGRESS", default=None)
"""Takes the progress of the present task to the process that waits for it, if one does."""


class WorkerDiedError(PongArenaError):
    """The process that did a task was killed, or could not begin."""


class TaskExecutor(Executor):
    """Does tasks somewhere else: what evaluations, tournaments and the lab ask for.

    A task is a function of a module's top level, and all that it depends on is in its arguments: it has the
    same result wherever, and however often, it is done.
    """

    in_hand: ClassVar[int] = 1
    """Tasks that are worth handing out at once for each worker."""

    def __init__(self) -> None:
        self._told: Counter[int] = Counter()

    @property
    @abstractmethod
    def workers(self) -> int:
        """How many tasks are done at once, now; 0 while a worker is waited for.

        Raises:
            ClusterError: When all who worked are gone.
        """

    @abstractmethod
    def submit(self, function: Callable[_P, _R], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_R]:
        """Let somebody do something; what it raises is raised by the future's ``result``.

        Args:
            function: Of a module's top level.
            args: For it; they and the result can be pickled.
            kwargs: Likewise.

        Note: the future's result raises `WorkerDiedError` when the process that did it was killed.
        """

    def share(self, value: _R) -> _R:
        """What stands for a large value among the arguments of several tasks."""
        return value

    def run_all(
        self,
        function: Callable[..., Any],
        calls: Iterable[Sequence[object]],
        on_progress: Callable[[int], None],
    ) -> list[Any]:
        """Do several things at once, and wait for them.

        Args:
            function: Of a module's top level.
            calls: Its arguments, one row for each call.
            on_progress: Takes the sum of what they told by `tell_progress`, as often as it changes.

        Returns:
            The results in the order of the calls.

        Raises:
            WorkerDiedError: When a process was killed.
            ClusterError: When all who worked are gone.
        """
        futures = [self.submit(function, *call) for call in calls]
        waiting, told = set(futures), 0
        while waiting:
            _ = self.workers  # raises when nobody is left to wait for
            done, waiting = wait(waiting, _LOOK_EVERY_S, FIRST_EXCEPTION)
            for each in done:
                each.result()
            if (now := self._told.total()) != told:
                told = now
                on_progress(told)
        return [each.result() for each in futures]

    def __exit__(self, *_: object) -> None:
        """Drop all tasks, also those under way."""
        self.shutdown(cancel_futures=True)


class ProcessExecutor(TaskExecutor):
    """A fixed number of processes; each begins with its first task, and anew after it was killed.

    Leaving its ``with`` ends all processes: who wants a result waits for it before.
    """

    def __init__(self, workers: int, *, niceness: int = 0) -> None:
        """Args: the number of processes, and how nice they are (0..19)."""
        super().__init__()
        self._count, self._niceness = workers, niceness
        # a thread waits for each process, and starts it
        self._threads = ThreadPoolExecutor(workers, "executor")
        self._own = threading.local()
        self._lock = threading.Lock()
        self._closed = False
        self._processes: list[BaseProcess] = []
        self._numbers = itertools.count()

    @property
    def workers(self) -> int:
        """The number of processes."""
        return self._count

    def submit(self, function: Callable[_P, _R], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_R]:
        """Let a process do something; see `TaskExecutor.submit`."""
        return self._threads.submit(self._do, next(self._numbers), function, args, kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more tasks; see `concurrent.futures.Executor.shutdown`.

        Args:
            wait: For the tasks that are under way.
            cancel_futures: Drop all tasks, also those under way.
        """
        if cancel_futures:
            with self._lock:
                self._closed = True
                for process in self._processes:
                    process.kill()
        self._threads.shutdown(wait=wait, cancel_futures=cancel_futures)
        for process in self._processes if wait else ():
            process.kill()
            process.join()

    def _do(self, number: int, *task: object) -> Any:  # noqa: ANN401
        """In a thread: hand a task to its process, and wait for what comes of it."""
        try:
            line = self._line_to_worker()
            line.send_bytes(pickle.dumps(task))
            said, told = line.recv()
            while said == "progress":
                self._told[number] = told
                said, told = line.recv()
        except (EOFError, OSError) as error:
            self._own.line = None
            raise WorkerDiedError(_why_it_ended(getattr(self._own, "process", None))) from error
        if said == "error":
            raise told
        return told

    def _line_to_worker(self) -> "Connection[Any, Any]":
        line: Connection[Any, Any] | None = getattr(self._own, "line", None)
        if line is not None:
            return line
        # a forked process would inherit the emulator's threads in an unknown state
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_live, args=(theirs, self._niceness), daemon=True)
        with self._lock:
            if self._closed:
                raise EOFError
            with without_interrupts():
                process.start()
            self._processes.append(process)
        theirs.close()  # so that our end notices when theirs is gone
        self._own.line, self._own.process = ours, process
        return ours


def own_processes(
    instead: TaskExecutor | None, workers: int, *, niceness: int = 0
) -> AbstractContextManager[TaskExecutor]:
    """Processes that end with the ``with``; or what somebody gave instead, which stays.

    Args:
        instead: Does the tasks if it is there.
        workers: The number of processes.
        niceness: Of those (0..19).
    """
    if instead is not None:
        return nullcontext(instead)
    return ProcessExecutor(workers, niceness=niceness)


def _why_it_ended(process: BaseProcess | None) -> str:
    """What to do about a process that was killed, or ended with an error, as one that cannot start."""
    if process is not None:
        process.join(_ENDS_WITHIN_S)
    if process is None or (process.exitcode or 0) <= 0:
        return (
            "expected all helper processes to finish, got one that was killed; free some memory, then "
            "try again"
        )
    return (
        "expected all helper processes to work, got one that ended with an error (exit status "
        f"{process.exitcode}); see what it said above. If no memory was left, free some; a script of "
        'your own has to call this below if __name__ == "__main__":'
    )


def tell_progress(done: int) -> None:
    """Say how much of the present task is done, for who waits in `run_all`; elsewhere nobody hears it."""
    if (tell := PROGRESS.get()) is not None:
        tell(done)


def _live(line: "Connection[Any, Any]", niceness: int) -> None:
    """The life of a process: one task after the other, until nobody is there to hear of it."""
    PROGRESS.set(lambda done: line.send(("progress", done)))
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if niceness:
        step_back(niceness)
    try:
        while True:
            function, args, kwargs = pickle.loads(line.recv_bytes())
            line.send(_outcome(function, args, kwargs))
    except (MemoryError, ImportError) as error:
        print(f"a helper process cannot work: {error or 'no memory left'}", file=sys.stderr)
        os._exit(1)
    except (EOFError, OSError):  # nobody listens any more
        os._exit(1)


def _outcome(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[str, Any]:
    try:
        return "result", function(*args, **kwargs)
    except MemoryError:
        raise
    except Exception as error:
        where = traceback.format_exc()
        try:
            pickle.loads(pickle.dumps(error))
        except Exception:
            error = RuntimeError(str(error))
        error.add_note(where)
        return "error", error


def _end_with_parent() -> None:
    """Ends this process with the one that started it, in the middle of its work too."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)
