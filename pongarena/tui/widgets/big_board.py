"""The standings of a tournament in letters that can be read from the back of a room."""

from collections.abc import Sequence
from dataclasses import dataclass

from pongarena.core.block_letters import ROWS, block_width, can_write, rows_of
from pongarena.tui.widgets.canvas import Canvas, parse_colour

__all__ = ["BigBoard", "Place"]

_LARGEST = 4
"""The largest width of a block in cells."""

_HEAD = 2
"""Lines above the places."""

_MARGIN = 2
_TURN_EVERY_S = 6.0


@dataclass(frozen=True)
class Place:
    """A line of the board.

    Attributes:
        number: The rank, from 1.
        name: The player's name.
        result: Matches won and lost: ``5-1``.
    """

    number: int
    name: str
    result: str


class BigBoard(Canvas):
    """Shows a line for each player, as large as fits; several pages alternate."""

    DEFAULT_CSS = "BigBoard { width: 1fr; height: 1fr; }"

    def __init__(self) -> None:
        super().__init__(id="big-board")
        self._places: tuple[Place, ...] = ()
        self._head = ""
        self._page = 0

    def on_mount(self) -> None:
        self.set_interval(_TURN_EVERY_S, self._turn)

    def show(self, head: str, places: Sequence[Place]) -> None:
        """Show the standings.

        Args:
            head: A line above them.
            places: The players, the best one first.
        """
        if (head, tuple(places)) != (self._head, self._places):
            self._head, self._places = head, tuple(places)
            self.publish()

    def _turn(self) -> None:
        if self.display and self._places:
            self._page += 1
            self.publish()

    def paint(self) -> None:
        colours = {name: parse_colour(self.app.theme_variables[name]) for name in ("ball", "right", "muted")}
        strong, first, faint = (self.ink(colours[name], bold=True) for name in ("ball", "right", "muted"))
        size, room = self._scale()
        pages = max(1, -(-len(self._places) // room))
        page = self._page % pages
        shown = self._places[page * room : (page + 1) * room]
        more = (
            f"   places {shown[0].number} to {shown[-1].number} of {len(self._places)}" if pages > 1 else ""
        )
        self.write(_MARGIN, 0, self._head + more, faint)
        for line, place in enumerate(shown):
            top = _HEAD + line * _pitch(size)
            self._write_big(_MARGIN, top, f"{place.number}", size, faint)
            left, right = self._columns(size)
            name = first if place.number == 1 else strong
            if _fits(place.name, size, right - left):
                self._write_big(left, top, place.name, size, name)
            else:
                self.write(left, top + _pitch(size) // 2, place.name[: right - left], name)
            end = self.columns - _MARGIN - block_width(place.result) * size
            self._write_big(end, top, place.result, size, strong)

    def _scale(self) -> tuple[int, int]:
        """Return the size of a block, and the places on a page: the largest with everybody on one page."""
        for size in range(_LARGEST, 1, -1):
            left, right = self._columns(size)
            room = (self.lines - _HEAD) // _pitch(size)
            if len(self._places) <= room and all(
                _fits(each.name, size, right - left) for each in self._places
            ):
                return size, room
        return 1, max(1, (self.lines - _HEAD) // _pitch(1))

    def _columns(self, size: int) -> tuple[int, int]:
        """Return the columns where names begin and end."""
        number = max((block_width(f"{each.number}") for each in self._places), default=1)
        result = max((block_width(each.result) for each in self._places), default=1)
        return _MARGIN + (number + 3) * size, self.columns - _MARGIN - (result + 2) * size

    def _write_big(self, x: int, y: int, words: str, size: int, ink: int) -> None:
        rows = [row for row in rows_of(words) for _ in range(size)]
        rows += ["." * len(rows[0])] * (len(rows) % 2)
        for line, (upper, lower) in enumerate(zip(rows[::2], rows[1::2], strict=True)):
            text = "".join(_HALVES[a + b] * size for a, b in zip(upper, lower, strict=True))
            for start, end in _words_of(text):
                self.write(x + start, y + line, text[start:end], ink)


_HALVES = {"##": "█", "#.": "▀", ".#": "▄", "..": " "}


def _words_of(text: str) -> list[tuple[int, int]]:
    """Return the ranges of inked cells: blanks between letters are left as they are."""
    return [(place, place + 1) for place, letter in enumerate(text) if letter != " "]


def _pitch(size: int) -> int:
    """Return the lines from one place to the next: two blocks a line, and at least half a line between."""
    return (ROWS * size + 1 + 1) // 2


def _fits(name: str, size: int, width: int) -> bool:
    return can_write(name) and block_width(name) * size <= width
