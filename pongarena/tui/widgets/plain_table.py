"""A table of texts in the app's own look."""

from typing import Literal

from rich.text import Text
from textual.widgets import DataTable

__all__ = ["PlainTable"]


class PlainTable(DataTable[Text]):
    """Without stripes or tints; what has the cursor is seen by the cursor alone."""

    DEFAULT_CSS = """
    PlainTable {
        background: $background; height: 1fr; scrollbar-size-vertical: 1; overflow-x: hidden;
        &:focus { background-tint: $foreground 0%; }
        & > .datatable--header { background: $background; color: $muted; text-style: none; }
    }
    """

    COLUMNS: tuple[tuple[str, int, Literal["left", "center", "right"]], ...] = ()
    """Heading, width and alignment of columns that are always there."""

    def on_mount(self) -> None:
        for name, width, justify in self.COLUMNS:
            self.add_column(Text(name, justify=justify), key=name, width=width)
