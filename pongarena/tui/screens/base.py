"""What all main screens share: the bar of places, the line of keys, and the actions on a model."""

from typing import TYPE_CHECKING, ClassVar, cast

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import Screen
from textual.widgets import Static

from pongarena.tui.main_screens import PLACES
from pongarena.tui.widgets.keybar import KeyBar
from pongarena.tui.widgets.topbar import TopBar

if TYPE_CHECKING:
    from pongarena.tui.app import PongArenaApp
    from pongarena.tui.data.library_watcher import Entry, LibrarySnapshot


class ArcadeScreen(Screen[None]):
    """A main screen. Subclasses compose their body, show looks, and name the chosen model."""

    HERE: ClassVar[str] = ""
    RARE_KEYS: ClassVar[tuple[str, ...]] = ()
    """Actions that the line of keys leaves out, besides the usual ones, where it is short of room."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", "New", tooltip="Start a new training session"),
        Binding(
            "p", "play", "Play", tooltip="Play a match in a window, against the chosen model or any other"
        ),
        Binding("space", "pause", "Pause", tooltip="Pause the chosen model's session, or go on training"),
        Binding("s", "stop", "Stop", tooltip="Stop the chosen model's session; a checkpoint is saved"),
        Binding("c", "checkpoint", "Save", tooltip="Save a checkpoint of the running session now"),
        # the bar at the top names these keys
        *(
            Binding(
                each.key, f"go('{each.name}')", each.name, show=False, tooltip=f"{each.name}: {each.words}"
            )
            for each in PLACES
        ),
        Binding(
            "comma",
            "settings",
            "Settings",
            key_display=",",
            tooltip="Colours, first recipe, sessions at once",
        ),
        Binding(
            "ctrl+p",
            "app.command_palette",
            "Commands",
            key_display="^p",
            tooltip="Find any command or model by a word of it",
        ),
        Binding("question_mark,f1", "help", "Help", key_display="?", tooltip="Show this help"),
        Binding("q", "leave", "Quit", tooltip="Leave the app; sessions keep running"),
    ]

    _painted_in = ""

    @property
    def arcade(self) -> "PongArenaApp":
        """The app, by its own type."""
        return cast("PongArenaApp", self.app)

    def compose(self) -> ComposeResult:
        """Bar, body, keys."""
        yield TopBar(self.HERE)
        with Container(id="body"):
            yield from self.compose_body()
        yield KeyBar()

    def compose_body(self) -> ComposeResult:
        """The screen's own part."""
        raise NotImplementedError

    def chosen(self) -> "Entry | None":
        """The model that the keys act on."""
        raise NotImplementedError

    def choose(self, name: str) -> None:
        """Put the cursor on this model; for screens that have one."""

    def on_mount(self) -> None:
        """Follow the theme."""
        self._painted_in = self.app.theme
        self.app.theme_changed_signal.subscribe(self, lambda _: self._follow_theme())

    def _follow_theme(self) -> None:
        """Let texts that were painted in the colours of another theme be painted again."""
        if self._painted_in != self.app.theme:
            self._painted_in = self.app.theme
            for static in self.query(Static):
                if isinstance(static.content, Text):
                    static.update(static.content)

    def on_screen_resume(self) -> None:
        """Show what happened while another screen was seen."""
        self._follow_theme()
        if self.arcade.has_looked:
            self.show_look(self.arcade.look)

    def show_look(self, look: "LibrarySnapshot") -> None:
        """Show the library as it is now; subclasses go on from here."""
        from pongarena.jobs.status import State  # noqa: PLC0415

        paused = sum(entry.status.state is State.PAUSED for entry in look.live)
        for bar in self.query(TopBar):  # none while the screen is being taken down
            bar.show(len(look.live) - paused, paused)

    def action_go(self, mode: str) -> None:
        """Go to another main screen."""
        if mode != self.HERE:
            self.app.switch_mode(mode)

    def action_help(self) -> None:
        """Show all keys."""
        self.arcade.show_help(self)

    def action_settings(self) -> None:
        """Open the settings."""
        self.arcade.open_settings()

    def action_leave(self) -> None:
        """Leave the app; sessions go on."""
        self.app.exit()

    def action_new(self) -> None:
        """Open the form of a new training session."""
        self.arcade.open_new_session()

    def action_play(self) -> None:
        """Open the form of a match, with the chosen model on the right."""
        entry = self.chosen()
        self.arcade.open_match_form(entry.name if entry and entry.checkpoints else None)

    def action_pause(self) -> None:
        """Pause a running session, resume any other."""
        if (entry := self._trainable()) is not None:
            self.arcade.pause_or_go_on(entry)

    def action_stop(self) -> None:
        """Stop a session, after a question: what it learned is kept."""
        if (entry := self._trainable()) is not None:
            self.arcade.stop(entry)

    def action_checkpoint(self) -> None:
        """Save a checkpoint of a running session now."""
        if (entry := self._trainable()) is not None:
            self.arcade.save_checkpoint(entry)

    def _trainable(self) -> "Entry | None":
        entry = self.chosen()
        if entry is None:
            self.notify("There is no model here yet; n starts a training", severity="warning")
            return None
        return entry
