"""The message that the terminal is too small."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Resize
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widgets import Static

__all__ = ["SMALLEST", "TooSmallScreen", "is_too_small"]

SMALLEST = Size(40, 12)
"""The least columns and lines; everything fits from 80 × 24 on."""


def is_too_small(size: Size) -> bool:
    """Return whether a terminal of this size is too small for the app."""
    return size.width < SMALLEST.width or size.height < SMALLEST.height


class TooSmallScreen(ModalScreen[None]):
    """Covers the other screens, and closes by itself once the terminal is large enough."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "app.quit", "Quit")]

    DEFAULT_CSS = """
    TooSmallScreen {
        align: center middle; background: $background;
        & Static { width: 100%; height: auto; text-align: center; }
    }
    """

    def compose(self) -> ComposeResult:
        yield Static()

    def on_mount(self) -> None:
        self._tell(self.app.size)

    def on_resize(self, event: Resize) -> None:
        self._tell(event.size)

    def on_screen_resume(self) -> None:
        """Check the size: the terminal may have grown while another screen was shown."""
        self._tell(self.app.size)

    def _tell(self, size: Size) -> None:
        if not is_too_small(size):
            if self.is_active:
                self.dismiss(None)
            return
        words = f"[b]Make the terminal larger[/b]\nit has {size.width}×{size.height}, 80×24 is good"
        if size.height > 3:
            words += "\n[$muted]q leaves[/]"
        self.query_one(Static).update(words)
