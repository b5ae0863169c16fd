"""Run tasks on several machines: Dask workers behind the same executor interface as local processes.

Dask is an optional extra, imported when a scheduler is asked for. It repeats the task of a worker that died,
and sends a shared value to each worker only once, under its hash.
"""

import contextlib
import hashlib
import importlib.util
import itertools
import logging
import pickle
import re
import signal
import socket
import time
import uuid
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any, ParamSpec, TypeVar

import click

from pongarena.core.errors import ClusterError, InvalidSettingError, PongArenaError
from pongarena.core.extras import require
from pongarena.core.interrupts import without_interrupts
from pongarena.jobs.executor import PROGRESS, TaskExecutor
from pongarena.jobs.niceness import step_back

__all__ = ["LOCAL", "ClusterExecutor", "check_scheduler", "open_cluster"]

_P = ParamSpec("_P")
_R = TypeVar("_R")

LOCAL = "local"
"""Start a scheduler and workers on this machine."""

_ADDRESS = re.compile(r"tcp://(\[[0-9a-fA-F:.]+\]|[^\s:/\[\]]+):(\d{1,5})", re.ASCII)

_ALIKE = ("pongarena", "numpy", "ale-py", "dask", "distributed")
"""Packages whose versions affect the results, or the protocol between client and workers."""

_CONNECT_S = 10.0
_CLOSE_S = 5.0
_LOOK_EVERY_S = 1.0

_PATIENCE_S = 60.0
"""How long to wait while there is no worker."""

_LOGGERS = ("distributed", "distributed.client", "tornado", "bokeh")
"""Dask's loggers with levels of their own; they are silenced, because our errors tell the user."""

_SHARED = 16
"""Shared values that a worker keeps unpacked: networks of 5 MB each at 200 hidden units."""

_SETTINGS = {
    "distributed.admin.large-graph-warning-threshold": "1GB",
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "500ms",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.admin.system-monitor.gil.enabled": False,
}
"""Dask's settings, here and for "local" workers: without them a thread of Dask wakes a hundred times a second
and takes the interpreter lock from the thread that plays, for long when the processor is busy. Its memory
manager would delete what two workers have from one of them, whose next task would fetch it again."""


def check_scheduler(text: str) -> str:
    """Check the name of a scheduler, and return it.

    Raises:
        InvalidSettingError: When it is neither "local" nor an address.
    """
    found = _ADDRESS.fullmatch(text)
    if text == LOCAL or (found and 0 < int(found[2]) < 1 << 16):
        return text
    raise InvalidSettingError(
        f"expected local or tcp://HOST:PORT as the scheduler, got {text!r}; type --scheduler local for "
        "workers on this machine, or start a scheduler with `dask scheduler`, which says its address"
    )


def open_cluster(
    scheduler: str, *, workers: int = 1, niceness: int = 0, patience_s: float = _PATIENCE_S
) -> "ClusterExecutor":
    """Connect to a scheduler, and wait until it has a worker.

    Args:
        scheduler: "local", or the address of a running scheduler: ``tcp://HOST:PORT``.
        workers: How many workers to start for "local".
        niceness: Niceness of those (0..19).
        patience_s: How long to wait while there is no worker.

    Raises:
        InvalidSettingError: When the scheduler's name is invalid, or Dask is not installed.
        ClusterError: When nothing listens there, no worker comes, or its versions differ from those here.
    """
    check_scheduler(scheduler)
    library = require("distributed", "a scheduler", "leave --scheduler away")
    require("dask", "a scheduler").config.set(_SETTINGS)
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with contextlib.ExitStack() as stack, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # versions are compared below, in words
        try:
            where: Any = scheduler
            if scheduler == LOCAL:
                with without_interrupts():
                    where = library.LocalCluster(
                        n_workers=workers,
                        threads_per_worker=1,
                        dashboard_address="127.0.0.1:0",
                        memory_limit=0,
                        silence_logs=logging.CRITICAL,
                        preload=[__name__],
                        preload_argv=[f"--niceness={niceness}"],
                    )
                stack.callback(where.close, timeout=_CLOSE_S)
            else:
                _require_listener(scheduler)
            client = library.Client(where, timeout=_CONNECT_S, set_as_default=False)
        except Exception as error:
            raise ClusterError(
                f"expected a scheduler at {scheduler}, got none that answers ({_in_a_line(error)}); start "
                "one there with `dask scheduler`, or see that its port can be reached"
            ) from error
        stack.callback(client.close, timeout=_CLOSE_S)
        executor = ClusterExecutor(client, scheduler, patience_s)
        executor.await_workers()
        executor.check_versions()
        executor.closing = stack.pop_all()
        return executor


