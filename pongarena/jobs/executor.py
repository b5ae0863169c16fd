"""Executors of `concurrent.futures` that run tasks in other processes; here, in processes of our own.

Those ignore the signals that end other programs, and end with the process that they work for. One that cannot
load a module, for lack of memory for instance, prints one line instead of a traceback.
"""

import itertools
import multiprocessing
import os
import pickle
import signal
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
"""How long a process may take to end after its pipe was closed."""

PROGRESS: ContextVar[Callable[[int], None] | None] = ContextVar("PROGRESS", default=None)
"""Reports the progress of the present task to the process that waits for it; None outside of a task."""


class WorkerDiedError(PongArenaError):
    """The process of a task was killed, or could not start."""


class TaskExecutor(Executor):
    """Runs tasks in other processes; evaluations, tournaments and the lab use it.

    A task is a function at the top level of a module that depends on its arguments only: it has the same
    result wherever, and however often, it runs.
    """

    in_hand: ClassVar[int] = 1
    """How many tasks to hand out at a time for each worker."""

    def __init__(self) -> None:
        self._told: Counter[int] = Counter()

    @property
    @abstractmethod
    def workers(self) -> int:
        """How many tasks run in parallel now; 0 while there is no worker yet.

        Raises:
            ClusterError: When all workers are gone.
        """

    @abstractmethod
    def submit(self, function: Callable[_P, _R], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_R]:
        """Run a task; the future's ``result`` raises what the task raises.

        Args:
            function: A function at the top level of a module.
            args: Its arguments; they and the result can be pickled.
            kwargs: Likewise.

        Note: the future's ``result`` raises `WorkerDiedError` when the process of the task was killed.
        """

    def share(self, value: _R) -> _R:
        """Return a stand-in for a large value, to pass as an argument to several tasks."""
        return value

    def run_all(
        self,
        function: Callable[..., Any],
        calls: Iterable[Sequence[object]],
        on_progress: Callable[[int], None],
    ) -> list[Any]:
        """Run several tasks in parallel, and wait for them.

        Args:
            function: A function at the top level of a module.
            calls: Its arguments, one row for each call.
            on_progress: Called with the sum of what the tasks told `tell_progress`, whenever it changes.

        Returns:
            The results in the order of the calls.

        Raises:
            WorkerDiedError: When a process was killed.
            ClusterError: When all workers are gone.
        """
        futures = [self.submit(function, *call) for call in calls]
        waiting, told = set(futures), 0
        while waiting:
            _ = self.workers  # raises when no worker is left
            done, waiting = wait(waiting, _LOOK_EVERY_S, FIRST_EXCEPTION)
            for each in done:
                each.result()
            if (now := self._told.total()) != told:
                told = now
                on_progress(told)
        return [each.result() for each in futures]

    def __exit__(self, *_: object) -> None:
        """Drop all tasks, also running ones."""
        self.shutdown(cancel_futures=True)


class ProcessExecutor(TaskExecutor):
    """A fixed number of processes; each starts with its first task, and again after it was killed.

    Leaving the ``with`` block kills all processes: wait for the results inside it.
    """

    def __init__(self, workers: int, *, niceness: int = 0) -> None:
        """Set the number of processes, and their niceness (0..19)."""
        super().__init__()
        self._count, self._niceness = workers, niceness
        # each thread starts one process, and waits for its results
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
        """Run a task in one of the processes; see `TaskExecutor.submit`."""
        return self._threads.submit(self._do, next(self._numbers), function, args, kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more tasks; see `concurrent.futures.Executor.shutdown`.

        Args:
            wait: Whether to wait for the running tasks.
            cancel_futures: Whether to drop all tasks, also running ones.
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
        """Hand a task to the process of this thread, and wait for its result."""
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
            with without_interrupts(signal.SIGTERM):  # it ends with us, and `timeout` ends whole groups
                process.start()
            self._processes.append(process)
        theirs.close()  # or our end would not notice that the process is gone
        self._own.line, self._own.process = ours, process
        return ours


def own_processes(
    instead: TaskExecutor | None, workers: int, *, niceness: int = 0
) -> AbstractContextManager[TaskExecutor]:
    """Return an executor for a ``with`` block: own processes that end with it, or one that stays open.

    Args:
        instead: The executor to use instead, if any.
        workers: The number of processes.
        niceness: Of those processes (0..19).
    """
    if instead is not None:
        return nullcontext(instead)
    return ProcessExecutor(workers, niceness=niceness)


def _why_it_ended(process: BaseProcess | None) -> str:
    """Say why a process ended, and what to do about it."""
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
    """Report how much of the present task is done to the caller of `run_all`; outside a task, do nothing."""
    if (tell := PROGRESS.get()) is not None:
        tell(done)


def _live(line: "Connection[Any, Any]", niceness: int) -> None:
    """Run one task after the other, until the other end of the pipe is closed."""
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
    except (EOFError, OSError):  # the other end is closed
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
    """End this process when its parent ends, even in the middle of a task."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)
