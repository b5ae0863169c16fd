"""A training as TensorBoard's events: written while it goes on, or from its metrics afterwards."""

import secrets
from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from typing import Any

from pongarena.core.errors import LibraryError
from pongarena.core.extras import require
from pongarena.core.files import write_error
from pongarena.library.training_rows import lasting_rows, number_in, steps_of

__all__ = ["EventLog", "export_events", "require_writer"]

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
}
_SHARE = "points/share_won"

_FLUSH_S = 2.0
"""TensorBoard looks for news every 30 s, unless told otherwise."""


def require_writer() -> None:
    """Looks whether events can be written here.

    Raises:
        InvalidSettingError: When tensorboardX is not installed.
    """
    require("tensorboardX", "a TensorBoard log")


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
            self._file = writers.EventsWriter(str(folder / "events"), f".{secrets.token_hex(4)}")
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

    @staticmethod
    def has_events(folder: Path) -> bool:
        """Whether there are files of events in a folder."""
        return any(folder.glob(_FILES))


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
    require_writer()
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
