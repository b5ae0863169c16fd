"""Print tables that fit the terminal: cells that are too wide are wrapped, between words where possible."""

import os
import re
from collections.abc import Iterable, Iterator, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pongarena.core.text import printable

__all__ = ["fold", "print_table"]

_PIECE = re.compile(r"[@/_-]*[^\s@/_-]*(?:[@/_-]+|\s+|$)")
"""A word with the separators around it, or a part of a name, an id or a path with its separator."""

_EDGES = 2
"""Columns left and right of a table."""

_DIVIDED = 8
"""The narrowest column for text that must be wrapped within words, when nothing else fits."""

_GAP, _TIGHT_GAP = 3, 1
"""Columns between two columns of the table, and the same where there is little room."""


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str | Text]]) -> None:
    """Print a table; columns whose heading starts with ``#`` are numbers, aligned to the right."""
    console = Console(highlight=False)
    cells = [[each if isinstance(each, Text) else Text(printable(each)) for each in row] for row in rows]
    limited = console.is_terminal or "COLUMNS" in os.environ  # a pipe gets whole lines
    room = console.width - _EDGES if limited else None
    widths, gap = _widths(headings, cells, room)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, (gap - 1) // 2))
    for heading, width in zip(headings, widths, strict=True):
        right = heading.startswith("#")
        table.add_column(
            fold(Text(heading.lstrip("#")), width),
            justify="right" if right else "left", no_wrap=True, min_width=width, overflow="crop",
        )  # fmt: skip
    for row in cells:
        table.add_row(*(fold(cell, width) for cell, width in zip(row, widths, strict=True)))
    wide = sum(widths) + gap * (len(widths) - 1) + _EDGES
    Console(highlight=False, width=max(wide, console.width)).print(table)


def fold(text: Text, width: int) -> Text:
    """Wrap a text to lines of so many columns, after whole pieces; longer pieces are divided."""
    return Text("\n").join(part for line in text.split("\n", allow_blank=True) for part in _fold(line, width))


def _fold(line: Text, width: int) -> Iterator[Text]:
    offsets, column = [], 0
    for piece in _PIECE.finditer(line.plain):
        start, length = piece.start(), len(piece[0].rstrip())
        if column and column + length > width:
            offsets.append(start)
            column = 0
        while length > width:
            start, length = start + width, length - width
            offsets.append(start)
        column += length + len(piece[0]) - len(piece[0].rstrip())
    for part in line.divide(offsets):
        part.rstrip()
        yield part


def _widths(
    headings: Sequence[str], rows: Sequence[Sequence[Text]], room: int | None
) -> tuple[list[int], int]:
    """Return the columns' widths and the gap between them; the widest shrink until all fit, if possible."""
    names = [heading.lstrip("#") for heading in headings]
    columns = list(zip(names, *([cell.plain for cell in row] for row in rows), strict=True))
    widths = [max(_longest(cell.split("\n")) for cell in column) for column in columns]
    if room is None or sum(widths) + _GAP * (len(widths) - 1) <= room:
        return widths, _GAP
    least = [
        max(_longest(_pieces(name)), *(_longest(cell.split("\n")) for cell in cells), 1)
        if heading.startswith("#")
        else max(_longest(_pieces(cell)) for cell in (name, *cells))
        for heading, (name, *cells) in zip(headings, columns, strict=True)
    ]
    divided = [
        each if heading.startswith("#") else min(each, _DIVIDED)
        for heading, each in zip(headings, least, strict=True)
    ]
    for gap, narrowest in ((_GAP, least), (_TIGHT_GAP, least), (_TIGHT_GAP, divided)):
        fitting = _shrunk(widths, narrowest, room - gap * (len(widths) - 1))
        if sum(fitting) + gap * (len(widths) - 1) <= room:
            break
    return fitting, gap


def _shrunk(widths: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """Make the widest columns narrower until all fit, or none can shrink further."""
    fitting = list(widths)
    while sum(fitting) > room:
        spare = [(width, place) for place, width in enumerate(fitting) if width > least[place]]
        if not spare:
            break
        fitting[max(spare)[1]] -= 1
    return fitting


def _pieces(text: str) -> list[str]:
    return [piece.rstrip() for piece in _PIECE.findall(text)]


def _longest(parts: Iterable[str]) -> int:
    return max(map(len, parts), default=0)
