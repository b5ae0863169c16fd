"""The metrics of a model: an append-only file of JSON objects, one a line, read while it grows.

Rows carry ``format_version`` and ``kind``: ``episode`` and ``update`` from the learning itself, and
``start``, ``resume``, ``pause``, ``continue``, ``checkpoint``, ``stop``, ``finish`` and ``crash`` from the
session.

Nothing is ever cut away. A session that resumes from an earlier moment than the last row (it was killed) says
so in a ``resume`` (or ``start``) row with the ``episode`` that it continues from: the later episodes of
before are superseded, and ``Curve`` forgets them. So a reader sees each episode once, no reader's place in
the file is ever lost, and a crash at any moment costs at most an unfinished last line.
"""

import errno
import json
import os
from array import array
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pongarena.errors import LibraryError
from pongarena.files import open_mode, write_error

__all__ = [
    "FORMAT_VERSION",
    "Curve",
    "CurveTail",
    "MetricsTail",
    "MetricsWriter",
    "Points",
    "read_curve",
]

FORMAT_VERSION = 1
"""Of every row; readers skip rows of a newer one."""

_LONGEST_LINE = 1 << 20
"""Bytes; a longer line is damage, and is not held in memory to be understood."""

_MOST = 1 << 53
"""No count or time is greater; sums of such are still whole numbers of 64 bits, and NaN is never less."""

_CHUNK = 8 << 20
"""Bytes that a tail reads at once, so that a huge file does not fill the memory."""


class MetricsWriter:
    """Appends rows; each is in the file, whole, when ``append`` returns.

    Note: opens (and makes) the file. A file that ends in an unfinished line, after a crash, gets that line
    ended.

    Raises:
        LibraryError: When the file cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
            self._handle = os.open(path, flags, open_mode(path.parent))
            self._end_the_last_line()
        except OSError as error:
            raise self._failure(error) from error

    def append(self, row: Mapping[str, Any]) -> None:
        """Write one row; ``format_version`` is put in front.

        Raises:
            LibraryError: When the disk is full or gone; the part that was written is taken back.
        """
        text = json.dumps(
            {"format_version": FORMAT_VERSION, **row}, ensure_ascii=False, separators=(",", ":")
        )
        line = text.encode() + b"\n"
        before = os.fstat(self._handle).st_size
        try:
            written = os.write(self._handle, line)
            if written != len(line):
                os.ftruncate(self._handle, before)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            raise self._failure(error) from error

    def sync(self) -> None:
        """Make sure that the rows survive a power cut, too; as slow as the disk.

        Raises:
            LibraryError: When the disk reports an error.
        """
        try:
            os.fsync(self._handle)
        except OSError as error:
            raise self._failure(error) from error

    def close(self) -> None:
        """Close the file; closing twice is harmless."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def _end_the_last_line(self) -> None:
        size = os.fstat(self._handle).st_size
        if size:
            os.lseek(self._handle, size - 1, os.SEEK_SET)
            if os.read(self._handle, 1) != b"\n":
                os.write(self._handle, b"\n")

    def _failure(self, error: OSError) -> LibraryError:
        return write_error(self._path, error, "resume")


class MetricsTail:
    """Reads the rows that came since the last look.

    A file that is not there yet has no rows; one that became shorter, or was replaced, is read from its
    start.

    Attributes:
        damaged: How many lines could not be understood so far.
        restarts: How often the file was read from its start again; a reader that keeps rows drops them then.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._inode = -1
        self.damaged = 0
        self.restarts = 0

    def read_new(self) -> list[dict[str, Any]]:
        """The new rows, oldest first; an unfinished last line is left for the next time.

        Raises:
            LibraryError: When the file exists and cannot be read.
        """
        rows: list[dict[str, Any]] = []
        try:
            with self._path.open("rb") as file:
                self._find_place(os.fstat(file.fileno()))
                file.seek(self._offset)
                while chunk := file.read(_CHUNK):
                    end = chunk.rfind(b"\n") + 1
                    if end == 0:
                        end = self._skip_endless_line(chunk)
                    else:
                        rows += self._parse(chunk[:end])
                    self._offset += end
                    if end < len(chunk):
                        if len(chunk) < _CHUNK:
                            break
                        file.seek(self._offset)
        except FileNotFoundError:
            return rows
        except OSError as error:
            raise LibraryError(
                f"cannot read {self._path}: {error.strerror or error}; make the folder readable, then try "
                "again"
            ) from error
        return rows

    def _find_place(self, stat: os.stat_result) -> None:
        if self._offset > stat.st_size or self._inode not in (-1, stat.st_ino):
            self._offset = 0
            self.damaged = 0
            self.restarts += 1
        self._inode = stat.st_ino

    def _skip_endless_line(self, chunk: bytes) -> int:
        """How much of a chunk without a line's end to skip: all if it is too long for a row, else nothing."""
        if len(chunk) <= _LONGEST_LINE:
            return 0
        self.damaged += 1
        return len(chunk)

    def _parse(self, lines: bytes) -> list[dict[str, Any]]:
        try:
            # one call for all lines takes half the time of one a line
            found = json.loads(b"[" + lines.rstrip(b"\n").replace(b"\n", b",") + b"]")
            if len(found) != lines.count(b"\n"):
                raise ValueError("lines with several values, or without one")
        except (ValueError, RecursionError):
            found = [self._parse_line(line) for line in lines.splitlines()]
        rows = [row for row in found if _is_row(row)]
        self.damaged += len(found) - len(rows)
        return rows

    @staticmethod
    def _parse_line(line: bytes) -> object:
        try:
            return json.loads(line) if len(line) <= _LONGEST_LINE else None
        except (ValueError, RecursionError):
            return None


