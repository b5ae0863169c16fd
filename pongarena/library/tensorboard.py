"""A training as TensorBoard's events: written while it goes on, or from its metrics afterwards."""

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
"""TensorBoard looks for news every 30 s, unless told otherwise."""


def require_writer(folder: Path) -> None:
    """Looks whether events can be written into a folder, and makes it.

    Raises:
        InvalidSettingError: When tensorboardX is not installed.
        LibraryError: When it cannot be made.
    """
    require("tensorboardX", "a TensorBoard log")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_error(folder, error) from error


class EventLog:
    """A file of events of its own in a folder, which may have others.

    It is written at once, without a thread that could wait for a full disk.
    """

    def __init__(self, folder: Path, *, after: int | None = None) -> None:
        """Makes the folder and the file.

        Args:
            folder: Of this run: TensorBoard names it so.
            after: Earlier files' events of more decisions than these are void: a session goes on from there.

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
        """Writes what a row of the metrics says; what is no game and no update is left out.

        Raises:
            LibraryError: When it cannot be written; the log is of no use then.
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
        """Ends the file.

        Raises:
            LibraryError: When its end cannot be written.
        """
        try:
            self._file.close()
        except OSError as error:
            raise write_error(self._folder, error) from error


class LiveEvents:
    """What a session tells TensorBoard. A fault ends it, and not the training: the metrics have it all."""

    def __init__(self, model: Model, folder: str, tell: Callable[[str], None]) -> None:
        """Nothing is written yet.

        Args:
            model: Who trains.
            folder: The folder that gets one of the model's name; empty to write nothing.
            tell: Takes the words on a fault.
        """
        self._model, self._folder, self._tell = model, folder, tell
        self._log: EventLog | None = None

    def begin(self, steps: int) -> None:
        """Begins, in a new folder with the training so far.

        Args:
            steps: Decisions that the session goes on from.
        """
        if self._folder:
            self._try(lambda: self._open(steps))

    def add(self, row: Mapping[str, Any]) -> None:
        """Writes what a row of the metrics says."""
        if (log := self._log) is not None:
            self._try(lambda: log.add(row))

    def close(self) -> None:
        """Ends the file."""
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
    """Writes a training's events into a folder.

    Args:
        metrics: Its file.
        folder: Of this run.
        until: Decisions after which to end.
        overwrite: Whether to replace the folder's events, if it has any.

    Returns:
        How many games and updates.

    Raises:
        LibraryError: When there are events, or nothing can be written.
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
