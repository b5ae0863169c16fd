"""One setting of a form: name, input, and beside it the range, or what is wrong."""

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
        about: In a sentence or two.
        lower: What happens with a lower value; empty for nothing worth telling.
        higher: What happens with a higher one.
    """

    about: str
    lower: str = ""
    higher: str = ""

    def words(self, label: str) -> Text:
        """All of it, under the setting's name."""
        text = Text().append(label, style="bold").append(f"  {self.about}")
        for name, words in (("▾ lower", self.lower), ("▴ higher", self.higher)):
            if words:
                text.append("\n").append(name, style="bold").append(f"  {words}")
        return text


class SettingField(Horizontal):
    """Judges its text at every key; ``fault`` is empty when it will do."""

    CONTROL: ClassVar[Any] = Input
    """The class of the widget that it is entered with; it has a ``value``."""

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
        """The text changed, and was judged."""

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
            label: Its name for people.
            text: What it says at first.
            hint: What may be entered.
            explanation: What it does; the form shows it.
            check: Raises a PongArenaError with the reason when a text will not do.
        """
        super().__init__(id=f"field-{name}")
        self.key, self.label, self.explanation = name, label, explanation
        self._text, self._hint, self._check = text, hint, check
        self.fault = ""

    @property
    def text(self) -> str:
        """What was entered; what it begins with while it is being put together."""
        controls = self.query(self.CONTROL)
        return str(controls.first().value).strip() if controls else self._text

    @text.setter
    def text(self, text: str) -> None:
        self._text = text
        for each in self.query(self.CONTROL):
            each.value = text

    def _control(self) -> "Input | Select[str]":
        """Where it is entered or chosen."""
        return Input(self._text, compact=True)

    def compose(self) -> ComposeResult:
        yield Label(self.label, markup=False)
        yield self._control()
        yield Static(self._hint, classes="hint", markup=False)

    def on_mount(self) -> None:
        self.judge()

    def on_click(self, event: Click) -> None:
        """A click anywhere on the line goes into it."""
        control = self.query_one(self.CONTROL)
        if not control.has_focus:
            control.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
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


class ChoiceField(SettingField):
    """A setting with few values, each with words of its own, to choose from instead of typing."""

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
        """Make a field; ``options`` are words and text of each, all else is as in ``SettingField``."""
        super().__init__(
            name, label=label, text=text, hint=hint, explanation=explanation, check=lambda text: text
        )
        self._options = options

    def _control(self) -> Select[str]:
        return Select(self._options, value=self._text, allow_blank=False, compact=True)

    def on_select_changed(self, event: Select.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(self))
