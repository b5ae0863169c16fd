"""The first line of every main screen: where one is, where one can go, and how many sessions run."""

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.events import Click
from textual.widgets import Static


class Place(Static):
    """The name of a main screen; a click goes there."""

    def __init__(self, mode: str, here: bool) -> None:
        super().__init__(f"▸{mode}" if here else f" {mode}", classes="-here" if here else "")
        self._mode = mode

    def on_click(self, event: Click) -> None:
        """Go there."""
        event.stop()
        self.app.switch_mode(self._mode)


class TopBar(Horizontal):
    """Name, places, and the sessions that run."""

    DEFAULT_CSS = """
    TopBar {
        dock: top; height: 1; background: $surface;
        & > #brand { width: auto; padding: 0 2 0 1; text-style: bold; }
        & > Place { width: auto; padding: 0 2 0 0; color: $muted; }
        & > Place.-here { color: $ball; text-style: bold; }
        & > Place:hover { color: $left; }
        & > #live { width: 1fr; text-align: right; padding: 0 1; color: $muted; }
    }
    """

    def __init__(self, here: str, modes: tuple[str, ...]) -> None:
        """Make the bar of the screen ``here``, one of ``modes``."""
        super().__init__()
        self._here, self._modes = here, modes

    def compose(self) -> ComposeResult:
        """The bar's parts."""
        yield Static("[$left]▌[/] [$ball]▪[/] PONGARENA [$right]▐[/]", id="brand")
        for mode in self._modes:
            yield Place(mode, mode == self._here)
        yield Static("", id="live")

    def show(self, running: int, paused: int) -> None:
        """Say how many sessions there are."""
        parts = [f"[$right]●[/] {running} running"] if running else []
        parts += [f"‖ {paused} paused"] if paused else []
        self.query_one("#live", Static).update("  ".join(parts))
