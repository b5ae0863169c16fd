"""The table of models."""

import time

from rich.text import Text
from textual.widgets import DataTable

from pongarena.tui import words
from pongarena.tui.watch import Entry

_COLUMNS = (("name", 19), ("recipe", 9), ("score", 6), ("episodes", 9), ("state", 11), ("age", 6))
_RIGHT = frozenset({"score", "episodes", "age"})


class ModelTable(DataTable[Text]):
    """One row a model; only cells that changed are drawn again."""

    def __init__(self) -> None:
        super().__init__(cursor_type="row", zebra_stripes=False, id="models")
        self._shown: dict[str, tuple[str, ...]] = {}

    def on_mount(self) -> None:
        """Make the columns."""
        for name, width in _COLUMNS:
            self.add_column(Text(name, justify="right" if name in _RIGHT else "left"), key=name, width=width)

    def show(self, entries: tuple[Entry, ...]) -> None:
        """Show these models; the cursor stays on its model."""
        rows = {entry.name: _cells(entry) for entry in entries}
        if list(rows) != list(self._shown):
            self._rebuild(rows)
        else:
            for name, cells in rows.items():
                self._update(name, cells)
        self._shown = {name: tuple(cell.plain for cell in cells) for name, cells in rows.items()}

    def chosen(self) -> str | None:
        """The name of the model under the cursor."""
        names = list(self._shown)
        return names[self.cursor_row] if 0 <= self.cursor_row < len(names) else None

    def choose(self, name: str) -> None:
        """Put the cursor on a model, if it is there."""
        names = list(self._shown)
        if name in names:
            self.move_cursor(row=names.index(name))

    def _rebuild(self, rows: dict[str, tuple[Text, ...]]) -> None:
        before, place = self.chosen(), self.cursor_row
        self.clear()
        for name, cells in rows.items():
            self.add_row(*cells, key=name)
        names = list(rows)
        self.move_cursor(row=names.index(before) if before in rows else max(0, min(place, len(names) - 1)))

    def _update(self, name: str, cells: tuple[Text, ...]) -> None:
        for (column, _), cell, before in zip(_COLUMNS, cells, self._shown[name], strict=True):
            if cell.plain != before:
                self.update_cell(name, column, cell)


def _cells(entry: Entry) -> tuple[Text, ...]:
    model = entry.model
    name = Text(words.shorten(model.name, 19))
    if model.fault is not None:
        dash = Text("–", justify="right")
        return name, Text("–"), dash, dash, Text("! damaged", style="$error"), dash
    recipe = Text(model.recipe.name if model.recipe else "–")
    age = words.duration(time.time() - entry.created) if entry.created else "–"
    return (
        name,
        recipe,
        Text(words.signed(entry.score), justify="right"),
        Text(words.count(entry.episode), justify="right"),
        words.state(entry.status) if not model.bundled else Text("▣ built in"),
        Text(age, justify="right"),
    )
