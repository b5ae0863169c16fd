"""Columns of numbers that never grow beyond a bound: rows are merged into stretches as they come."""

from array import array
from collections.abc import Sequence
from enum import Enum

import numpy as np
from numpy.typing import NDArray

__all__ = ["Merge", "Stretches"]


class Merge(Enum):
    """What becomes of a column's two numbers when their rows are merged."""

    LAST = "last"
    SUM = "sum"
    LEAST = "least"
    MOST = "most"


class Stretches:
    """Rows in their order. When there are too many, each two neighbours become one, and so do those to come.

    Attributes:
        stretch: Rows that a full entry stands for: 1, 2, 4, 8, …
    """

    def __init__(self, columns: Sequence[tuple[str, Merge]], most: int) -> None:
        """Make empty columns.

        Args:
            columns: Type code (``q`` or ``d``) and rule of each; the first column's numbers ascend.
            most: Entries at the most, at least 2.
        """
        self._columns = [array(code) for code, _ in columns]
        self._rules = [rule for _, rule in columns]
        self._counts = array("q")
        self._most = max(2, most)
        self.stretch = 1

    def __len__(self) -> int:
        return len(self._counts)

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

    def append(self, row: Sequence[int | float]) -> None:
        """Add a row.

        Raises:
            OverflowError: When a number or a sum does not fit into 64 bits; nothing changed then.
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
        """Forget the entries whose number in an ascending column is above ``highest``."""
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


def _merge(rule: Merge, old: float, new: float) -> int | float:
    if rule is Merge.SUM:
        return old + new
    if rule is Merge.LAST:
        return new
    return min(old, new) if rule is Merge.LEAST else max(old, new)
