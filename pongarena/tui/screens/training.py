"""The training screen: a live dashboard of all sessions."""

from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.events import DescendantFocus
from textual.widgets import Static

from pongarena.tui.data.library_watcher import Entry, LibrarySnapshot
from pongarena.tui.keys import key
from pongarena.tui.screens import model_actions
from pongarena.tui.screens.base import ArcadeScreen
from pongarena.tui.screens.session import SessionScreen
from pongarena.tui.widgets.job_rows import job_rows
from pongarena.tui.widgets.learning import learning_words
from pongarena.tui.widgets.picks import Picks
from pongarena.tui.widgets.session_card import SessionCard
from pongarena.tui.widgets.steady_text import SteadyText

_LOG_LINES = 40


class _LogPanel(VerticalScroll):
    """Asks for its text again when its size changes, because the size decides how many lines fit."""

    def __init__(self, ask: Callable[[], None]) -> None:
        super().__init__(id="log-panel", can_focus=False)
        self._ask = ask

    def on_resize(self) -> None:
        self.call_after_refresh(self._ask)


class TrainingScreen(ArcadeScreen):
    """Cards of all sessions since the app was opened, and rows of all other background work.

    Below them it shows whether the chosen session learns, or its log once it has ended.
    """

    HERE: ClassVar[str] = "training"
    DEFAULT_CSS = """
    TrainingScreen {
        & #cards { height: 1fr; scrollbar-size-vertical: 1; }
        & #log-panel {
            height: 6; border: round $border; border-title-color: $muted; padding: 0 1; color: $muted;
            scrollbar-size-vertical: 1;
        }
        &.-high #log-panel { height: 11; }
        & #nothing {
            display: none; width: 1fr; height: 1fr; content-align: center middle; text-align: center;
        }
        &.-alone SessionCard { max-height: 100%; }
        &.-empty #nothing { display: block; }
        &.-empty #cards, &.-empty #log-panel { display: none; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "open", "Open", "Show the chosen session in full", shown_as="⏎"),
        key("l", "rate", "Rate", "Change the learning rate of the chosen session"),
        key("f", "fork", "Fork", "Make a new model from a checkpoint, and train it"),
        Binding("down,j", "next(1)", "Next", key_display="↓", show=False),
        Binding("up,k", "next(-1)", "Previous", key_display="↑", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._cards: dict[str, SessionCard] = {}

    def compose_body(self) -> ComposeResult:
        yield Static(
            "No session is running.\n\n[b $left]n[/] starts a training, [b $left]2[/] shows your models; "
            "[b $left]space[/] resumes one there.",
            id="nothing",
        )
        yield VerticalScroll(id="cards", can_focus=False)
        yield Picks("Also in the background", id="others")
        with _LogPanel(self._show_latest_log):
            yield SteadyText(id="train-log")

    def chosen(self) -> Entry | None:
        """Return the model of the focused card, else of the first one."""
        cards = list(self._cards.values())
        focused = next((card for card in cards if card.has_focus), cards[0] if cards else None)
        return self.arcade.look.entry(focused.model_name) if focused else None

    def choose(self, name: str) -> None:
        if (card := self._cards.get(name)) is not None:
            card.focus()

    def show_look(self, look: LibrarySnapshot) -> None:
        super().show_look(look)
        self._match_cards(look)
        self.set_class(not self._cards, "-empty")
        self.set_class(len(self._cards) == 1, "-alone")
        if self.is_active:
            self.arcade.wanted = frozenset(self._cards)
        for name, card in self._cards.items():
            entry = look.entry(name)
            if entry is not None:
                card.show(entry, look.curves.get(name), look)
        self.call_after_refresh(self._show_log, look)  # how much of the log fits is known then
        others = self.query_one("#others", Picks)
        others.display = bool(look.jobs)
        others.show(lambda *_: job_rows(look.jobs))

    def on_picks_picked(self, event: Picks.Picked) -> None:
        """Go to the screen of the tournament or the lab run."""
        event.stop()
        self.arcade.navigation.go(event.key.partition(" ")[0])

    def _match_cards(self, look: LibrarySnapshot) -> None:
        for name in [name for name in self._cards if look.entry(name) is None]:
            self._cards.pop(name).remove()
        waiting = [entry for entry in look.entries if entry.status.waits]
        shown = [*look.live, *sorted(waiting, key=lambda entry: entry.status.updated)]
        new = [SessionCard(entry.name) for entry in shown if entry.name not in self._cards]
        self._cards.update({card.model_name: card for card in new})
        if new:
            self.query_one("#cards").mount_all(new)
            if not isinstance(self.focused, SessionCard):
                self.call_after_refresh(new[0].focus)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        self._show_latest_log()

    def _show_latest_log(self) -> None:
        self._show_log(self.arcade.look)

    def _show_log(self, look: LibrarySnapshot) -> None:
        entry = self.chosen() if self.is_attached else None
        if entry is None:
            return
        panel, log = self.query_one("#log-panel", VerticalScroll), look.logs.get(entry.name, "")
        shown = self.query_one("#train-log", SteadyText)
        if entry.status.active:
            panel.border_title = f"is {entry.name} learning?"
            words = learning_words(entry, look.curves.get(entry.name))
            room = panel.size.height - len(words.wrap(self.app.console, max(1, panel.size.width))) - 1
            latest = log.strip().splitlines()[-room:] if room > 0 else []
            if shown.say(words.append("\n\n" + "\n".join(latest), style="$muted") if latest else words):
                panel.scroll_home(animate=False)
            return
        parts = [log.strip(), entry.status.traceback.strip()]
        if entry.status.message not in log:
            parts.append(entry.status.message)
        lines = "\n".join(part for part in parts if part).splitlines()[-_LOG_LINES:]
        panel.border_title = f"log of {entry.name}"
        if shown.say(Text("\n".join(lines) or "nothing to report")):
            panel.scroll_end(animate=False)

    def on_session_card_opened(self, message: SessionCard.Opened) -> None:
        message.stop()
        self.app.push_screen(SessionScreen(message.name))

    def action_open(self) -> None:
        if (entry := self.chosen()) is not None:
            self.app.push_screen(SessionScreen(entry.name))

    def action_rate(self) -> None:
        if (entry := self._trainable()) is not None:
            model_actions.change_learning_rate(self.arcade, entry, None)

    def action_fork(self) -> None:
        if (entry := self._trainable()) is not None:
            model_actions.fork_and_train(self.arcade, entry)

    def action_next(self, by: int) -> None:
        cards = list(self._cards.values())
        if cards:
            place = next((index for index, card in enumerate(cards) if card.has_focus), -by)
            cards[(place + by) % len(cards)].focus()
