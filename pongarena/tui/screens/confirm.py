"""A question before something that cannot be taken back."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from pongarena.tui.screens.dialog import Form

if TYPE_CHECKING:
    from textual.widgets.button import ButtonVariant


class ConfirmScreen(Form[bool]):
    """Asks; answers True for yes, and nothing else unless the user says so."""

    NO = "Keep as it is"
    VARIANT: "ButtonVariant" = "error"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("y", "submit", "Yes"), Binding("n", "cancel", "No")]
    DEFAULT_CSS = "ConfirmScreen #reason { display: none; }"

    def __init__(self, question: str, verb: str) -> None:
        """Make the question, with the word on the button that does it."""
        super().__init__()
        self._question, self.YES = question, verb

    def compose_fields(self) -> ComposeResult:
        """The question; below it, the harmless button has the focus."""
        yield Static(self._question, markup=False, classes="question")

    def answer(self) -> None:
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
