"""The metrics of a model: an append-only file of JSON objects, one a line, read while it grows.

Rows carry ``format_version`` and ``kind``: ``episode`` and ``update`` from the trainer, and ``start``,
``resume``, ``pause``, ``continue``, ``learning_rate``, ``stop``, ``finish`` and ``crash`` from the session.
An ``episode`` row is a game, or several that ended at about the same time (``games`` counts them); likewise
an ``update`` row (``updates``).

Nothing is ever cut off. A session that was killed resumes from an earlier moment than the last row. It then
writes a ``resume`` (or ``start``) row with the ``episode`` and ``steps`` that it continues from: later rows
are superseded, and ``Curve`` drops them. So a reader counts each game once, its place in the file stays
valid, and a crash costs at most an unfinished last line. Long files are read in parts, to bound memory and
waiting.
"""

import errno
import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from typing import Any, BinaryIO

from pongarena.core.errors import LibraryError
from pongarena.core.files import open_mode, open_to_append, write_error
from pongarena.core.reading import end_of_file, is_newer, open_ordinary, parse_json, skip_hole
from pongarena.library.curve import Curve, Points
from pongarena.library.curve_cache import Place, keep_curve, kept_curve

__all__ = [
    "FORMAT_VERSION",
    "Curve",
    "CurveTail",
    "MetricsTail",
    "MetricsWriter",
    "Points",
    "last_rows",
    "read_curve",
    "recent_points",
]

FORMAT_VERSION = 2
"""The version of every row; readers skip newer ones. In version 1 each row was a single game or update."""

_LONGEST_LINE = 1 << 20
"""Bytes; a longer line is damage, and is not read into memory."""

_CHUNK = 2 << 20
"""Bytes that a tail reads at once, to bound the memory; longer than any line."""

_REACH = 256
"""Bytes before its place that a tail remembers, to check that the file is still the same."""

_WORTH_KEEPING = 1 << 20
"""Bytes of metrics from which on their curve is cached: some 4,000 rows."""

_KEEP_EVERY_S = 10.0
"""Time between two writes of the cache while a long file is being read."""

_RECENT = 128 << 10
"""Bytes at the end of a file that show how a run does now: some 500 rows."""

_GLANCE = 8 << 10
"""Bytes that suffice where an update has many points, as it mostly has."""


class MetricsWriter:
    """Appends rows; each is in the file, whole, when ``append`` returns.

    Note: opens (or creates) the file, and ends an unfinished last line that a crash left.

    Raises:
        LibraryError: When the file cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._handle = open_to_append(path, open_mode(path.parent))
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
        """Flush the rows to the disk, so that they survive a power cut.

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
    """Reads the rows that were appended since the last call.

    A missing file has no rows. A file that became shorter, or was replaced, is read from its start.

    Attributes:
        behind: Bytes of the file that were not read yet.
        damaged: How many lines could not be understood so far.
        newer: How many other lines were skipped because a newer pongarena wrote them.
        restarts: How often the file was read from its start again; the caller must then drop the rows it has.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._inode = -1
        self._size = 0
        self._end = b""
        self.behind = 0
        self.damaged = 0
        self.newer = 0
        self.restarts = 0

    @property
    def place(self) -> Place:
        """How far the file was read."""
        return Place(self._inode, self._offset, self.damaged, self._end)

    def go_to(self, place: Place) -> None:
        """Continue from another tail's place; a file that is no longer the same is read from its start."""
        self._inode, self._offset, self.damaged, self._end = place

    def read_new(self) -> list[dict[str, Any]]:
        """Return all new rows, oldest first; an unfinished last line is left for the next call.

        Raises:
            LibraryError: When the file exists and cannot be read.
        """
        rows = self.read_part()
        while self.behind:
            rows += self.read_part()
        return rows

    def read_part(self) -> list[dict[str, Any]]:
        """Return some of the new rows, oldest first; ``behind`` is above 0 while there are more.

        Raises:
            LibraryError: When the file exists and cannot be read.
        """
        try:
            with open_ordinary(self._path) as file:
                self._find_place(file)
                chunk = file.read(_CHUNK)
                end = chunk.rfind(b"\n") + 1
                taken = end or self._skip_endless_line(file, chunk)
        except FileNotFoundError:
            self.behind = 0
            return []
        except OSError as error:
            raise LibraryError(
                f"cannot read {self._path}: {error.strerror or error}; make the folder readable, then try "
                "again"
            ) from error
        rows = self.parse(chunk[:end]) if end else []
        self._offset += taken
        # a hole holds only zeros
        read = chunk[max(0, taken - _REACH) : taken] if taken <= len(chunk) else bytes(_REACH)
        self._end = (self._end + read)[-_REACH:]
        # a short chunk reached the end of the file; at most an unfinished line is left
        self.behind = max(0, self._size - self._offset) if len(chunk) == _CHUNK else 0
        return rows

    @property
    def share_read(self) -> float:
        """How much of the file was read so far, 0..1."""
        return self._offset / self._size if self.behind else 1.0

    def _find_place(self, file: BinaryIO) -> None:
        """Seek to where the last part ended, or to the start if the bytes before it have changed."""
        stat = os.fstat(file.fileno())
        file.seek(self._offset - len(self._end))
        if self._inode not in (-1, stat.st_ino) or file.read(len(self._end)) != self._end:
            file.seek(0)
            self._offset = 0
            self._end = b""
            self.damaged = self.newer = 0
            self.restarts += 1
        self._inode, self._size = stat.st_ino, stat.st_size

    def _skip_endless_line(self, file: BinaryIO, chunk: bytes) -> int:
        """Return how many bytes to skip when a chunk holds no end of a line.

        That is 0 while it may still become a row; else the whole chunk, and a hole that follows it.
        """
        if len(chunk) <= _LONGEST_LINE:
            return 0
        self.damaged += 1
        skip_hole(file)
        return file.tell() - self._offset

    def parse(self, lines: bytes) -> list[dict[str, Any]]:
        """Return the rows in whole lines; count the lines that cannot be understood."""
        if not lines:
            return []
        try:
            # one call for all lines takes half the time of one call a line
            found = parse_json(b"[" + lines.rstrip(b"\n").replace(b"\n", b",") + b"]")
            if len(found) != lines.count(b"\n") or _has_endless_line(lines):
                raise ValueError("lines with several values, without one, or too long")
        except ValueError:
            found = [self._parse_line(line) for line in lines.removesuffix(b"\n").split(b"\n")]
        rows = [row for row in found if _is_row(row)]
        newer = sum(is_newer(row, FORMAT_VERSION) for row in found) if len(rows) < len(found) else 0
        self.newer += newer
        self.damaged += len(found) - len(rows) - newer
        return rows

    @staticmethod
    def _parse_line(line: bytes) -> object:
        try:
            return parse_json(line) if len(line) <= _LONGEST_LINE else None
        except ValueError:
            return None


