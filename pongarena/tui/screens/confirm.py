"""A question before something that cannot be taken back."""

from collections.abc import Callable
from typing import Any, ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from pongarena.tui.screens.dialog import Dialog
from pongarena.tui.widgets.keybar import KeyBar


class ConfirmScreen(Dialog[bool]):
    """Asks; answers True for yes, and nothing else unless the user says so."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("y", "yes", "Yes"), Binding("n", "cancel", "No")]

    def __init__(self, question: str, verb: str) -> None:
        """Make the question.

        Args:
            question: The whole question.
            verb: The word on the button that does it.
        """
        super().__init__()
        self._question, self._verb = question, verb

    def compose(self) -> ComposeResult:
        """The question and two buttons; the harmless one has the focus."""
        with Vertical(classes="dialog"):
            yield Static(self._question, markup=False, classes="question")
            with Horizontal(classes="buttons"):
                yield Button("Keep as it is", id="no")
                yield Button(self._verb, id="yes", variant="error")
        yield KeyBar()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer."""
        self.dismiss(event.button.id == "yes")

    def action_yes(self) -> None:
        """Answer yes."""
        self.dismiss(True)


def ask_before(app: App[Any], question: str, verb: str, then: Callable[[], object]) -> None:
    """Do something after a yes only.

    Args:
        app: Shows the question.
        question: The whole question.
        verb: The word on the button that does it.
        then: Does it.
    """

    def answered(yes: bool | None) -> None:
        if yes:
            then()

    app.push_screen(ConfirmScreen(question, verb), answered)
