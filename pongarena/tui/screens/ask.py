"""A dialog that asks for one line of text: a new name, a file."""

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Select, Static

from pongarena.core.errors import PongArenaError
from pongarena.tui.screens.dialog import Dialog
from pongarena.tui.widgets.keybar import KeyBar


class AskScreen(Dialog[tuple[str, int | None]]):
    """Asks for a line, and for a checkpoint where that matters; checks the line as it is typed."""

    def __init__(
        self,
        question: str,
        verb: str,
        *,
        text: str = "",
        check: Callable[[str], object] | None = None,
        checkpoints: tuple[int, ...] = (),
        chosen: int | None = None,
    ) -> None:
        """Make the question.

        Args:
            question: What is asked.
            verb: The word on the button.
            text: What the line says at first.
            check: Raises a PongArenaError with the reason when a line will not do.
            checkpoints: Episodes to choose from, if any.
            chosen: The one that is chosen at first; the last for None.
        """
        super().__init__()
        self._question, self._verb, self._text, self._check = question, verb, text, check
        self._checkpoints = checkpoints
        self._chosen = chosen if chosen in checkpoints else next(reversed(checkpoints), None)

    def compose(self) -> ComposeResult:
        """Question, line, checkpoint, reason, buttons."""
        with Vertical(classes="dialog"):
            yield Static(self._question, markup=False, classes="question")
            yield Input(self._text, id="line", compact=True)
            if self._checkpoints:
                options = [(f"after episode {episode:,}", episode) for episode in reversed(self._checkpoints)]
                yield Select(options, value=self._chosen, allow_blank=False, compact=True, id="checkpoint")
            yield Static("", id="reason", classes="reason", markup=False)
            with Horizontal(classes="buttons"):
                yield Button("Cancel", id="no")
                yield Button(self._verb, id="yes", variant="primary")
        yield KeyBar()

    def on_mount(self) -> None:
        """Judge what is there at first."""
        self._judge()

    def on_input_changed(self) -> None:
        """Judge what was typed."""
        self._judge()

    def _judge(self) -> bool:
        line, reason = self.query_one("#line", Input).value.strip(), ""
        if line and self._check is not None:
            try:
                self._check(line)
            except PongArenaError as error:
                reason = str(error)
        self.query_one("#reason", Static).update(reason)
        good = bool(line) and not reason
        self.query_one("#yes", Button).disabled = not good
        return good

    def on_input_submitted(self) -> None:
        """Enter is the button."""
        self._answer()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer, or not."""
        if event.button.id == "yes":
            self._answer()
        else:
            self.dismiss(None)

    def _answer(self) -> None:
        if not self._judge():
            return
        chosen = self.query("#checkpoint").results(Select)
        episode = next((int(str(select.value)) for select in chosen), None)
        self.dismiss((self.query_one("#line", Input).value.strip(), episode))
