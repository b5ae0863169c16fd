"""Home: what runs, where one stands, and what to do next."""

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.widgets import Static

from pongarena.tui.screens.base import ArcadeScreen

if TYPE_CHECKING:
    from pongarena.tui.watch import Entry


class HomeScreen(ArcadeScreen):
    """The first screen."""

    HERE: ClassVar[str] = "home"

    def compose_body(self) -> ComposeResult:
        """The newcomer's words."""
        yield Static("[b $left]p[/] plays a match now, [b $left]n[/] trains your first network.")

    def chosen(self) -> "Entry | None":
        """The first session, if any."""
        return next(iter(self.arcade.look.live), None)
