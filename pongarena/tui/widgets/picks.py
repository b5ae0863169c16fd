"""A titled list to choose from, by arrow keys and Enter or by a click."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.events import Click, MouseScrollDown, MouseScrollUp, Resize
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget

from pongarena.tui.keys import key

__all__ = ["Picks", "Row", "fit"]

_MARGIN = 2
"""Columns left of every row, for the cursor."""


@dataclass(frozen=True)
class Row:
    """One row to choose, or text between such rows.

    Attributes:
        key: Its key in messages; None for text that cannot be chosen.
        lines: Its lines on the screen.
    """

    key: str | None
    lines: tuple[Content, ...]

    def looks_like(self, other: "Row") -> bool:
        """Return whether the rows have the same key and look the same."""
        return (
            self.key == other.key
            and len(self.lines) == len(other.lines)
            and all(mine.is_same(theirs) for mine, theirs in zip(self.lines, other.lines, strict=True))
        )


_LOOKING = (Row(None, (Content.styled("looking …", "$muted"),)),)


def fit(line: Content, width: int) -> Content:
    """Fit a line into a width: cut it after a whole word, or within a name if need be."""
    if line.cell_length > width:
        before, _, last = line.plain[: width - 1].rpartition(" ")
        goes_on = line.plain[width - 1 : width].isalpha()
        if last.isalpha() and goes_on and before.strip():
            line = line[: len(before)] + Content("…")
    return line.truncate(width, ellipsis=True, pad=True)


class Picks(Widget, can_focus=True):
    """Shows rows below a title, made for its size; redraws only changed rows."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "pick", "Open", "Open, play or show the chosen row"),
        key("up,k", "move(-1)", "", "Choose the row above", shown_as="↑"),
        key("down,j", "move(1)", "", "Choose the row below", shown_as="↓"),
        key("home", "edge(0)", "", "Choose the first row"),
        key("end", "edge(-1)", "", "Choose the last row"),
    ]

    DEFAULT_CSS = """
    Picks {
        width: 1fr; height: auto; pointer: pointer;
        border-top: solid $border; border-title-color: $muted; border-title-style: bold;
        border-title-background: $background;
        &:focus { border-top: solid $left; border-title-color: $left; }
    }
    """

    @dataclass
    class Picked(Message):
        """A row was chosen."""

        picks: "Picks"
        key: str

        @property
        def control(self) -> "Picks":
            """The list, for selectors."""
            return self.picks

    @dataclass
    class Moved(Message):
        """The cursor has moved to another row."""

        picks: "Picks"

    @dataclass
    class Leaving(Message):
        """An arrow key was pressed beyond the first row (−1) or the last row (+1)."""

        picks: "Picks"
        by: int

    def __init__(self, title: str, *, id: str) -> None:
        super().__init__(id=id)
        self.border_title = title
        self._rows_for: Callable[[int, int], Sequence[Row]] = lambda _width, _height: _LOOKING
        self._rows: tuple[Row, ...] = ()
        self._cursor: str | None = None

    def show(
        self,
        rows_for: Callable[[int, int], Sequence[Row]],
        *,
        title: str | None = None,
        begin_at: str | None = None,
    ) -> None:
        """Replace the rows.

        Args:
            rows_for: Makes the rows for a number of columns and lines.
            title: The title; None keeps the present one.
            begin_at: The key of the row under the cursor until the user moves it.
        """
        self._rows_for = rows_for
        self.border_title = self.border_title if title is None else title
        self._cursor = begin_at if self._cursor is None else self._cursor
        self._update_rows()

    @property
    def current(self) -> str | None:
        """The key of the row under the cursor; None when there is nothing to choose."""
        keys = self._keys()
        return self._cursor if self._cursor in keys else keys[0] if keys else None

    def _update_rows(self) -> None:
        width = self.content_size.width - _MARGIN
        if width <= 0:
            return
        rows = tuple(self._rows_for(width, self.content_size.height))
        if len(rows) == len(self._rows) and all(
            new.looks_like(old) for new, old in zip(rows, self._rows, strict=True)
        ):
            return
        relayout = sum(len(row.lines) for row in rows) != self._height()
        self._rows = rows
        self.refresh(layout=relayout)

    def on_resize(self, event: Resize) -> None:
        self._update_rows()

    def on_focus(self) -> None:
        self.refresh()
        self.post_message(self.Moved(self))

    def on_blur(self) -> None:
        self.refresh()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        if not self._rows and width > _MARGIN:
            self._rows = tuple(self._rows_for(width - _MARGIN, self.content_size.height))
        return max(1, self._height())

    def render(self) -> Content:
        width = self.content_size.width
        lines: list[Content] = []
        for row in self._visible():
            under = self.has_focus and row.key is not None and row.key == self.current
            for number, line in enumerate(row.lines):
                mark = "▸ " if under and number == 0 else "  "
                whole = fit(Content.assemble(mark, line), width)
                lines.append(
                    whole.stylize("$block-cursor-foreground on $block-cursor-background") if under else whole
                )
        return Content("\n").join(lines)

    def _height(self) -> int:
        return sum(len(row.lines) for row in self._rows)

    def _keys(self) -> list[str]:
        return [row.key for row in self._rows if row.key is not None]

    def _visible(self) -> tuple[Row, ...]:
        """Return the rows to draw: all, or from a row on that keeps the cursor in sight."""
        height = self.content_size.height
        if self._height() <= height:
            return self._rows
        current = self.current
        place = next((index for index, row in enumerate(self._rows) if row.key == current), 0)
        ends = list(accumulate(len(row.lines) for row in self._rows))
        first = next(
            index
            for index in range(place + 1)
            if ends[place] - ends[index] + len(self._rows[index].lines) <= max(height, 1) or index == place
        )
        return self._rows[first:]

    def _row_at(self, y: int) -> Row | None:
        ends = accumulate(len(row.lines) for row in self._visible())
        return next((row for row, end in zip(self._visible(), ends, strict=True) if y < end), None)

    def on_click(self, event: Click) -> None:
        offset = event.get_content_offset(self)
        row = self._row_at(offset.y) if offset is not None else None
        if row is not None and row.key is not None:
            self._point_at(row.key)
            self.action_pick()

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        self._scroll(event, 1)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        self._scroll(event, -1)

    def _scroll(self, event: MouseScrollDown | MouseScrollUp, by: int) -> None:
        """Move the cursor with the wheel if some rows are out of sight."""
        keys, current = self._keys(), self.current
        if self._height() > self.content_size.height and current is not None:
            event.stop()
            self._point_at(keys[max(0, min(len(keys) - 1, keys.index(current) + by))])

    def action_pick(self) -> None:
        if (current := self.current) is not None:
            self.post_message(self.Picked(self, current))

    def action_move(self, by: int) -> None:
        keys, current = self._keys(), self.current
        place = keys.index(current) + by if current is not None else by
        if current is not None and 0 <= place < len(keys):
            self._point_at(keys[place])
        else:
            self.post_message(self.Leaving(self, by))

    def action_edge(self, place: int) -> None:
        if keys := self._keys():
            self._point_at(keys[place])

    def _point_at(self, key: str) -> None:
        self._cursor = key
        self.refresh()
        self.post_message(self.Moved(self))
