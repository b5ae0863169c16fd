"""One setting of a form: its label, its input, and the allowed range or what is wrong."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.events import Click
from textual.message import Message
from textual.widgets import Input, Label, Select, Static

from pongarena.core.errors import PongArenaError


@dataclass(frozen=True)
class Explanation:
    """What a setting does.

    Attributes:
        about: A description in a sentence or two.
        lower: The effect of a lower value; empty for none worth telling.
        higher: The effect of a higher value, likewise.
    """

    about: str
    lower: str = ""
    higher: str = ""

    def words(self, label: str) -> Text:
        """Format the explanation below the label of the setting."""
        text = Text().append(label, style="bold").append(f"  {self.about}")
        for name, words in (("▾ lower", self.lower), ("▴ higher", self.higher)):
            if words:
                text.append("\n").append(name, style="bold").append(f"  {words}")
        return text


class SettingField(Horizontal):
    """Checks its text at every key press; ``fault`` is empty when it is valid."""

    CONTROL: ClassVar[Any] = Input
    """The class of the input widget; it has a ``value``."""

    DEFAULT_CSS = """
    SettingField {
        height: auto;
        & Label { width: 22; color: $foreground; }
        & Input { width: 14; }
        & .hint { width: 1fr; padding: 0 0 0 2; color: $muted; }
        & .hint.-wrong { color: $error; text-style: bold; }
        &:focus-within Label { color: $left; text-style: bold; }
        &:focus-within .hint { color: $muted; }
        &:focus-within .hint.-wrong { color: $error; }
    }
    """

    @dataclass
    class Changed(Message):
        """The text has changed, and was checked."""

        field: "SettingField"

    def __init__(
        self,
        name: str,
        *,
        label: str,
        text: str,
        hint: str,
        explanation: Explanation,
        check: Callable[[str], object],
    ) -> None:
        """Make a field.

        Args:
            name: Its key in the form.
            label: Its label.
            text: The initial text.
            hint: The allowed values.
            explanation: What the setting does; the form shows it.
            check: Raises a PongArenaError with the reason when a text is invalid.
        """
        super().__init__(id=f"field-{name}")
        self.key, self.label, self.explanation = name, label, explanation
        self._text, self._hint, self._check = text, hint, check
        self.fault = ""

    @property
    def text(self) -> str:
        """The entered text; the initial one until the field is composed."""
        controls = self.query(self.CONTROL)
        return str(controls.first().value).strip() if controls else self._text

    @text.setter
    def text(self, text: str) -> None:
        self._text = text
        for each in self.query(self.CONTROL):
            each.value = text

    def _control(self) -> "Input | Select[str]":
        return Input(self._text, compact=True)

    def compose(self) -> ComposeResult:
        yield Label(self.label, markup=False)
        yield self._control()
        yield Static(self._hint, classes="hint", markup=False)

    def on_mount(self) -> None:
        self.judge()

    def on_click(self, event: Click) -> None:
        """Focus the input after a click anywhere on the line."""
        control = self.query_one(self.CONTROL)
        if not control.has_focus:
            control.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.judge()
        self.post_message(self.Changed(self))

    def judge(self) -> None:
        """Check the text, and show what is wrong."""
        try:
            self._check(self.text)
            self.fault = ""
        except PongArenaError as error:
            self.fault = str(error)
        hint = self.query_one(".hint", Static)
        hint.update(f"✗ {self.fault}" if self.fault else self._hint)
        hint.set_class(bool(self.fault), "-wrong")


class ChoiceField(SettingField):
    """A setting with a list of values to choose from."""

    CONTROL = Select

    DEFAULT_CSS = """
    ChoiceField {
        & Select { width: 30; }
    }
    """

    def __init__(
        self,
        name: str,
        *,
        label: str,
        text: str,
        hint: str,
        explanation: Explanation,
        options: Sequence[tuple[str, str]],
    ) -> None:
        """Make a field; ``options`` are pairs of label and text, all else is as in ``SettingField``."""
        super().__init__(
            name, label=label, text=text, hint=hint, explanation=explanation, check=lambda text: text
        )
        self._options = options

    def _control(self) -> Select[str]:
        return Select(self._options, value=self._text, allow_blank=False, compact=True)

    def on_select_changed(self, event: Select.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(self))
