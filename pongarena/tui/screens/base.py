"""The base of all main screens: top bar, key bar, and the actions on a model."""

from typing import TYPE_CHECKING, ClassVar, cast

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import Static

from pongarena.tui.keys import key
from pongarena.tui.widgets.keybar import KeyBar
from pongarena.tui.widgets.topbar import TopBar

if TYPE_CHECKING:
    from pongarena.tui.app import PongArenaApp
    from pongarena.tui.data.library_watcher import Entry, LibrarySnapshot


class ArcadeScreen(Screen[None]):
    """A main screen. Subclasses compose its body, show snapshots, and name the chosen model."""

    HERE: ClassVar[str] = ""
    """The name of its place."""
    RARE_KEYS: ClassVar[tuple[str, ...]] = ()
    """Actions that a narrow key bar leaves out, besides the usual ones."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("n", "new", "New", "Start a new training session"),
        key("p", "play", "Play", "Play a match in a window, against the chosen model or any other"),
        key("space", "pause", "Pause", "Pause the chosen model's session, or resume it"),
        key("s", "stop", "Stop", "Stop the chosen model's session; a checkpoint is saved"),
        key("c", "checkpoint", "Save", "Save a checkpoint of the running session now"),
        key("comma", "settings", "Settings", "Colours, first recipe, sessions at once", shown_as=","),
        key("ctrl+p", "app.command_palette", "Commands", "Find any command or model by name",
            shown_as="^p"),
        key("question_mark,f1", "help", "Help", "Show this help", shown_as="?"),
        key("q", "app.quit", "Quit", "Leave the app; sessions keep running"),
    ]  # fmt: skip

    _painted_in = ""

    @property
    def arcade(self) -> "PongArenaApp":
        """The app, by its own type."""
        return cast("PongArenaApp", self.app)

    def compose(self) -> ComposeResult:
        yield TopBar(self.arcade.navigation.places, self.HERE)
        with Container(id="body"):
            yield from self.compose_body()
        yield KeyBar()

    def compose_body(self) -> ComposeResult:
        raise NotImplementedError

    def chosen(self) -> "Entry | None":
        """Return the model that the keys act on."""
        raise NotImplementedError

    def choose(self, name: str) -> None:
        """Move the cursor to this model, on screens that have one."""

    def on_mount(self) -> None:
        self._painted_in = self.app.theme
        self.app.theme_changed_signal.subscribe(self, lambda _: self._follow_theme())

    def _follow_theme(self) -> None:
        """Redraw texts that were rendered in the colours of another theme."""
        if self._painted_in != self.app.theme:
            self._painted_in = self.app.theme
            for static in self.query(Static):
                if isinstance(static.content, Text):
                    static.update(static.content)

    def on_resize(self, event: Resize) -> None:
        self.call_after_refresh(self._leave_hidden)

    def _leave_hidden(self) -> None:
        """Move the focus from a widget that a resize has hidden, so that its keys do nothing unseen."""
        if self.is_attached and self.focused is not None and self.focused not in self.focus_chain:
            self.focus_what_is_seen()

    def focus_what_is_seen(self) -> None:
        """Focus the first visible widget; subclasses choose a better one."""
        self.set_focus(next(iter(self.focus_chain), None))

    def on_screen_resume(self) -> None:
        self._follow_theme()
        if self.arcade.has_looked:
            self.show_look(self.arcade.look)

    def show_look(self, look: "LibrarySnapshot") -> None:
        """Show a snapshot of the library; subclasses extend this."""
        for bar in self.query(TopBar):  # none while the screen is being removed
            bar.show(look.at_work(paused=False), look.at_work(paused=True))

    def action_help(self) -> None:
        self.arcade.navigation.open_help(self)

    def action_settings(self) -> None:
        self.arcade.navigation.open_settings()

    def action_new(self) -> None:
        self.arcade.navigation.open_new_session()

    def action_play(self) -> None:
        entry = self.chosen()
        self.arcade.navigation.open_match_form(entry.name if entry and entry.checkpoints else None)

    def action_pause(self) -> None:
        self._act("pause_or_go_on")

    def action_stop(self) -> None:
        self._act("stop")

    def action_checkpoint(self) -> None:
        self._act("save_checkpoint")

    def _act(self, deed: str) -> None:
        from pongarena.tui.screens import model_actions  # noqa: PLC0415 (the first paint does not need numpy)

        if (entry := self._trainable()) is not None:
            getattr(model_actions, deed)(self.arcade, entry)

    def _trainable(self) -> "Entry | None":
        entry = self.chosen()
        if entry is None:
            self.notify("There is no model here yet; n starts a training", severity="warning")
            return None
        return entry
