"""Report on a session: its status for programs, and its log for people."""

import sys
import time
import traceback
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil

from pongarena.core.errors import DiskFullError, LibraryError
from pongarena.jobs.process import ProcessMark
from pongarena.jobs.status import State, Status, write_status
from pongarena.jobs.throttle import Rate
from pongarena.library.metrics import MetricsWriter
from pongarena.library.sessions.resume_state import Counters

__all__ = ["Reporter"]

_STATUS_EVERY_S = 0.5
_MEMORY_EVERY_S = 5.0


class Reporter:
    """Writes the status and the log of this process's session.

    Attributes:
        status: The last status written.
        rate: How fast the session trains.
    """

    def __init__(self, folder: Path, *, detached: bool) -> None:
        """Prepare a first status, without writing it.

        Args:
            folder: The model's folder.
            detached: Whether this is a background process, which has a log.
        """
        self._folder, self._detached = folder, detached
        self._process = psutil.Process()
        self._next_status = self._next_memory = 0.0
        self._memory_mb: float | None = None
        self.rate = Rate()
        self.status = Status(
            State.STARTING,
            **asdict(ProcessMark.of(self._process.pid)),
            updated=time.time(),
        )

    def is_due(self) -> bool:
        """Whether it is time for the next status."""
        return time.monotonic() >= self._next_status

    def now(self, counters: Counters, seconds_left: float | None, state: State | None = None) -> Status:
        """Return the current status without writing it."""
        state = state or self.status.state
        episodes_per_s, steps_per_s = self.rate.read() if state is State.RUNNING else (None, None)
        return replace(
            self.status,
            state=state,
            episode=counters.episode,
            updates=counters.updates,
            steps=counters.steps,
            running_reward=counters.running_reward,
            best_running_reward=counters.best_running_reward,
            episodes_per_s=episodes_per_s,
            steps_per_s=steps_per_s,
            seconds_left=seconds_left,
            memory_mb=self._memory_mb,
            updated=time.time(),
        )

    def report(
        self,
        state: State,
        counters: Counters,
        seconds_left: float | None,
        **changes: Any,  # noqa: ANN401
    ) -> None:
        """Write the status, with some of its entries changed."""
        now = time.monotonic()
        self._next_status = now + _STATUS_EVERY_S
        if now >= self._next_memory or state is not self.status.state:
            self._next_memory = now + _MEMORY_EVERY_S
            self._memory_mb = round(self._process.memory_info().rss / 1e6, 1)
        self.status = replace(self.now(counters, seconds_left, state), **changes)
        with suppress(DiskFullError):  # the older status must do; important writes wait for room
            write_status(self._folder / "status.json", self.status)

    def log(self, line: str) -> None:
        """Write a line to ``train.log``, where a background session's standard error goes."""
        if self._detached:
            with suppress(OSError):  # on a full disk the line is lost
                print(f"{datetime.now():%Y-%m-%d %H:%M:%S}  {line}", file=sys.stderr, flush=True)

    def record_crash(self, error: BaseException, counters: Counters, seconds_left: float | None) -> None:
        """Record what ended the session, as far as files can be written."""
        text = "".join(traceback.format_exception(error))
        message = str(error) or type(error).__name__
        row = {"kind": "crash", "message": message, "episode": counters.episode, "time": time.time()}
        # the disk may be what failed; readers still see that the process is gone
        with suppress(LibraryError, OSError):
            metrics = MetricsWriter(self._folder / "metrics.jsonl")
            metrics.append(row)
            metrics.close()
        with suppress(LibraryError, OSError):
            self.report(State.CRASHED, counters, seconds_left, message=message, traceback=text)
