"""What is said when the terminal has become too small for anything else."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Resize
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widgets import Static

__all__ = ["SMALLEST", "TooSmallScreen", "is_too_small"]

SMALLEST = Size(40, 12)
"""Columns and lines; below, there is nothing to see. All fits from 80 × 24 on."""


def is_too_small(size: Size) -> bool:
    """Whether a terminal of this size has no room for the app."""
    return size.width < SMALLEST.width or size.height < SMALLEST.height


class TooSmallScreen(ModalScreen[None]):
    """Covers everything, keeps it as it is, and goes away by itself when there is room again."""

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
        """Say what is too small."""
        self._tell(self.app.size)

    def on_resize(self, event: Resize) -> None:
        """Go away when there is room."""
        self._tell(event.size)

    def on_screen_resume(self) -> None:
        """Go away when there is room: the terminal may have grown while another screen was seen."""
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
