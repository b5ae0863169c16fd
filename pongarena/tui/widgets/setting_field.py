"""One setting of a form: name, input, and beside it the range, or what is wrong."""

from collections.abc import Callable
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Label, Static

from pongarena.errors import PongArenaError


class SettingField(Vertical):
    """Judges its text at every key; ``fault`` is empty when it will do."""

    DEFAULT_CSS = """
    SettingField {
        height: auto; padding: 0 0 1 0;
        & Horizontal { height: auto; }
        & Label { width: 18; color: $foreground; }
        & Input { width: 16; }
        & .hint { width: 1fr; padding: 0 0 0 2; color: $muted; }
        & .hint.-wrong { color: $error; text-style: bold; }
        & .explained { padding: 0 0 0 18; color: $faint; }
        &:focus-within .explained { color: $muted; }
        &:focus-within Label { color: $left; text-style: bold; }
    }
    """

    @dataclass
    class Changed(Message):
        """The text changed, and was judged."""

        field: "SettingField"

    def __init__(
        self, name: str, *, label: str, text: str, hint: str, help: str = "", check: Callable[[str], object]
    ) -> None:
        """Make a field.

        Args:
            name: Its key in the form.
            label: Its name for people.
            text: What it says at first.
            hint: What may be entered.
            help: What it does; shown below, empty for nothing.
            check: Raises a PongArenaError with the reason when a text will not do.
        """
        super().__init__(id=f"field-{name}")
        self.key, self._label, self._text, self._hint, self._help = name, label, text, hint, help
        self._check = check
        self.fault = ""

    @property
    def text(self) -> str:
        """What was entered."""
        return self.query_one(Input).value.strip()

    def compose(self) -> ComposeResult:
        """Label, input, hint; the explanation below."""
        with Horizontal():
            yield Label(self._label, markup=False)
            yield Input(self._text, compact=True)
            yield Static(self._hint, classes="hint", markup=False)
        if self._help:
            yield Static(self._help, classes="explained", markup=False)

    def on_mount(self) -> None:
        """Judge what is there at first."""
        self.judge()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Judge what was typed, and tell the form."""
        event.stop()
        self.judge()
        self.post_message(self.Changed(self))

    def judge(self) -> None:
        """See whether the text will do."""
        try:
            self._check(self.text)
            self.fault = ""
        except PongArenaError as error:
            self.fault = str(error)
        hint = self.query_one(".hint", Static)
        hint.update(f"✗ {self.fault}" if self.fault else self._hint)
        hint.set_class(bool(self.fault), "-wrong")
