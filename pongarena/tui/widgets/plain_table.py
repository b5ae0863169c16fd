"""A data table in the look of the app."""

from typing import Literal

from rich.text import Text
from textual.widgets import DataTable

__all__ = ["PlainTable"]


class PlainTable(DataTable[Text]):
    """A table without stripes or tints: only the cursor shows the chosen row."""

    DEFAULT_CSS = """
    PlainTable {
        background: $background; height: 1fr; scrollbar-size-vertical: 1; overflow-x: hidden;
        &:focus { background-tint: $foreground 0%; }
        & > .datatable--header { background: $background; color: $muted; text-style: none; }
    }
    """

    COLUMNS: tuple[tuple[str, int, Literal["left", "center", "right"]], ...] = ()
    """Heading, width and alignment of the fixed columns."""

    def on_mount(self) -> None:
        for name, width, justify in self.COLUMNS:
            self.add_column(Text(name, justify=justify), key=name, width=width)
