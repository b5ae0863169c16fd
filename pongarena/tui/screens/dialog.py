"""What all dialogs share."""

from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

if TYPE_CHECKING:
    from pongarena.tui.app import PongArenaApp

Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer]):
    """A window above a main screen; escape closes it without an answer."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Back")]

    @property
    def arcade(self) -> "PongArenaApp":
        """The app, by its own type."""
        return cast("PongArenaApp", self.app)

    def action_cancel(self) -> None:
        """Close without an answer."""
        self.dismiss(None)
