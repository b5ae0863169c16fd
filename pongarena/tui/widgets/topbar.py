"""The first line of every main screen: the main screens, and the number of background jobs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.events import Click
from textual.widgets import Static

if TYPE_CHECKING:
    from pongarena.tui.navigation import Place


class Tab(Static):
    """The key and the name of a main screen; a click opens it."""

    def __init__(self, place: "Place", here: bool) -> None:
        words = Content.assemble((place.key, "" if here else "$left"), f" {place.name}")
        super().__init__(words, classes="-here" if here else "")
        self._place = place
        self.tooltip = f"{place.name}: {place.words}"

    def on_click(self, event: Click) -> None:
        event.stop()
        self.app.simulate_key(self._place.key)


class TopBar(Horizontal):
    """Name, main screens, and numbers of background jobs; shorter on a narrow screen."""

    DEFAULT_CSS = """
    TopBar {
        dock: top; height: 1; background: $surface;
        & > #brand { width: 3; }
        & > #name { width: auto; padding: 0 3 0 0; text-style: bold; }
        & > Tab { width: auto; padding: 0 1; color: $muted; }
        &.-tight > Tab { width: 3; }
        &.-tight > Tab.-here { width: auto; }
        & > Tab.-here { background: $panel; color: $ball; text-style: bold; }
        & > Tab:hover { color: $ball; text-style: underline; }
        & > #live { width: 1fr; padding: 0 1 0 0; text-align: right; color: $muted; }
    }
    """

    def __init__(self, places: "Sequence[Place]", here: str) -> None:
        """Make the bar for the main screen ``here``."""
        super().__init__()
        self._places, self._here = places, here
        self._live = (0, 0)

    def compose(self) -> ComposeResult:
        yield Static("[$left]▌[/][$ball]▪[/][$right]▐[/]", id="brand")
        yield Static("PONGARENA", id="name")
        for place in self._places:
            yield Tab(place, place.name == self._here)
        yield Static("", id="live")

    def show(self, running: int, paused: int) -> None:
        """Show the numbers of running and paused sessions, tournaments and lab runs."""
        if self._live != (running, paused):
            self._live = running, paused
            self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        running, paused = self._live
        wide = self.screen.has_class("-wide")
        self.query_one("#name").display = wide
        named = sum(len(place.name) + 4 for place in self._places) + 7  # brand and sessions besides
        self.set_class(self.size.width < named, "-tight")
        parts = [f"[$right]●[/]{f' {running} running' if wide else running}"] if running else []
        parts += [f"‖{f' {paused} paused' if wide else paused}"] if paused else []
        self.query_one("#live", Static).update(("  " if wide else " ").join(parts))
