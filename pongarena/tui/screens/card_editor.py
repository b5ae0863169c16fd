"""The editor of a model's notes and tags."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Static, TextArea

from pongarena.core.errors import PongArenaError
from pongarena.library.notes import Notes, parse_tags
from pongarena.tui.screens.confirm import ask_before
from pongarena.tui.screens.dialog import Fault, Form


class CardEditor(Form[tuple[str, tuple[str, ...]]]):
    """Edits notes and tags; asks before it discards changes."""

    DEFAULT_CSS = """
    CardEditor {
        & TextArea { height: 1fr; min-height: 3; border: none; background: $panel; padding: 0 1; }
        & .tags { height: 1; margin: 1 0 0 0; }
        & .tags Input { width: 1fr; }
        & .tags-label { width: 6; color: $muted; }
        & .reason { padding: 0; min-height: 1; }
        & .buttons { padding: 0; }
    }
    """

    BOX = "dialog -large"
    YES = "Save"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s", "submit", "Save", priority=True)]

    def __init__(self, name: str, notes: Notes) -> None:
        """Begin with the present notes about the model ``name``."""
        super().__init__()
        self._name_of, self._notes = name, notes

    def compose_fields(self) -> ComposeResult:
        yield Static(f"Notes about {self._name_of}", classes="heading", markup=False)
        yield TextArea(self._notes.text, soft_wrap=True, show_line_numbers=False, compact=True)
        with Horizontal(classes="tags"):
            yield Static("tags", classes="tags-label")
            yield Input(" ".join(self._notes.tags), placeholder="words, to find it by", compact=True)

    def on_mount(self) -> None:
        area = self.query_one(TextArea)
        area.move_cursor(area.document.end)
        area.focus()

    def fault(self) -> Fault | None:
        try:
            parse_tags(self.query_one(Input).value)
        except PongArenaError as error:
            return Fault(str(error), "Input")
        return None

    def answer(self) -> None:
        self.dismiss((self.query_one(TextArea).text, parse_tags(self.query_one(Input).value)))

    def action_cancel(self) -> None:
        tags = " ".join(self._notes.tags)
        text = self.query_one(TextArea).text.strip()
        changed = text != self._notes.text or self.query_one(Input).value != tags
        if not changed:
            self.dismiss(None)
            return
        ask_before(self.app, "Leave without saving what you wrote?", "Leave", lambda: self.dismiss(None))
