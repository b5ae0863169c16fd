"""What all main screens share: the bar of places, the line of keys, and the actions on a model."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import Screen

from pongarena.library import session
from pongarena.library.models import Model
from pongarena.library.status import State
from pongarena.tui.screens.confirm import ConfirmScreen
from pongarena.tui.screens.help import HelpScreen
from pongarena.tui.watch import Entry, Look
from pongarena.tui.widgets.keybar import KeyBar
from pongarena.tui.widgets.topbar import TopBar

if TYPE_CHECKING:
    from pongarena.tui.app import PongArenaApp

MODES = ("library", "training")
"""The main screens, in the order of their keys."""


class ArcadeScreen(Screen[None]):
    """A main screen. Subclasses compose their body, show looks, and name the chosen model."""

    HERE: ClassVar[str] = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", "New", tooltip="Start a new training session"),
        Binding(
            "p", "play", "Play", tooltip="Play a match in a window, against the chosen model or any other"
        ),
        Binding("space", "pause", "Pause", tooltip="Pause the chosen model's session, or go on training"),
        Binding("s", "stop", "Stop", tooltip="Stop the chosen model's session; a checkpoint is saved"),
        Binding("c", "checkpoint", "Save", tooltip="Save a checkpoint of the running session now"),
        Binding("1", "go('library')", "Library", tooltip="Go to the library"),
        Binding("2", "go('training')", "Training", tooltip="Go to the dashboard of running sessions"),
        Binding("question_mark", "help", "Help", key_display="?", tooltip="Show this help"),
        Binding("q", "leave", "Quit", tooltip="Leave the app; sessions keep running"),
    ]

    @property
    def arcade(self) -> "PongArenaApp":
        """The app, by its own type."""
        return cast("PongArenaApp", self.app)

    def compose(self) -> ComposeResult:
        """Bar, body, keys."""
        yield TopBar(self.HERE, MODES)
        with Container(id="body"):
            yield from self.compose_body()
        yield KeyBar()

    def compose_body(self) -> ComposeResult:
        """The screen's own part."""
        raise NotImplementedError

    def chosen(self) -> Entry | None:
        """The model that the keys act on."""
        raise NotImplementedError

    def on_screen_resume(self) -> None:
        """Show what happened while another screen was seen."""
        self.show_look(self.arcade.look)

    def show_look(self, look: Look) -> None:
        """Show the library as it is now; subclasses go on from here."""
        paused = sum(entry.status.state is State.PAUSED for entry in look.live)
        self.query_one(TopBar).show(len(look.live) - paused, paused)

    def action_go(self, mode: str) -> None:
        """Go to another main screen."""
        if mode != self.HERE:
            self.app.switch_mode(mode)

    def action_help(self) -> None:
        """Show all keys."""
        self.app.push_screen(HelpScreen.of(self))

    def action_leave(self) -> None:
        """Leave the app; sessions go on."""
        self.app.exit()

    def action_new(self) -> None:
        """Open the form of a new training session."""
        from pongarena.tui.screens.new_session import NewSessionScreen  # noqa: PLC0415 (it goes to a main screen)

        self.app.push_screen(NewSessionScreen())

    def action_play(self) -> None:
        """Open the form of a match, with the chosen model on the right."""
        from pongarena.tui.screens.play import PlayScreen  # noqa: PLC0415

        entry = self.chosen()
        self.app.push_screen(PlayScreen(entry.name if entry and entry.checkpoints else None))

    def action_pause(self) -> None:
        """Pause a running session, resume any other."""
        entry = self._trainable()
        if entry is None:
            return
        if entry.status.state in (State.RUNNING, State.STARTING):
            self._ask(entry.model, "pause", f"{entry.name} pauses at the next step")
        elif entry.status.state is State.PAUSED:
            self._ask(entry.model, "resume", f"{entry.name} goes on")
        else:
            self.arcade.attempt(lambda: self.arcade.start_session(entry.model))

    def action_stop(self) -> None:
        """Stop a session, after a question: what it learned is kept."""
        entry = self._trainable()
        if entry is None:
            return
        if not entry.status.active:
            self.notify(
                f"{entry.name} has no session to stop; space starts one", severity="warning", markup=False
            )
            return
        question = f"Stop training {entry.name}? It saves a checkpoint first; space resumes it from there."

        def answered(yes: bool | None) -> None:
            if yes:
                self._ask(entry.model, "stop", f"{entry.name} saves and stops")

        self.app.push_screen(ConfirmScreen(question, "Stop"), answered)

    def action_checkpoint(self) -> None:
        """Save a checkpoint of a running session now."""
        if (entry := self._trainable()) is not None:
            self._ask(entry.model, "checkpoint", f"{entry.name} saves a checkpoint")

    def _trainable(self) -> Entry | None:
        entry = self.chosen()
        if entry is None:
            self.notify("There is no model here yet; n starts a training", severity="warning")
            return None
        return entry

    def _ask(self, model: Model, verb: str, words: str) -> None:
        def task() -> str:
            session.request(model, verb)
            return words

        self.arcade.attempt(task)
