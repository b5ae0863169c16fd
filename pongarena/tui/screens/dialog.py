"""What all dialogs share."""

from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

if TYPE_CHECKING:
    from pongarena.tui.app import PongArenaApp

Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer]):
    """A window above a main screen; escape closes it without an answer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Back"),
        Binding("f1", "help", "Help", key_display="F1", tooltip="Show this help"),
        # where text is typed it is a letter; everywhere else it is the key of the main screens
        Binding("question_mark", "help", "Help", show=False, key_display="?", tooltip="Show this help"),
    ]

    @property
    def arcade(self) -> "PongArenaApp":
        """The app, by its own type."""
        return cast("PongArenaApp", self.app)

    def action_help(self) -> None:
        """Show all keys."""
        self.arcade.show_help(self)

    def action_cancel(self) -> None:
        """Close without an answer."""
        self.dismiss(None)