def _has_endless_line(lines: bytes) -> bool:
    """Whether a line is too long for a row: it then spans an offset that is a multiple of that length."""
    return any(
        lines.find(b"\n", place) - lines.rfind(b"\n", 0, place) > _LONGEST_LINE + 1
        for place in range(_LONGEST_LINE, len(lines), _LONGEST_LINE)
    )


def _is_row(row: object) -> bool:
    if not isinstance(row, dict) or not isinstance(row.get("kind"), str):
        return False
    version = row.get("format_version")
    return type(version) is int and version <= FORMAT_VERSION


class CurveTail:
    """A curve that follows a growing file.

    Attributes:
        curve: The curve so far; read it only.
    """

    def __init__(self, path: Path, kept: Path | None = None) -> None:
        """Follow a file without reading it yet.

        Args:
            path: The file.
            kept: The cache of its curve; see `curve_cache`.
        """
        self._path, self._kept = path, kept
        self._tail = MetricsTail(path)
        self._restarts = 0
        self._kept_bytes = -1
        self._kept_at = -math.inf
        self._catches_up = True
        self.curve = Curve()

    @property
    def damaged(self) -> int:
        """How many lines of the file could not be understood."""
        return self._tail.damaged + self._tail.newer

    @property
    def share_read(self) -> float:
        """How much of the file was read so far, 0..1."""
        return self._tail.share_read

    def refresh(self, seconds: float = math.inf) -> bool:
        """Add the new rows; return whether there were any.

        Args:
            seconds: Time after which to leave the rest for the next call; see ``share_read``.

        Raises:
            LibraryError: When the file exists and cannot be read.
        """
        deadline, grown = monotonic() + seconds, False
        if self._kept_bytes < 0:
            grown = self._take_kept()
        while True:
            rows = self._tail.read_part()
            if self._tail.restarts != self._restarts:
                self._restarts = self._tail.restarts
                self.curve.clear()
                grown = True
            self.curve.add(rows)
            grown = grown or bool(rows)
            if not self._tail.behind or monotonic() >= deadline:
                self._keep()
                return grown

    def _take_kept(self) -> bool:
        """Begin with the cached curve, if it is usable."""
        self._kept_bytes = 0
        found = self._kept and kept_curve(self._kept, self._path, _REACH)
        if not found:
            return False
        self.curve, place = found
        self._tail.go_to(place)
        self._kept_bytes = place.offset
        return True

    def _keep(self) -> None:
        """Cache the curve when much was read since the last time, and no line is of a newer version."""
        if self._tail.newer:
            return  # a newer pongarena will find more in these lines
        place, now = self._tail.place, monotonic()
        arrived = self._catches_up and not self._tail.behind
        least = _WORTH_KEEPING if arrived else max(_WORTH_KEEPING, self._kept_bytes // 16)
        due = not self._tail.behind or now - self._kept_at > _KEEP_EVERY_S
        self._catches_up = self._catches_up and not arrived
        if self._kept and due and abs(place.offset - self._kept_bytes) > least:
            self._kept_bytes, self._kept_at = place.offset, now
            keep_curve(self._kept, self._path, self.curve, place)


def read_curve(path: Path, kept: Path | None = None) -> Curve:
    """Read the whole learning curve of a metrics file; empty when there is none.

    Args:
        path: The file.
        kept: The cache of its curve.

    Raises:
        LibraryError: When the file exists and cannot be read.
    """
    tail = CurveTail(path, kept)
    tail.refresh()
    return tail.curve


def recent_points(path: Path, enough: float = math.inf) -> Points:
    """Read the points of the last updates from the end of a metrics file; none when it cannot be read.

    Args:
        path: The file.
        enough: Number of points that suffice; less of a long file is read then.
    """
    most = _RECENT if enough == math.inf else _GLANCE
    while True:
        points = Curve(last_rows(path, most)).points
        if most >= _RECENT or points.won.sum() + points.lost.sum() >= enough:
            return points
        most *= 4


def last_rows(path: Path, most: int = _RECENT) -> list[dict[str, Any]]:
    """Read the rows in the last bytes of a metrics file; none when it cannot be read."""
    try:
        lines = end_of_file(path, most)
    except OSError:
        return []
    return MetricsTail(path).parse(lines[: lines.rfind(b"\n") + 1])
