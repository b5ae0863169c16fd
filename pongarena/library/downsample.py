"""Keep columns of numbers below a bound: rows are merged into stretches as they come."""

from array import array
from collections.abc import Sequence
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Merge", "Stretches"]


_LONGEST = 1 << 40
"""Rows that an entry may stand for; more are damage."""


class Merge(Enum):
    """What becomes of a column's two numbers when their rows are merged."""

    LAST = "last"
    SUM = "sum"
    LEAST = "least"
    MOST = "most"


class Stretches:
    """Rows in order. When there are too many, each pair of neighbours is merged, and later rows likewise.

    Attributes:
        stretch: Rows that a full entry stands for: 1, 2, 4, 8, …
    """

    def __init__(self, columns: Sequence[tuple[str, Merge]], most: int) -> None:
        """Make empty columns.

        Args:
            columns: Type code (``q`` or ``d``) and rule of each; the first column's numbers ascend.
            most: The largest number of entries, at least 2.
        """
        self._columns = [array(code) for code, _ in columns]
        self._rules = [rule for _, rule in columns]
        self._counts = array("q")
        self._most = max(2, most)
        self.stretch = 1

    def __len__(self) -> int:
        return len(self._counts)

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self._columns)

    def column(self, index: int) -> NDArray[np.int64 | np.float64]:
        """A copy of a column."""
        column = self._columns[index]
        return np.array(column, np.int64 if column.typecode == "q" else np.float64)

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many rows each entry stands for."""
        return np.array(self._counts, np.int64)

    def last(self, index: int = 0) -> int | float | None:
        """The last number of a column, None when there is none."""
        return self._columns[index][-1] if self._counts else None

    def restore(self, columns: Sequence[NDArray[Any]], counts: NDArray[Any], stretch: int) -> None:
        """Restore columns that were saved; they come from a file and are checked.

        Args:
            columns: The saved columns.
            counts: The saved counts.
            stretch: The saved stretch.

        Raises:
            ValueError: When they are impossible; nothing is changed then.
        """
        types = [(np.dtype(each.typecode), counts.shape) for each in (*self._columns, self._counts)]
        given = [(each.dtype, each.shape) for each in (*columns, counts)]
        if given != types or counts.ndim != 1 or len(counts) > self._most:
            raise ValueError("its columns are of other types or lengths")
        first = columns[0]
        if (first[:1] < 0).any() or (first[1:] <= first[:-1]).any():
            raise ValueError("its numbers do not ascend")
        if (counts < 1).any() or (counts > stretch).any() or stretch.bit_count() != 1 or stretch > _LONGEST:
            raise ValueError("its counts cannot be")
        for column, numbers in zip((*self._columns, self._counts), (*columns, counts), strict=True):
            del column[:]
            column.frombytes(numbers.tobytes())
        self.stretch = stretch

    def append(self, row: Sequence[int | float]) -> None:
        """Add a row.

        Raises:
            OverflowError: When a number or a sum does not fit into 64 bits; nothing is changed then.
        """
        if self._counts and self._counts[-1] < self.stretch:
            self._merge(row)
            return
        columns, length = self._columns, len(self._counts)
        try:
            for column, value in zip(columns, row, strict=True):
                column.append(value)  # type: ignore[arg-type]  # of the column's own type
        except OverflowError:
            for column in columns:
                del column[length:]
            raise
        self._counts.append(1)
        if length >= self._most:
            self._halve()

    def extend(self, columns: Sequence[NDArray[np.int64 | np.float64]]) -> None:
        """Add many rows at once, as arrays: the same as one `append` for each row, but faster.

        Args:
            columns: Arrays of one length, int64 or float64 as the columns' types, far from overflowing.
        """
        done, rows = 0, len(columns[0])
        while done < rows:
            if self._counts and self._counts[-1] < self.stretch:
                first = min(rows, done + self.stretch - self._counts[-1])
                self._merge_rows([column[done:first] for column in columns])
            else:
                # up to the first row of the entry that is one too many
                room = self._most - len(self._counts)
                first = min(rows, done + max(0, room) * self.stretch + 1)
                self._append_stretches([column[done:first] for column in columns])
            done = first

    def _merge_rows(self, columns: Sequence[NDArray[np.int64 | np.float64]]) -> None:
        """Merge rows into the last entry, which has room for them."""
        for rule, column, rows in zip(self._rules, self._columns, columns, strict=True):
            last = np.array([_ALL[rule](rows)], rows.dtype).tolist()[0]
            column[-1] = _merge(rule, column[-1], last)  # type: ignore[assignment]
        self._counts[-1] += len(columns[0])

    def _append_stretches(self, columns: Sequence[NDArray[np.int64 | np.float64]]) -> None:
        """Append full entries; the last one may stand for fewer rows."""
        rows = len(columns[0])
        starts = np.arange(0, rows, self.stretch)
        ends = np.append(starts[1:], rows)
        for rule, column, values in zip(self._rules, self._columns, columns, strict=True):
            merged = values[ends - 1] if rule is Merge.LAST else _EACH[rule].reduceat(values, starts)
            column.frombytes(merged.tobytes())
        self._counts.frombytes((ends - starts).astype(np.int64).tobytes())
        if len(self._counts) > self._most:
            self._halve()

    def _merge(self, row: Sequence[int | float]) -> None:
        before = [column[-1] for column in self._columns]
        try:
            for rule, column, old, new in zip(self._rules, self._columns, before, row, strict=True):
                column[-1] = _merge(rule, old, new)  # type: ignore[assignment]
        except OverflowError:
            for column, old in zip(self._columns, before, strict=True):
                column[-1] = old
            raise
        self._counts[-1] += 1

    def cut(self, highest: float, index: int = 0) -> None:
        """Drop the entries whose number in an ascending column is above ``highest``."""
        column, length = self._columns[index], len(self._counts)
        while length and column[length - 1] > highest:
            length -= 1
        for each in (*self._columns, self._counts):
            del each[length:]
        if not length:
            self.stretch = 1

    def _halve(self) -> None:
        pairs = len(self._counts) // 2
        for rule, column in zip((*self._rules, Merge.SUM), (*self._columns, self._counts), strict=True):
            both = np.array(column)[: 2 * pairs].reshape(pairs, 2)
            merged = _MERGED[rule](both)
            rest = column[2 * pairs :]
            del column[:]
            column.frombytes(merged.tobytes())
            column.extend(rest)
        self.stretch *= 2


_MERGED = {
    Merge.LAST: lambda both: both[:, 1],
    Merge.SUM: lambda both: both.sum(axis=1),
    Merge.LEAST: lambda both: both.min(axis=1),
    Merge.MOST: lambda both: both.max(axis=1),
}


_EACH = {Merge.SUM: np.add, Merge.LEAST: np.minimum, Merge.MOST: np.maximum}

_ALL = {
    Merge.LAST: lambda rows: rows[-1],
    Merge.SUM: lambda rows: rows.sum(),
    Merge.LEAST: lambda rows: rows.min(),
    Merge.MOST: lambda rows: rows.max(),
}


def _merge(rule: Merge, old: float, new: float) -> int | float:
    if rule is Merge.SUM:
        return old + new
    if rule is Merge.LAST:
        return new
    return min(old, new) if rule is Merge.LEAST else max(old, new)
