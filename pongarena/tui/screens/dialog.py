"""The base classes of all dialogs."""

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple, TypeVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from pongarena.tui.keys import key
from pongarena.tui.widgets.keybar import KeyBar

if TYPE_CHECKING:
    from textual.widgets.button import ButtonVariant

    from pongarena.tui.app import PongArenaApp

__all__ = ["Dialog", "Fault", "Form"]

Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer]):
    """A window above a main screen; escape closes it without an answer."""

    CSS_PATH = Path(__file__).parents[1] / "dialogs.tcss"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Back"),
        key("f1", "help", "Help", "Show this help", shown_as="F1"),
        # a text field takes it as a character; elsewhere it opens the help, as on the main screens
        key("question_mark", "help", "", "Show this help", shown_as="?"),
    ]

    @property
    def arcade(self) -> "PongArenaApp":
        """The app, by its own type."""
        return cast("PongArenaApp", self.app)

    def action_help(self) -> None:
        self.arcade.navigation.open_help(self)

    def action_cancel(self) -> None:
        self.dismiss(None)


class Fault(NamedTuple):
    """What is wrong with a form.

    Attributes:
        words: The message for the user.
        field: CSS selector of the widget to correct.
        empty: Whether the field is only not filled in yet: the message then waits until the user submits.
    """

    words: str
    field: str
    empty: bool = False


class Form(Dialog[Answer]):
    """Fields, a line for what is wrong with them, and buttons; Enter in a field presses the main button.

    The main button is always enabled: pressed too early, it says why, and focuses the field.
    """

    BOX = "dialog"
    NO = "Cancel"
    YES = "OK"
    VARIANT: "ButtonVariant" = "primary"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,up", "button(-1)", "Previous button", show=False),
        Binding("right,down", "button(1)", "Next button", show=False),
    ]

    is_waiting = False
    """Whether it was submitted, and the task is not done yet."""

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes=self.BOX, can_focus=False):
            yield from self.compose_fields()
            yield Static("", id="reason", classes="reason", markup=False)
            with Horizontal(classes="buttons"):
                yield from self.compose_buttons()
        yield KeyBar()

    def compose_fields(self) -> ComposeResult:
        raise NotImplementedError

    def compose_buttons(self) -> ComposeResult:
        """Make the buttons, at least ``no`` and ``yes``."""
        yield Button(self.NO, id="no")
        yield Button(self.YES, id="yes", variant=self.VARIANT)

    def fault(self) -> Fault | None:
        """Return the first thing that is wrong; None when nothing is."""
        return None

    def answer(self) -> None:
        """Do what the form is for; called when no field is wrong."""
        raise NotImplementedError

    def judge(self) -> None:
        """Show what is wrong so far."""
        if not self.is_waiting:
            fault = self.fault()
            self.say(fault.words if fault and not fault.empty else "")

    def say(self, words: str) -> None:
        """Show a message above the buttons."""
        line = self.query_one("#reason", Static)
        line.update(words)
        if words:  # in a small terminal it may be out of sight
            self.call_after_refresh(line.scroll_visible, animate=False)

    def wait(self, words: str) -> None:
        """Disable the main button, and show a message."""
        self.is_waiting = self.query_one("#yes", Button).disabled = True
        self.say(words)

    def refuse(self, reason: str) -> None:
        """Show why the task failed, and enable the main button again."""
        if self.is_mounted:
            self.is_waiting = self.query_one("#yes", Button).disabled = False
            self.say(reason)

    def action_submit(self) -> None:
        """Answer; or show what is wrong, and focus that field."""
        if self.is_waiting:
            return
        fault = self.fault()
        if fault is None:
            self.answer()
        else:
            self.say(fault.words)
            self.go_to(fault.field)

    def go_to(self, field: str) -> None:
        self.query_one(field).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        self.judge()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.action_submit()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "yes":
            self.action_submit()
        elif event.button.id == "no":
            self.action_cancel()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let arrow keys move between buttons only while a button has the focus."""
        return action != "button" or isinstance(self.focused, Button)

    def action_button(self, by: int) -> None:
        buttons = [each for each in self.query(Button) if each.focusable]
        if isinstance(self.focused, Button):
            buttons[(buttons.index(self.focused) + by) % len(buttons)].focus()
