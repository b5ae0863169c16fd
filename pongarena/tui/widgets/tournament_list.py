"""The list of all tournaments, the latest first."""

from dataclasses import dataclass

from rich.text import Text
from textual.message import Message
from textual.widgets import DataTable

from pongarena.core.text import local_time
from pongarena.tui import words
from pongarena.tui.data.tournament_watcher import TournamentEntry
from pongarena.tui.widgets.plain_table import PlainTable

__all__ = ["CupList"]


class CupList(PlainTable):
    """The cursor chooses, Enter opens."""

    COLUMNS = (
        (" started", 14, "left"),
        ("state", 13, "left"),
        ("matches", 12, "left"),
        ("first", 26, "left"),
    )

    @dataclass
    class Chosen(Message):
        """The cursor has moved to a tournament, or one was opened."""

        tournament: str
        opened: bool

    def __init__(self, **settings: str) -> None:
        super().__init__(cursor_type="row", cell_padding=0, **settings)  # type: ignore[arg-type]  # id
        self._shown: dict[str, tuple[Text, ...]] = {}

    def show(self, entries: tuple[TournamentEntry, ...], chosen: str) -> None:
        """Show these tournaments, and move the cursor to the chosen one."""
        rows = {entry.id: _cells(entry) for entry in entries}
        with self.prevent(DataTable.RowHighlighted):
            if list(rows) != list(self._shown):
                self.clear()
                for name, cells in rows.items():
                    self.add_row(*cells, key=name)
            else:
                for name, cells in rows.items():
                    for (column, _, _), cell, old in zip(self.COLUMNS, cells, self._shown[name], strict=True):
                        if cell.plain != old.plain:
                            self.update_cell(name, column, cell)
            self._shown = rows
            if chosen in rows and (place := list(rows).index(chosen)) != self.cursor_row:
                self.move_cursor(row=place)

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        event.stop()
        if event.row_key.value and self.has_focus:
            self.post_message(self.Chosen(event.row_key.value, opened=False))

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        event.stop()
        if event.row_key.value:
            self.post_message(self.Chosen(event.row_key.value, opened=True))


def _cells(entry: TournamentEntry) -> tuple[Text, ...]:
    made = entry.tournament
    when = local_time(made.created, "%b %d %H:%M")
    matches = "" if made.fault else f"{entry.played:,} of {made.matches:,}"
    return Text(f" {when}"), Text(entry.state), Text(matches), Text(words.shorten(entry.leader or "–", 26))
