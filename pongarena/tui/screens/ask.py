"""A dialog that asks for one line of text: a new name, a file."""

from collections.abc import Callable
from typing import Any

from textual.app import App, ComposeResult
from textual.widgets import Input, Select, Static

from pongarena.core.errors import PongArenaError
from pongarena.tui.screens.dialog import Fault, Form

__all__ = ["AskScreen", "ask"]


class AskScreen(Form[tuple[str, int | None]]):
    """Asks for a line of text, and optionally for a checkpoint; checks the line as it is typed."""

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
        """Make the dialog.

        Args:
            question: The question.
            verb: The label of the button.
            text: The initial text of the line.
            check: Raises a PongArenaError with the reason when a line is invalid.
            checkpoints: Episodes of the checkpoints to choose from, if any.
            chosen: The initial choice; the last checkpoint for None.
        """
        super().__init__()
        self._question, self.YES, self._text, self._check = question, verb, text, check
        self._checkpoints = checkpoints
        self._chosen = chosen if chosen in checkpoints else next(reversed(checkpoints), None)

    def compose_fields(self) -> ComposeResult:
        yield Static(self._question, markup=False, classes="question")
        yield Input(self._text, id="line", compact=True)
        if self._checkpoints:
            options = [(f"after game {episode:,}", episode) for episode in reversed(self._checkpoints)]
            yield Select(options, value=self._chosen, allow_blank=False, compact=True, id="checkpoint")

    def on_mount(self) -> None:
        self.judge()

    @property
    def _line(self) -> str:
        return self.query_one("#line", Input).value.strip()

    def fault(self) -> Fault | None:
        if not self._line:
            return Fault("this cannot stay empty: fill it in, or press escape", "#line", empty=True)
        try:
            if self._check is not None:
                self._check(self._line)
        except PongArenaError as error:
            return Fault(str(error), "#line")
        return None

    def answer(self) -> None:
        episode = next((int(str(each.value)) for each in self.query("#checkpoint").results(Select)), None)
        self.dismiss((self._line, episode))


def ask(
    app: App[Any],
    question: str,
    verb: str,
    then: Callable[[str, int | None], object],
    *,
    text: str = "",
    check: Callable[[str], object] | None = None,
    checkpoints: tuple[int, ...] = (),
    chosen: int | None = None,
) -> None:
    """Ask for a line, and call ``then`` with it and the checkpoint; see ``AskScreen``."""
    screen = AskScreen(question, verb, text=text, check=check, checkpoints=checkpoints, chosen=chosen)

    def answered(answer: tuple[str, int | None] | None) -> None:
        if answer is not None:
            then(*answer)

    app.push_screen(screen, answered)
