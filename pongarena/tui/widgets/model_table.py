"""The table of models, for any number of rows: only the visible ones are drawn."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.events import Click, Leave, MouseMove, Resize
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from pongarena.tui import words
from pongarena.tui.data import model_columns as shelf
from pongarena.tui.data.library_watcher import Entry
from pongarena.tui.data.match_records import Strengths
from pongarena.tui.data.model_columns import Column
from pongarena.tui.keys import key

_MARK_WIDTH = 2
_GAP = "  "


class ModelTable(ScrollView, can_focus=True):
    """One row for each model; a click on a heading sorts, `filter` filters, `mark` marks rows."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--header",
        "table--sorted",
        "table--cursor",
        "table--hover",
        "table--mark",
    }

    DEFAULT_CSS = """
    ModelTable {
        height: 1fr; background: $background; scrollbar-size-vertical: 1;
        overflow-x: hidden; overflow-y: auto;
        & .table--header { color: $muted; }
        & .table--sorted { color: $left; text-style: bold; }
        & .table--cursor {
            background: $block-cursor-blurred-background; color: $block-cursor-blurred-foreground;
        }
        & .table--hover { background: $block-hover-background; }
        & .table--mark { color: $left; text-style: bold; }
        &:focus .table--cursor { background: $block-cursor-background; color: $block-cursor-foreground; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        key("up,k", "move(-1)", "", "Previous model", shown_as="↑"),
        key("down,j", "move(1)", "", "Next model", shown_as="↓"),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "move(-1000000)", "First", show=False),
        Binding("end", "move(1000000)", "Last", show=False),
        key("enter", "open", "", "Go to the details of the chosen model"),
    ]

    @dataclass
    class Moved(Message):
        """The cursor has moved to another model, or to none."""

        name: str | None

    class Opened(Message):
        """The user wants to see the details of the chosen model."""

    def __init__(self) -> None:
        super().__init__(id="models")
        self._entries: Sequence[Entry] = ()
        self._strengths = Strengths()
        self._rows: list[Entry] = []
        self._places: dict[str, int] = {}
        self._drawn: dict[int, Strip] = {}
        self._columns = shelf.fitting(60)
        self._cursor = 0
        self._hover: int | None = None
        self.marked: tuple[str, ...] = ()
        self.query_text = ""
        self.sorted_by: Column | None = None
        self.turned = False

    # -- what is shown

    def show(self, entries: Sequence[Entry], strengths: Strengths) -> None:
        """Show these models; the cursor stays on its model."""
        self._entries, self._strengths = entries, strengths
        self.marked = tuple(name for name in self.marked if any(each.name == name for each in entries))
        self._arrange()

    def filter(self, query: str) -> None:
        """Show only models that match ``query``; see ``model_columns.matches``."""
        self.query_text = query
        self._arrange()

    def sort(self, column: Column | None, turned: bool = False) -> None:
        """Sort by a column, in reverse order if ``turned``."""
        self.sorted_by, self.turned = column, turned
        self._arrange()

    def sort_next(self) -> None:
        """Sort by the next visible column; after the last one, in the library's order."""
        columns = [column for column, _ in self._columns]
        names = [column.name for column in columns]
        now = self.sorted_by.name if self.sorted_by else ""
        following = names.index(now) + 1 if now in names else 0
        self.sort(columns[following] if following < len(columns) else None)

    def mark(self, at_most: int) -> bool:
        """Mark the chosen model, or remove its mark; return False when too many are marked already."""
        name = self.chosen()
        if name is None:
            return True
        if name in self.marked:
            self.marked = tuple(each for each in self.marked if each != name)
        elif len(self.marked) >= at_most:
            return False
        else:
            self.marked = (*self.marked, name)
        self._draw_again()
        return True

    @property
    def counts(self) -> tuple[int, int]:
        """The numbers of shown models and of all models."""
        return len(self._rows), len(self._entries)

    def chosen(self) -> str | None:
        """Return the name of the model under the cursor."""
        return self._rows[self._cursor].name if 0 <= self._cursor < len(self._rows) else None

    def choose(self, name: str) -> None:
        """Move the cursor to a model, if it is shown."""
        if name in self._places:
            self._move_to(self._places[name])

    def _arrange(self) -> None:
        before = self.chosen()
        self._rows = shelf.arrange(
            self._entries, self._strengths, query=self.query_text, column=self.sorted_by, turned=self.turned
        )
        self._places = {entry.name: index for index, entry in enumerate(self._rows)}
        self.virtual_size = Size(self.size.width, len(self._rows) + 1)
        place = self._places.get(before or "", min(self._cursor, max(0, len(self._rows) - 1)))
        moved, self._cursor = place != self._cursor, place
        if moved:
            self._keep_in_sight()
        self._draw_again()
        if self.chosen() != before:
            self.post_message(self.Moved(self.chosen()))

    def on_resize(self, event: Resize) -> None:
        # keep a column free for the scroll bar, so that nothing jumps when it appears
        self._columns = shelf.fitting(event.size.width - _MARK_WIDTH - 1)
        self.virtual_size = Size(event.size.width, len(self._rows) + 1)
        self._draw_again(everything=True)
        self.call_after_refresh(self._keep_in_sight)

    # -- moving

    def action_move(self, by: int) -> None:
        self._move_to(self._cursor + by)

    def action_page(self, by: int) -> None:
        self._move_to(self._cursor + by * max(1, self.size.height - 2))

    def action_open(self) -> None:
        self.post_message(self.Opened())

    def _move_to(self, place: int) -> None:
        place = max(0, min(place, len(self._rows) - 1))
        if place == self._cursor or not self._rows:
            return
        self._cursor = place
        self._keep_in_sight()
        self._draw_again()
        self.post_message(self.Moved(self.chosen()))

    def _keep_in_sight(self) -> None:
        top, height = round(self.scroll_y), self.size.height - 1
        if height < 1:
            return
        if self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False, force=True)
        elif self._cursor >= top + height:
            self.scroll_to(y=self._cursor - height + 1, animate=False, force=True)

    def on_click(self, event: Click) -> None:
        """Sort by a heading, or choose a row; a double click shows its details."""
        if event.y == 0:
            column = self._column_at(event.x)
            if column is not None:
                same = self.sorted_by is not None and self.sorted_by.name == column.name
                self.sort(column, not self.turned if same else False)
            return
        self._move_to(event.y - 1 + round(self.scroll_y))
        if event.chain == 2:
            self.action_open()

    def on_mouse_move(self, event: MouseMove) -> None:
        self._hover = event.y - 1 + round(self.scroll_y) if event.y else None
        self._draw_again()

    def on_leave(self, event: Leave) -> None:
        self._hover = None
        self._draw_again()

    def _column_at(self, x: int) -> Column | None:
        start = _MARK_WIDTH
        for column, width in self._columns:
            if start <= x < start + width + len(_GAP):
                return column
            start += width + len(_GAP)
        return None

    # -- drawing

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._draw_again(everything=True)

    def watch_has_focus(self, has_focus: bool) -> None:
        """Redraw: the cursor is brighter with the focus."""
        super().watch_has_focus(has_focus)
        self._draw_again(everything=True)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._drawn = {}

    def _draw_again(self, *, everything: bool = False) -> None:
        """Redraw the lines that have changed."""
        if everything or not self._drawn:
            self._drawn = {}
            self.refresh()
            return
        for y in range(self.size.height):
            if self._line(y) != self._drawn.get(y):
                self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        strip = self._line(y)
        self._drawn[y] = strip
        return strip

    def _line(self, y: int) -> Strip:
        if y == 0:
            return self._header()
        index = y - 1 + round(self.scroll_y)
        if index >= len(self._rows):
            return Strip.blank(self.size.width, self.rich_style)
        return self._row(index)

    def _header(self) -> Strip:
        plain, chosen = (self.get_component_rich_style(f"table--{name}") for name in ("header", "sorted"))
        segments = [Segment(" " * _MARK_WIDTH, plain)]
        for column, width in self._columns:
            title, style = column.name, plain
            if self.sorted_by is not None and column.name == self.sorted_by.name:
                title, style = ("▼" if column.falling != self.turned else "▲") + column.name, chosen
            title = title[:width]
            segments.append(Segment(title.rjust(width) if column.right else title.ljust(width), style))
            segments.append(Segment(_GAP, plain))
        return Strip(segments).adjust_cell_length(self.size.width, plain)

    def _row(self, index: int) -> Strip:
        entry, now = self._rows[index], time.time()
        base, bold = self.rich_style, Style()
        if index == self._cursor:
            base = self.get_component_rich_style("table--cursor")
            bold = Style(bold=self.has_focus)
        elif index == self._hover:
            base = self.rich_style + self.get_component_rich_style("table--hover", partial=True)
        marked = entry.name in self.marked
        mark = f"{self.marked.index(entry.name) + 1} " if marked else "  "
        mark_style = base + self.get_component_rich_style("table--mark", partial=True)
        segments = [Segment(mark, mark_style)]
        for column, width in self._columns:
            cell = column.cell(entry, self._strengths, now)
            segments.append(self._segment(cell, width, right=column.right, base=base + bold))
            segments.append(Segment(_GAP, base))
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def _segment(self, cell: Text, width: int, *, right: bool, base: Style) -> Segment:
        text = words.shorten(cell.plain, width)
        style = self.app.console.get_style(cell.style)
        return Segment(text.rjust(width) if right else text.ljust(width), base + style)
