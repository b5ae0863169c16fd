"""Where notes and tags are written."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Static, TextArea

from pongarena.core.errors import PongArenaError
from pongarena.library.notes import Notes, parse_tags
from pongarena.tui.screens.confirm import ask_before
from pongarena.tui.screens.dialog import Dialog
from pongarena.tui.widgets.keybar import KeyBar


class CardEditor(Dialog[tuple[str, tuple[str, ...]]]):
    """Asks for a text and tags; nothing that was typed is lost without a question."""

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

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s", "save", "Save", priority=True)]

    def __init__(self, name: str, notes: Notes) -> None:
        """Begin with what was noted about the model ``name`` so far."""
        super().__init__()
        self._name_of, self._notes = name, notes

    def compose(self) -> ComposeResult:
        """Text, tags, reason, buttons."""
        with Vertical(classes="dialog -large"):
            yield Static(f"Notes about {self._name_of}", classes="heading", markup=False)
            yield TextArea(self._notes.text, soft_wrap=True, show_line_numbers=False, compact=True)
            with Horizontal(classes="tags"):
                yield Static("tags", classes="tags-label")
                yield Input(" ".join(self._notes.tags), placeholder="words, to find it by", compact=True)
            yield Static("", classes="reason", markup=False)
            with Horizontal(classes="buttons"):
                yield Button("Cancel", id="no")
                yield Button("Save", id="yes", variant="primary")
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin to write at the end."""
        area = self.query_one(TextArea)
        area.move_cursor(area.document.end)
        area.focus()

    def on_input_changed(self) -> None:
        """Judge the tags."""
        self._judge()

    def on_input_submitted(self) -> None:
        """Enter in the tags saves."""
        self.action_save()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Save, or leave."""
        if event.button.id == "yes":
            self.action_save()
        else:
            self.action_cancel()

    def action_save(self) -> None:
        """Answer with what was written."""
        if self._judge():
            self.dismiss((self.query_one(TextArea).text, parse_tags(self.query_one(Input).value)))

    def action_cancel(self) -> None:
        """Leave; ask first when something was written."""
        tags = " ".join(self._notes.tags)
        text = self.query_one(TextArea).text.strip()
        changed = text != self._notes.text or self.query_one(Input).value != tags
        if not changed:
            self.dismiss(None)
            return

        ask_before(self.app, "Leave without saving what you wrote?", "Leave", lambda: self.dismiss(None))

    def _judge(self) -> bool:
        reason = ""
        try:
            parse_tags(self.query_one(Input).value)
        except PongArenaError as error:
            reason = str(error)
        self.query_one(".reason", Static).update(reason)
        self.query_one("#yes", Button).disabled = bool(reason)
        return not reason
