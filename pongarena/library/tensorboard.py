"""Write a training as TensorBoard events, live or afterwards from its metrics."""

from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic, time_ns
from typing import Any

from pongarena.core.errors import LibraryError, PongArenaError
from pongarena.core.extras import require
from pongarena.core.files import write_error
from pongarena.library.model import Model
from pongarena.library.training_rows import lasting_rows, number_in, steps_of

__all__ = ["EventLog", "LiveEvents", "export_events", "require_writer"]

_FILES = "events.out.tfevents.*"

_EPISODE = {"reward": "game/reward", "running_reward": "game/running_reward"}
_UPDATE = {
    "entropy": "train/entropy",
    "explained": "train/explained_variance",
    "kl": "train/kl",
    "gradient_norm": "train/gradient_norm",
    "weight_norm": "train/weight_norm",
    "learning_rate": "train/learning_rate",
    "accepted": "train/accepted_step",
    "mean_p_up": "train/mean_p_up",
    "turns": "train/turns",
    "moved": "train/moved",
}
_SHARE = "points/share_won"

_FLUSH_S = 2.0
"""Seconds between two flushes; TensorBoard reloads every 30 s by default."""


def require_writer(folder: Path) -> None:
    """Check that events can be written into a folder; create it if needed.

    Raises:
        InvalidSettingError: When tensorboardX is not installed.
        LibraryError: When the folder cannot be created.
    """
    require("tensorboardX", "a TensorBoard log")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_error(folder, error) from error


class EventLog:
    """A new file of events in a folder, which may hold others.

    Events are written directly: the library's writer thread would block on a full disk.
    """

    def __init__(self, folder: Path, *, after: int | None = None) -> None:
        """Make the folder and the file.

        Args:
            folder: The run's folder; TensorBoard shows its name.
            after: The steps from which a session continues; later events in older files become void.

        Raises:
            InvalidSettingError: When tensorboardX is not installed.
            LibraryError: When the folder cannot be written.
        """
        writers = require("tensorboardX.event_file_writer", "a TensorBoard log")
        events = require("tensorboardX.proto.event_pb2", "a TensorBoard log")
        self._summary = require("tensorboardX.proto.summary_pb2", "a TensorBoard log").Summary
        self._event, self._folder, self._flushed_at = events.Event, folder, monotonic()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # TensorBoard reads a folder's files in the order of their names
            self._file = writers.EventsWriter(str(folder / "events"), f".{time_ns()}")
            if after is not None:
                restart = events.SessionLog(status=events.SessionLog.START)
                self._file.write_event(self._event(step=after + 1, session_log=restart))
        except OSError as error:
            raise write_error(folder, error) from error

    def add(self, row: Mapping[str, Any]) -> None:
        """Write a row of the metrics; rows other than games and updates are left out.

        Raises:
            LibraryError: When it cannot be written; the log is unusable then.
        """
        steps, values = steps_of(row), _values(row)
        if steps is None or not values:
            return
        summary = self._summary(
            value=[self._summary.Value(tag=tag, simple_value=value) for tag, value in values.items()]
        )
        event = self._event(wall_time=number_in(row, "time") or 0.0, step=steps, summary=summary)
        try:
            self._file.write_event(event)
            if monotonic() > self._flushed_at + _FLUSH_S:
                self._file.flush()
                self._flushed_at = monotonic()
        except OSError as error:
            raise write_error(self._folder, error) from error

    def close(self) -> None:
        """Close the file.

        Raises:
            LibraryError: When its end cannot be written.
        """
        try:
            self._file.close()
        except OSError as error:
            raise write_error(self._folder, error) from error


class LiveEvents:
    """The events of a running session. A fault ends them, not the training: the metrics hold everything."""

    def __init__(self, model: Model, folder: str, tell: Callable[[str], None]) -> None:
        """Prepare to write; nothing is written yet.

        Args:
            model: The model that trains.
            folder: The folder in which to make one with the model's name; empty to write nothing.
            tell: Called with a message when writing fails.
        """
        self._model, self._folder, self._tell = model, folder, tell
        self._log: EventLog | None = None

    def begin(self, steps: int) -> None:
        """Begin to write; a new folder gets the training so far first.

        Args:
            steps: The steps from which the session continues.
        """
        if self._folder:
            self._try(lambda: self._open(steps))

    def add(self, row: Mapping[str, Any]) -> None:
        """Write a row of the metrics."""
        if (log := self._log) is not None:
            self._try(lambda: log.add(row))

    def close(self) -> None:
        """Close the file."""
        if (log := self._log) is not None:
            self._try(log.close)

    def _open(self, steps: int) -> None:
        folder = Path(self._folder) / self._model.name
        is_new = not any(folder.glob(_FILES))
        log = EventLog(folder, after=None if is_new else steps)
        for row in lasting_rows(self._model.path / "metrics.jsonl", steps) if is_new else ():
            log.add(row)
        self._log = log

    def _try(self, write: Callable[[], None]) -> None:
        try:
            write()
        except PongArenaError as error:
            self._log = None
            self._tell(
                f"no more events for TensorBoard: {error}; make them later: pongarena export "
                f"{self._model.name} --tensorboard DIR"
            )


def export_events(metrics: Path, folder: Path, *, until: float, overwrite: bool = False) -> int:
    """Write a training's events into a folder.

    Args:
        metrics: The training's metrics file.
        folder: The run's folder.
        until: Steps after which to end.
        overwrite: Whether to replace events that the folder already has.

    Returns:
        The number of games and updates.

    Raises:
        LibraryError: When the folder has events already, or cannot be written.
    """
    require_writer(folder)
    old = list(folder.glob(_FILES))
    if old and not overwrite:
        raise LibraryError(
            f"{folder} has events already; choose another folder, or replace them with --force"
        )
    log, count = EventLog(folder), 0
    for row in lasting_rows(metrics, until):
        log.add(row)
        count += 1
    log.close()
    for path in old:
        path.unlink(missing_ok=True)
    return count


def _values(row: Mapping[str, Any]) -> dict[str, float]:
    if row.get("kind") not in ("episode", "update"):
        return {}
    tags = _EPISODE if row["kind"] == "episode" else _UPDATE
    found = {tag: value for name, tag in tags.items() if (value := number_in(row, name)) is not None}
    won, lost = number_in(row, "won"), number_in(row, "lost")
    if row["kind"] == "update" and won is not None and lost is not None and won + lost > 0:
        found[_SHARE] = won / (won + lost)
    return found
