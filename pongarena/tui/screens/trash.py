"""What was deleted, to bring one thing back."""

import time

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from pongarena.library.trash import KEPT_DAYS, Trashed
from pongarena.tui import words
from pongarena.tui.screens.dialog import Dialog
from pongarena.tui.widgets.keybar import KeyBar


class TrashScreen(Dialog[Trashed]):
    """A list, the last deleted first; answers the one that was chosen."""

    DEFAULT_CSS = """
    TrashScreen {
        & OptionList { height: auto; max-height: 16; border: none; background: $surface; padding: 0; }
        & .hint { color: $muted; padding: 1 0 0 0; }
    }
    """

    def __init__(self, items: list[Trashed]) -> None:
        """Show these, of which there is at least one."""
        super().__init__()
        self._items = items

    def compose(self) -> ComposeResult:
        """The list."""
        now = time.time()
        with Vertical(classes="dialog"):
            yield Static("Bring back what was deleted", classes="heading")
            yield OptionList(*(Option(_line(item, now)) for item in self._items))
            yield Static(f"Enter brings it back; all of it is gone {KEPT_DAYS} days later.", classes="hint")
        yield KeyBar()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """That one."""
        self.dismiss(self._items[event.option_index])


def _line(item: Trashed, now: float) -> Text:
    what = "model" if item.episode is None else "checkpoint"
    return Text.assemble((f"{item!s:<34.34}", "bold"), f" {what}, {words.duration(now - item.deleted)} ago")
