"""A question of the school: its choices, the progress of the answer, and the outcome."""

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.widgets import Static

from pongarena.school.answers import Answer

__all__ = ["LETTERS", "QuestionView"]

LETTERS = "abcd"
"""Keys of the choices."""


class _Choice(Static):
    """A choice, taken by a click."""

    @dataclass
    class Taken(Message):
        """It was clicked."""

        number: int

    def __init__(self, number: int, words: str) -> None:
        super().__init__(f" {LETTERS[number]}  {words}", markup=False, classes="choice")
        self._number = number

    def on_click(self, event: Click) -> None:
        self.post_message(self.Taken(self._number))


class QuestionView(Vertical):
    """One question; its outcome appears below the choices once it is answered."""

    DEFAULT_CSS = """
    QuestionView {
        height: auto; width: 1fr; max-width: 82; margin: 0 0 1 0; padding: 0 0 0 1;
        border-left: outer $left 60%; background: $surface;
        & > Static { width: 1fr; height: auto; }
        & > .title { color: $left; text-style: bold; }
        & > .choice:hover { background: $panel; }
        & > .outcome { margin: 1 0 0 0; }
    }
    """

    @dataclass
    class Predicted(Message):
        """The user predicted; the screen must compute the answer."""

        question: str
        choice: int

    def __init__(self, name: str, words: str, choices: tuple[str, ...]) -> None:
        """Make a question.

        Args:
            name: Its name.
            words: The text of the question.
            choices: The choices; no more than there are `LETTERS`.
        """
        super().__init__()
        self.question = name
        self._words, self._choices = words, choices
        self._outcome = Content("")

    def compose(self) -> ComposeResult:
        keys = ", ".join(LETTERS[: len(self._choices) - 1]) + f" or {LETTERS[len(self._choices) - 1]}"
        yield Static(f"? predict, then check: {keys}", markup=False, classes="title")
        yield Static(self._words, markup=False)
        for number, words in enumerate(self._choices):
            yield _Choice(number, words)
        outcome = Static(self._outcome, markup=False, classes="outcome")
        outcome.display = bool(self._outcome)
        yield outcome

    def on__choice_taken(self, event: _Choice.Taken) -> None:
        event.stop()
        self.predict(event.number)

    def predict(self, choice: int) -> None:
        """Take a choice; the screen computes the answer."""
        if choice < len(self._choices):
            self.post_message(self.Predicted(self.question, choice))

    def wait(self, choice: int, done: float) -> None:
        words = f"You predict: {self._choices[choice]}. Computing … {done:.0%}"
        self._say(Content(words))

    def show(self, answer: Answer) -> None:
        sign, words, colour = ("✓", "as you predicted", "success") if answer.right else ("✗", "", "error")
        told = f"{sign} {answer.found}" + (f", {words}." if words else f"; you predicted: {answer.chosen}.")
        content = Content.assemble((told, f"bold ${colour}"), f"\n  {answer.told}  ({answer.model})")
        self._say(content)

    def fail(self, reason: str) -> None:
        self._say(Content(f"✗ {reason}"))

    def _say(self, content: Content) -> None:
        self._outcome = content
        for outcome in self.query(".outcome").results(Static):  # none before it is composed
            outcome.display = True
            outcome.update(content)