class ClusterExecutor(TaskExecutor):
    """The workers of a scheduler; use `open_cluster`."""

    in_hand = 2  # the next task is there before the present one is done

    def __init__(self, client: Any, scheduler: str, patience_s: float) -> None:  # noqa: ANN401
        super().__init__()
        self.closing = contextlib.ExitStack()
        self._client, self._scheduler = client, scheduler
        self._stand_in: type = require("distributed", "a scheduler").Future
        self._patience_s = patience_s
        self._numbers = itertools.count()
        self._topic = f"pongarena-{uuid.uuid4().hex}"
        self._threads, self._next_look, self._alone_since = 0, 0.0, time.monotonic()
        client.subscribe_topic(self._topic, self._hear)

    def __str__(self) -> str:
        """Return the number of workers, and where to watch them."""
        threads = self._look()
        return f"{threads} worker{'s' * (threads != 1)} of {self._scheduler}; watch them: {self.dashboard}"

    @property
    def dashboard(self) -> str:
        """The address of Dask's dashboard; without bokeh, that of its plain page."""
        link = str(self._client.dashboard_link)
        if importlib.util.find_spec("bokeh") is None:
            return link.removesuffix("/status") + "/info/main/workers.html"
        return link

    @property
    def workers(self) -> int:
        """The number of threads of all workers.

        Raises:
            ClusterError: When the scheduler is gone, or there has been no worker for ``patience_s``.
        """
        threads = self._look()
        if threads:
            self._alone_since = time.monotonic()
        elif time.monotonic() > self._alone_since + self._patience_s:
            raise ClusterError(
                f"expected a worker at {self._scheduler}, got none for {self._patience_s:.0f} s; start some: "
                f"dask worker {self._scheduler} --nworkers auto --nthreads 1"
            )
        return threads

    def await_workers(self) -> None:
        """Wait until there is a worker.

        Raises:
            ClusterError: As `workers`.
        """
        while not self.workers:
            time.sleep(_LOOK_EVERY_S)

    def check_versions(self) -> None:
        """Refuse workers whose versions could change a result.

        Raises:
            ClusterError: When a version differs.
        """
        told = self._client.get_versions(packages=[*_ALIKE])
        for address, worker in told["workers"].items():
            _compare(_versions(), _of(worker["packages"]), address)

    def submit(self, function: Callable[_P, _R], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_R]:
        """Run a task on a worker; see `TaskExecutor.submit`.

        Raises:
            ClusterError: When the scheduler is gone.
        """
        number = next(self._numbers)
        about = (self._topic, number, _versions())
        shared = {place: each for place, each in enumerate(args) if isinstance(each, self._stand_in)}
        others = [None if place in shared else each for place, each in enumerate(args)]
        task = pickle.dumps((function, others, tuple(shared), kwargs))
        outer: Future[_R] = Future()
        outer.set_running_or_notify_cancel()
        try:
            inner = self._client.submit(
                _do, about, task, *shared.values(), key=f"{self._topic}-{number}", pure=False
            )
        except Exception as error:
            raise self._gone() from error
        inner.add_done_callback(lambda _: self._pass_on(inner, outer))
        return outer

    def share(self, value: _R) -> _R:
        """Send a value to the workers once, under its hash; Dask restores it when a worker with it dies.

        The workers keep it while the caller keeps the stand-in, or a task that needs it is not done.
        """
        content = pickle.dumps(value)
        packed = _Packed(hashlib.sha256(content).hexdigest(), content)
        try:
            stand_in: _R = self._client.submit(_kept, packed, key=f"pongarena-{packed.digest}")
        except Exception as error:
            raise self._gone() from error
        return stand_in

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Disconnect from the scheduler, and end the workers of "local".

        Args:
            wait: Ignored: wait for the results before.
            cancel_futures: Likewise.
        """
        with contextlib.suppress(Exception):  # a scheduler that is gone cannot be told
            self.closing.close()

    def _look(self) -> int:
        """Return the number of threads of all workers, at most a second old."""
        if self._client.status not in ("running", "newly-created"):
            raise self._gone()
        if time.monotonic() >= self._next_look:
            try:
                workers = self._client.scheduler_info(n_workers=-1)["workers"]
            except Exception as error:
                raise self._gone() from error
            self._threads = sum(each["nthreads"] for each in workers.values())
            self._next_look = time.monotonic() + _LOOK_EVERY_S
        return self._threads

    def _hear(self, event: tuple[float, tuple[int, int]]) -> None:
        number, done = event[1]
        self._told[number] = done

    def _pass_on(self, inner: Any, outer: "Future[Any]") -> None:  # noqa: ANN401
        """Copy the outcome of a task to our future; Dask calls this in a thread of its own."""
        try:
            if inner.status == "cancelled":
                raise self._gone()
            outer.set_result(pickle.loads(inner.result(timeout=_PATIENCE_S)))
        except PongArenaError as error:
            outer.set_exception(error)
        except Exception as error:
            outer.set_exception(self._in_words(error))

    def _in_words(self, error: Exception) -> Exception:
        kind = type(error).__name__
        if kind == "KilledWorker":
            return ClusterError(
                "expected a worker to finish, got several that died of the same task; see that they have "
                "enough memory, then go on"
            )
        if kind in ("CancelledError", "FutureCancelledError", "CommClosedError", "TimeoutError"):
            return self._gone()
        if isinstance(error, ModuleNotFoundError):
            return ClusterError(
                f"a worker of {self._scheduler} cannot do the task ({error}); install pongarena there as here"
            )
        return error

    def _gone(self) -> ClusterError:
        return ClusterError(
            f"the scheduler {self._scheduler} went away, or cannot be reached any more; what was finished is "
            "kept: start it again, then go on"
        )


def _require_listener(scheduler: str) -> None:
    """Fail at once when nothing listens there; Dask itself would retry for long."""
    host, _, port = scheduler.removeprefix("tcp://").rpartition(":")
    socket.create_connection((host.strip("[]"), int(port)), _CONNECT_S).close()


@dataclass(frozen=True)
class _Packed:
    """A shared value on its way: bytes, which the worker of a task unpacks."""

    digest: str
    content: bytes = field(compare=False, repr=False)


def _kept(packed: _Packed) -> _Packed:
    """Hold a shared value, on a worker."""
    return packed


@lru_cache(_SHARED)
def _unpacked(packed: _Packed) -> Any:  # noqa: ANN401
    return pickle.loads(packed.content)


def _do(about: tuple[str, int, dict[str, str]], task: bytes, /, *shared: _Packed) -> bytes:
    """Run a task, on a worker.

    Dask sees its arguments and its result as bytes. An array that Dask unpacks lies at any address in the
    message that brought it, and numpy copies such an array whole before it takes a few of its rows.
    """
    topic, number, wanted = about
    worker = require("distributed", "a worker").get_worker()
    _compare(wanted, _versions(), worker.address)  # it may have joined after `check_versions`
    function, args, places, kwargs = pickle.loads(task)
    for place, each in zip(places, shared, strict=True):
        args[place] = _unpacked(each)
    token = PROGRESS.set(lambda done: worker.log_event(topic, (number, done)))
    try:
        return pickle.dumps(function(*args, **kwargs))
    finally:
        PROGRESS.reset(token)


@click.command()
@click.option("--niceness", type=int)
def dask_setup(_worker: object, niceness: int) -> None:
    """Ignore Ctrl-C in a new process of "local": the command gets it too, and ends the workers.

    The thread that runs the tasks starts later, and takes over the niceness of this one.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if niceness:
        step_back(niceness)


@lru_cache
def _versions() -> dict[str, str]:
    def of(package: str) -> str:
        try:
            return version(package)
        except PackageNotFoundError:
            return ""

    return {package: of(package) for package in _ALIKE}


def _of(packages: Mapping[str, str | None]) -> dict[str, str]:
    return {package: packages.get(package) or "" for package in _ALIKE}


def _compare(wanted: Mapping[str, str], found: Mapping[str, str], address: str) -> None:
    for package in _ALIKE:
        if found[package] != wanted[package]:
            raise ClusterError(
                f"expected {package} {wanted[package]} on the worker {address}, as here, got "
                f"{found[package] or 'none'}: results could differ; install it there: "
                f"pip install {package}=={wanted[package]}"
            )


def _in_a_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).partition("\n")[0]
