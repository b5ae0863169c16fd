"""A dialog that asks for confirmation."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from pongarena.tui.screens.dialog import Form

if TYPE_CHECKING:
    from textual.widgets.button import ButtonVariant


class ConfirmScreen(Form[bool]):
    """Asks a question; answers True for yes, None otherwise."""

    NO = "Keep as it is"
    VARIANT: "ButtonVariant" = "error"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("y", "submit", "Yes"), Binding("n", "cancel", "No")]
    DEFAULT_CSS = "ConfirmScreen #reason { display: none; }"

    def __init__(self, question: str, verb: str) -> None:
        """Ask a question; ``verb`` is the label of the button for yes."""
        super().__init__()
        self._question, self.YES = question, verb

    def compose_fields(self) -> ComposeResult:
        yield Static(self._question, markup=False, classes="question")

    def answer(self) -> None:
        self.dismiss(True)


def ask_before(app: App[Any], question: str, verb: str, then: Callable[[], object]) -> None:
    """Ask a question, and call ``then`` only after a yes.

    Args:
        app: The app.
        question: The question.
        verb: The label of the button for yes.
        then: What to do after a yes.
    """

    def answered(yes: bool | None) -> None:
        if yes:
            then()

    app.push_screen(ConfirmScreen(question, verb), answered)
