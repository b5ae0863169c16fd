"""The trash: restore deleted things, or remove them for good."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from pongarena.library.trash import Trashed
from pongarena.tui import words
from pongarena.tui.keys import key
from pongarena.tui.screens.confirm import ask_before
from pongarena.tui.screens.dialog import Dialog
from pongarena.tui.widgets.keybar import KeyBar

__all__ = ["TrashAnswer", "TrashScreen"]


@dataclass(frozen=True)
class TrashAnswer:
    """What the user wants to do.

    Attributes:
        items: The chosen things.
        for_good: Whether to remove them for good; else there is one, to restore.
    """

    items: tuple[Trashed, ...]
    for_good: bool


class TrashScreen(Dialog[TrashAnswer]):
    """Lists the deleted things, the latest first; asks before it removes anything for good."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("d", "remove", "Remove", "Remove the chosen one for good; asks first"),
        key("x", "empty", "Empty", "Remove all of them for good; asks first"),
    ]

    DEFAULT_CSS = """
    TrashScreen {
        & OptionList { height: auto; max-height: 12; border: none; background: $surface; padding: 0; }
        & OptionList:focus { border: none; }
        & .hint { color: $muted; padding: 1 0 0 0; }
    }
    """

    def __init__(self, items: Sequence[tuple[Trashed, int]], folder: Path) -> None:
        """Show at least one thing; each comes with its size in bytes."""
        super().__init__()
        self._items, self._folder = tuple(items), folder

    def compose(self) -> ComposeResult:
        now, size = time.time(), sum(size for _, size in self._items)
        things = words.counted(len(self._items), "deleted thing")
        with Vertical(classes="dialog"):
            yield Static(f"Trash: {things}, {words.megabytes(size)}", classes="heading")
            yield OptionList(*(Option(_line(item, size, now)) for item, size in self._items))
            yield Static(
                f"Enter brings one back; all stay until you remove them:\n{self._folder}",
                classes="hint",
                markup=False,
            )
        yield KeyBar()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(TrashAnswer((self._chosen(),), for_good=False))

    def action_remove(self) -> None:
        item = self._chosen()
        self._ask(f"Remove {item} for good? This cannot be undone.", (item,))

    def action_empty(self) -> None:
        items = tuple(item for item, _ in self._items)
        things = words.counted(len(items), "deleted thing")
        self._ask(f"Empty the trash, with its {things}? This cannot be undone.", items)

    def _ask(self, question: str, items: tuple[Trashed, ...]) -> None:
        ask_before(
            self.app, question, "Remove for good", lambda: self.dismiss(TrashAnswer(items, for_good=True))
        )

    def _chosen(self) -> Trashed:
        return self._items[self.query_one(OptionList).highlighted or 0][0]


def _line(item: Trashed, size: int, now: float) -> Text:
    age = f"{words.duration(now - item.deleted)} ago"
    return Text.assemble(
        (f"{words.shorten(str(item), 35):<35}", "bold"), f"{age:>11}{words.megabytes(size):>10}"
    )