def _is_row(row: object) -> bool:
    if not isinstance(row, dict) or not isinstance(row.get("kind"), str):
        return False
    version = row.get("format_version")
    return type(version) is int and version <= FORMAT_VERSION


class Points(NamedTuple):
    """Points played, update by update; three arrays of one length."""

    steps: NDArray[np.int64]
    """Decisions learned from by then, never decreasing."""
    won: NDArray[np.int64]
    """Points won in what the update learned from."""
    lost: NDArray[np.int64]
    """Points lost in it."""


class Curve:
    """The learning curve: one entry an episode, in the order of the episodes.

    Attributes:
        episodes: Episode numbers, int64 (n,), strictly ascending.
        rewards: Points won minus points lost of each game, float64 (n,).
        running: The running reward after each game, float64 (n,).
        steps: Agent steps since the model's beginning, int64 (n,).
        times: When each game ended, unix time in seconds, float64 (n,).

    Note: the arrays are copies; ask for them once a redraw.
    """

    def __init__(self, rows: Iterable[Mapping[str, Any]] = ()) -> None:
        self._episodes = array("q")
        self._rewards = array("d")
        self._running = array("d")
        self._steps = array("q")
        self._times = array("d")
        self._updates = tuple(array("q") for _ in range(4))
        self.add(rows)

    def __len__(self) -> int:
        return len(self._episodes)

    @property
    def episodes(self) -> NDArray[np.int64]:
        """Episode numbers, int64 (n,), strictly ascending."""
        return np.array(self._episodes, np.int64)

    @property
    def rewards(self) -> NDArray[np.float64]:
        """Points won minus points lost of each game, float64 (n,)."""
        return np.array(self._rewards, np.float64)

    @property
    def running(self) -> NDArray[np.float64]:
        """The running reward after each game, float64 (n,)."""
        return np.array(self._running, np.float64)

    @property
    def steps(self) -> NDArray[np.int64]:
        """Agent steps since the model's beginning, int64 (n,)."""
        return np.array(self._steps, np.int64)

    @property
    def times(self) -> NDArray[np.float64]:
        """When each game ended, unix time in seconds, float64 (n,)."""
        return np.array(self._times, np.float64)

    @property
    def points(self) -> Points:
        """Points won and lost, update by update: the finer curve."""
        _, *columns = self._updates
        return Points(*(np.array(column, np.int64) for column in columns))

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Take further rows in; episodes that a ``start`` or ``resume`` row supersedes are forgotten."""
        for row in rows:
            kind = row.get("kind")
            if kind == "episode":
                self._add_episode(row)
            elif kind == "update":
                self._add_update(row)
            elif kind in ("start", "resume") and isinstance(row.get("episode"), int):
                self._forget_after(row["episode"])

    def clear(self) -> None:
        """Forget everything, before a file is read anew."""
        self._forget_after(-1)

    def _add_episode(self, row: Mapping[str, Any]) -> None:
        try:
            entry = (
                int(row["episode"]),
                float(row["reward"]),
                float(row["running_reward"]),
                int(row["total_steps"]),
                float(row["time"]),
            )
            array("q", (entry[0], entry[3]))  # numbers beyond 64 bits are damage
            if entry[0] < 0 or entry[3] < 0 or not all(abs(each) < _MOST for each in entry[1:]):
                return
        except (KeyError, TypeError, ValueError, OverflowError):
            return
        if self._episodes and self._episodes[-1] >= entry[0]:
            self._forget_after(entry[0] - 1)
        self._episodes.append(entry[0])
        self._rewards.append(entry[1])
        self._running.append(entry[2])
        self._steps.append(entry[3])
        self._times.append(entry[4])

    def _add_update(self, row: Mapping[str, Any]) -> None:
        try:
            entry = [int(row[name]) for name in ("episode", "steps", "won", "lost")]
            if not all(0 <= each < _MOST for each in entry):
                return
        except (KeyError, TypeError, ValueError, OverflowError):
            return
        steps = self._updates[1]
        length = len(steps)
        while length and steps[length - 1] >= entry[1]:  # played again after a crash
            length -= 1
        for column, value in zip(self._updates, entry, strict=True):
            del column[length:]
            column.append(value)

    def _forget_after(self, episode: int) -> None:
        length = len(self._updates[0])
        while length and self._updates[0][length - 1] > episode:
            length -= 1
        for updates in self._updates:
            del updates[length:]
        length = len(self._episodes)
        while length and self._episodes[length - 1] > episode:
            length -= 1
        for column in (self._episodes, self._rewards, self._running, self._steps, self._times):
            del column[length:]


class CurveTail:
    """A curve that follows a growing file."""

    def __init__(self, path: Path) -> None:
        self._tail = MetricsTail(path)
        self._restarts = 0
        self.curve = Curve()

    @property
    def damaged(self) -> int:
        """How many lines of the file could not be understood."""
        return self._tail.damaged

    def refresh(self) -> bool:
        """Take in what came since the last time; True when that was anything.

        Raises:
            LibraryError: When the file exists and cannot be read.
        """
        rows = self._tail.read_new()
        restarted = self._tail.restarts != self._restarts
        if restarted:
            self._restarts = self._tail.restarts
            self.curve.clear()
        self.curve.add(rows)
        return restarted or bool(rows)


def read_curve(path: Path) -> Curve:
    """The whole learning curve of a metrics file; empty when there is none.

    Raises:
        LibraryError: When the file exists and cannot be read.
    """
    return Curve(MetricsTail(path).read_new())
