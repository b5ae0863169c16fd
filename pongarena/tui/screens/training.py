"""The dashboard: every session, live."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.events import DescendantFocus
from textual.widgets import Static

from pongarena.tui.screens.base import ArcadeScreen
from pongarena.tui.watch import Entry, Look
from pongarena.tui.widgets.session_card import SessionCard

_LOG_LINES = 40


class TrainingScreen(ArcadeScreen):
    """A card for every session that runs or ran since the app was opened, and the chosen one's log."""

    HERE: ClassVar[str] = "training"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "next(1)", "Next", key_display="↓", show=False),
        Binding("up,k", "next(-1)", "Previous", key_display="↑", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._seen: list[str] = []

    def compose_body(self) -> ComposeResult:
        """Cards above, the log below."""
        yield Static(
            "No session is running.\n\n[b $left]n[/] starts a training, [b $left]1[/] shows your models; "
            "[b $left]space[/] resumes one there.",
            id="nothing",
        )
        yield VerticalScroll(id="cards", can_focus=False)
        with VerticalScroll(id="log-panel", can_focus=False):
            yield Static("", id="train-log", markup=False)

    def chosen(self) -> Entry | None:
        """The model of the focused card, or of the first."""
        cards = list(self.query(SessionCard))
        focused = next((card for card in cards if card.has_focus), cards[0] if cards else None)
        return self.arcade.look.entry(focused.model_name) if focused else None

    async def _match_cards(self, look: Look) -> None:
        self._seen += [entry.name for entry in look.live if entry.name not in self._seen]
        self._seen = [name for name in self._seen if look.entry(name) is not None]
        cards = {card.model_name: card for card in self.query(SessionCard)}
        for name in cards.keys() - set(self._seen):
            await cards[name].remove()
        new = [SessionCard(name) for name in self._seen if name not in cards]
        if new:
            await self.query_one("#cards").mount_all(new)
            if not isinstance(self.focused, SessionCard):
                new[0].focus()

    def show_look(self, look: Look) -> None:
        """Show the sessions as they are now."""
        super().show_look(look)
        self.run_worker(self._show(look), exclusive=True, group="cards")

    async def _show(self, look: Look) -> None:
        await self._match_cards(look)
        self.set_class(not self._seen, "-empty")
        names = frozenset(self._seen)
        if self.is_current and names - self.arcade.wanted:
            self.arcade.wanted |= names
        for card in self.query(SessionCard):
            entry = look.entry(card.model_name)
            if entry is not None:
                card.show(entry, look.curves.get(entry.name))
        self._show_log(look)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Another card, another log."""
        self._show_log(self.arcade.look)

    def _show_log(self, look: Look) -> None:
        entry = self.chosen()
        if entry is None:
            return
        panel, log = self.query_one("#log-panel", VerticalScroll), look.logs.get(entry.name, "")
        parts = [log.strip(), entry.status.traceback.strip(), entry.status.message]
        lines = "\n".join(part for part in parts if part).splitlines()[-_LOG_LINES:]
        panel.border_title = f"log of {entry.name}"
        self.query_one("#train-log", Static).update("\n".join(lines) or "nothing to report")
        panel.scroll_end(animate=False)

    def action_next(self, by: int) -> None:
        """Choose the next or the previous card."""
        cards = list(self.query(SessionCard))
        if cards:
            place = next((index for index, card in enumerate(cards) if card.has_focus), -by)
            cards[(place + by) % len(cards)].focus()
