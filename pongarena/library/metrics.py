"""The metrics of a model: an append-only file of JSON objects, one a line, read while it grows.

Rows carry ``format_version`` and ``kind``: ``episode`` and ``update`` from the learning itself, and
``start``, ``resume``, ``pause``, ``continue``, ``learning_rate``, ``stop``, ``finish`` and ``crash`` from the
session. An ``episode`` row is a game, or several that ended at about the same time (``games`` tells how
many), and so is an ``update`` row (``updates``).

Nothing is ever cut away. A session that resumes from an earlier moment than the last row (it was killed) says
so in a ``resume`` (or ``start``) row with the ``episode`` and ``steps`` that it continues from: what came
later is superseded, and ``Curve`` forgets it. So a reader sees each game once, no reader's place in
the file is ever lost, and a crash at any moment costs at most an unfinished last line. Ten million rows are
read in parts, so that they take little memory and nobody waits for all of them.
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
"""Of every row; readers skip rows of a newer one. In version 1 each row was a single game or update."""

_LONGEST_LINE = 1 << 20
"""Bytes; a longer line is damage, and is not held in memory to be understood."""

_CHUNK = 2 << 20
"""Bytes that a tail reads at once, so that a huge file does not fill the memory; longer than any line."""

_REACH = 256
"""Bytes before its place that a tail knows, to see that the file is still the same."""

_WORTH_KEEPING = 1 << 20
"""Bytes of metrics that take so long to read that their curve is kept: some 4,000 rows."""

_KEEP_EVERY_S = 10.0
"""While a long file is being read."""

_RECENT = 128 << 10
"""Bytes at the end of a file that tell how a run goes now: some 500 rows."""


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
        behind: Bytes that are there and were not read yet.
        damaged: How many lines could not be understood so far.
        newer: How many others a newer pongarena wrote; they are skipped.
        restarts: How often the file was read from its start again; a reader that keeps rows drops them then.
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
        """Go on from where another one was; if the file is no longer the same, that is noticed."""
        self._inode, self._offset, self.damaged, self._end = place

    def read_new(self) -> list[dict[str, Any]]:
        """The new rows, oldest first; an unfinished last line is left for the next time.

        Raises:
            LibraryError: When the file exists and cannot be read.
        """
        rows = self.read_part()
        while self.behind:
            rows += self.read_part()
        return rows

    def read_part(self) -> list[dict[str, Any]]:
        """Some of the new rows, oldest first, in a moment; ``behind`` tells whether there are more.

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
        # behind a hole are only zeros
        read = chunk[max(0, taken - _REACH) : taken] if taken <= len(chunk) else bytes(_REACH)
        self._end = (self._end + read)[-_REACH:]
        # a chunk that is not full ends where the file does, at most in an unfinished line
        self.behind = max(0, self._size - self._offset) if len(chunk) == _CHUNK else 0
        return rows

    @property
    def share_read(self) -> float:
        """How much of the file was read so far, 0..1."""
        return self._offset / self._size if self.behind else 1.0

    def _find_place(self, file: BinaryIO) -> None:
        """Go to where the last part ended; to the start if what is before it is no longer the same."""
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
        """How much to skip of a chunk without a line's end, and behind it.

        Nothing, if it may yet be a row; else all, and a hole that follows.
        """
        if len(chunk) <= _LONGEST_LINE:
            return 0
        self.damaged += 1
        skip_hole(file)
        return file.tell() - self._offset

    def parse(self, lines: bytes) -> list[dict[str, Any]]:
        """The rows in whole lines; those that cannot be understood are counted."""
        if not lines:
            return []
        try:
            # one call for all lines takes half the time of one a line
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
    """Whether one is longer than a row: such a one holds a byte whose number is a multiple of that length."""
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
        curve: What it shows so far; its own, not to be changed.
    """

    def __init__(self, path: Path, kept: Path | None = None) -> None:
        """Nothing is read yet.

        Args:
            path: The file.
            kept: Where the curve is kept from one time to the next; see `curve_cache`.
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
        """Take in what came since the last time; True when that was anything.

        Args:
            seconds: After which to leave the rest for the next time; see ``share_read``.

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
        """Begin with what is kept, if that is of use."""
        self._kept_bytes = 0
        found = self._kept and kept_curve(self._kept, self._path, _REACH)
        if not found:
            return False
        self.curve, place = found
        self._tail.go_to(place)
        self._kept_bytes = place.offset
        return True

    def _keep(self) -> None:
        """Keep the curve for the next time when much was read since the last, and all of it understood."""
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
    """The whole learning curve of a metrics file; empty when there is none.

    Args:
        path: The file.
        kept: Where the curve is kept from one time to the next.

    Raises:
        LibraryError: When the file exists and cannot be read.
    """
    tail = CurveTail(path, kept)
    tail.refresh()
    return tail.curve


def recent_points(path: Path) -> Points:
    """The points of the last updates, from the end of a metrics file only; none when it cannot be read."""
    return Curve(last_rows(path)).points


def last_rows(path: Path) -> list[dict[str, Any]]:
    """The rows at the end of a metrics file, however long it is; none when it cannot be read."""
    try:
        lines = end_of_file(path, _RECENT)
    except OSError:
        return []
    return MetricsTail(path).parse(lines[: lines.rfind(b"\n") + 1])
