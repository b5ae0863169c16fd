"""The tournament screen: all tournaments, their standings and their matches."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Resize
from textual.message import Message
from textual.widget import Widget
from textual.widgets import DataTable, Static

from pongarena.library.names import player_label
from pongarena.tui.data.library_watcher import Entry
from pongarena.tui.data.tournament_watcher import TournamentSnapshot, TournamentWatcher
from pongarena.tui.data.wake_event import WakeEvent
from pongarena.tui.keys import key
from pongarena.tui.screens.base import ArcadeScreen
from pongarena.tui.screens.confirm import ask_before
from pongarena.tui.screens.new_tournament import NewTournamentScreen
from pongarena.tui.services import tournaments
from pongarena.tui.services.match_jobs import no_window, replay
from pongarena.tui.widgets.big_board import BigBoard, Place
from pongarena.tui.widgets.cross_table import CrossTable, difference_words, wins_words
from pongarena.tui.widgets.match_list import MatchList
from pongarena.tui.widgets.panel_tabs import PanelTabs
from pongarena.tui.widgets.progress_line import progress_line
from pongarena.tui.widgets.rating_bars import RatingBars
from pongarena.tui.widgets.tournament_list import CupList

_LOOK_EVERY_S = 0.5
_BIG = (110, 32)
"""Columns and lines from which on everything is shown at once."""

_PANELS = {"list": "l", "table": "t", "ratings": "r", "matches": "m"}

_NOTHING = (
    "No tournament was played yet.\n\n[b $left]n[/] chooses players and starts one: everybody meets "
    "everybody, on both sides,\nas fast as this machine can, and at the end you know who is best, "
    "and how sure that is."
)


class TournamentScreen(ArcadeScreen):
    """List, cross table, ratings and matches; a small terminal shows one of them at a time."""

    HERE: ClassVar[str] = "tournament"
    DEFAULT_CSS = """
    TournamentScreen {
        & #cup-head { height: auto; max-height: 2; padding: 0 1; }
        & #cup-none {
            display: none; width: 1fr; height: 1fr; content-align: center middle; text-align: center;
        }
        & #cup { height: 1fr; }
        & #cup-list, & CrossTable, & RatingBars, & #cup-matches { display: none; }
        & #cup-pair { height: 1; padding: 0 1; color: $muted; }
        &.-list #cup-list, &.-table CrossTable { display: block; }
        &.-ratings RatingBars, &.-matches #cup-matches { display: block; }
        &.-list #cup-one { display: none; }
        &.-table #cup-below { display: none; }
        &.-ratings CrossTable, &.-matches CrossTable { display: none; }
        &.-big {
            & PanelTabs { display: none; }
            & #cup-list { display: block; width: 56; border-right: solid $border; }
            & #cup-one, & #cup-below, & CrossTable, & RatingBars, & #cup-matches { display: block; }
            & CrossTable { height: auto; max-height: 62%; }
            & #cup-below { border-top: solid $border; height: 1fr; }
            & RatingBars { width: 1fr; }
            & #cup-below { layout: vertical; }
            & RatingBars { height: auto; max-height: 50%; }
            & #cup-matches { height: 1fr; border-top: solid $border; }
        }
        & BigBoard { display: none; }
        &.-board BigBoard { display: block; }
        &.-board #cup, &.-board PanelTabs, &.-board #cup-head, &.-board TopBar { display: none; }
        &.-none #cup, &.-none PanelTabs, &.-none #cup-head { display: none; }
        &.-none #cup-none { display: block; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        key("n", "new", "New", "Choose players and start a tournament"),
        key("space", "pause", "Stop/go on", "Stop the chosen tournament, or resume it"),
        key("l", "panel('list')", "", "Show all tournaments"),
        key("t", "panel('table')", "", "Show the cross table"),
        key("r", "panel('ratings')", "", "Show the ratings, with their uncertainty"),
        key("m", "panel('matches')", "", "Show the matches of the chosen pair"),
        key("b", "board", "Board", "Show a large scoreboard; b or escape leaves it"),
        Binding("escape", "leave_board", "Leave the scoreboard", show=False),
        key("d", "delete", "Delete", "Delete the chosen tournament; asks first"),
        key("s", "stop", "", "Stop the chosen tournament; space resumes it"),
    ]

    @dataclass
    class Looked(Message):
        """The tournaments' files show something new."""

        look: TournamentSnapshot

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, TournamentScreen.Looked)

    def __init__(self) -> None:
        super().__init__()
        self.cups = TournamentSnapshot()
        self.panel = "table"
        self._wanted = ""
        self._wake_event = WakeEvent()

    def compose_body(self) -> ComposeResult:
        yield Static(_NOTHING, id="cup-none")
        yield Static("", id="cup-head")
        yield BigBoard()
        yield PanelTabs(_PANELS)
        with Horizontal(id="cup"):
            yield CupList(id="cup-list")
            with Vertical(id="cup-one"):
                yield CrossTable()
                with Horizontal(id="cup-below"):
                    yield RatingBars()
                    with Vertical(id="cup-matches"):
                        yield Static("", id="cup-pair")
                        yield MatchList()

    def on_mount(self) -> None:
        self.add_class(f"-{self.panel}")
        self.query_one(PanelTabs).show(self.panel)
        self._follow()

    def on_unmount(self) -> None:
        self._wake_event.end()

    def chosen(self) -> Entry | None:
        """Return None: the keys act on the tournament."""
        return None

    def on_resize(self, event: Resize) -> None:
        self.set_class(event.size.width >= _BIG[0] and event.size.height >= _BIG[1], "-big")
        self.call_after_refresh(self._show)

    def on_screen_resume(self) -> None:
        self._wake_event.ring()

    @work(thread=True)
    def _follow(self) -> None:
        watcher, last = TournamentWatcher(), None
        while not self._wake_event.ended:
            if last is None or self.is_active:
                look = watcher.look(self._wanted)
                if look is not last:
                    self.post_message(self.Looked(look))
                    last = look
            self._wake_event.sleep(_LOOK_EVERY_S)

    def on_tournament_screen_looked(self, message: Looked) -> None:
        first = not self.cups.entries
        self.cups = message.look
        self._show()
        if first and message.look.entries:
            self._focus_panel()

    def _show(self) -> None:
        look = self.cups
        self.set_class(not look.entries, "-none")
        self.query_one("#cup-none", Static).update(look.fault or _NOTHING)
        self.query_one(CupList).show(look.entries, look.chosen)
        entry = look.entry
        if entry is None:
            return
        self.query_one("#cup-head", Static).update(progress_line(entry, look, self.size.width - 2))
        self.query_one(CrossTable).show(look.table, self.has_class("-big"))
        self.query_one(RatingBars).show(look.table, entry.tournament.has_ai)
        self._show_pair()
        self._show_board()

    def _show_board(self) -> None:
        entry = self.cups.entry
        if entry is None or not self.has_class("-board"):
            return
        standings = self.cups.table.standings
        models = [player_label(each.player.partition("@")[0]) for each in standings]
        places = [
            Place(
                number,
                # when a model plays with several checkpoints, name them
                each.player if models.count(model) > 1 else model,
                f"{each.total.wins:g}-{each.total.losses:g}",
            )
            for number, (model, each) in enumerate(zip(models, standings, strict=True), 1)
        ]
        state = (
            "finished"
            if entry.complete
            else f"{entry.played:,} of {entry.tournament.matches:,} matches played"
        )
        self.query_one(BigBoard).show(f"{state}; matches won - lost", places)

    def action_board(self) -> None:
        """Show or hide the scoreboard."""
        if self.cups.entry is None:
            self.notify("There is no tournament to show yet; n starts one", severity="warning")
            return
        self.toggle_class("-board")
        self._show_board()
        self.call_after_refresh(self.focus_what_is_seen)

    def action_leave_board(self) -> None:
        if self.has_class("-board"):
            self.action_board()

    def focus_what_is_seen(self) -> None:
        if self.has_class("-board"):
            self.set_focus(None)
        else:
            self._focus_panel()

    def _show_pair(self) -> None:
        pair, look = self.query_one(CrossTable).chosen(), self.cups
        if pair is None:
            self.query_one(MatchList).show(())
            self.query_one("#cup-pair", Static).update("")
            return
        first, second = pair
        own = next((each.total for each in look.table.standings if each.player == first), None)
        meeting = own if second is None else look.table.meetings.get((first, second))
        said = Content.assemble(
            (player_label(first), "bold $foreground"),
            f" against {'everybody' if second is None else player_label(second)}",
        )
        if meeting is not None and meeting.matches:
            said += Content(f": {wins_words(meeting)}, {difference_words(meeting)} points; enter replays one")
        self.query_one("#cup-pair", Static).update(said)
        self.query_one(MatchList).show(look.between(first, second))

    def on_data_table_cell_highlighted(self, event: DataTable.CellHighlighted) -> None:
        self._show_pair()

    def on_data_table_cell_selected(self, event: DataTable.CellSelected) -> None:
        self.action_panel("matches")

    def on_cup_list_chosen(self, event: CupList.Chosen) -> None:
        self._wanted = event.tournament
        self._wake_event.ring()
        if event.opened:
            self.action_panel("table")

    def on_panel_tabs_pressed(self, event: PanelTabs.Pressed) -> None:
        self.action_panel(event.panel)

    def action_panel(self, panel: str) -> None:
        for each in _PANELS:
            self.set_class(each == panel, f"-{each}")
        self.panel = panel
        self.query_one(PanelTabs).show(panel)
        self.call_after_refresh(self._focus_panel)

    def _focus_panel(self) -> None:
        places: dict[str, type[Widget]] = {
            "list": CupList, "table": CrossTable, "ratings": RatingBars, "matches": MatchList,
        }  # fmt: skip
        self.query_one(places[self.panel]).focus()

    def action_new(self) -> None:
        def started(name: str | None) -> None:
            if name:
                self._wanted = name
                self._wake_event.ring()
                self.action_panel("table")

        self.app.push_screen(NewTournamentScreen(), started)

    def action_pause(self) -> None:
        entry = self.cups.entry
        if entry is None or entry.tournament.fault:
            return
        if entry.run.running:
            self._attempt(lambda: tournaments.stop(entry.tournament))
        elif entry.complete:
            self.notify("All its matches are played; n starts another tournament", severity="warning")
        else:
            self._attempt(lambda: tournaments.go_on(entry.tournament, self.arcade.is_cancelled))

    def _attempt(self, task: Callable[[], str]) -> None:
        self.arcade.attempt(task, self._wake_event.ring)

    def action_delete(self) -> None:
        entry = self.cups.entry
        if entry is None:
            return
        if entry.run.running:
            self.notify("It is being played; space stops it, then it can be deleted", severity="error")
            return
        question = f"Delete this tournament with its {entry.played:,} matches? It can be brought back."
        ask_before(
            self.app,
            question,
            "Delete",
            lambda: self._attempt(lambda: tournaments.delete(entry.tournament)),
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "checkpoint" and super().check_action(action, parameters)

    def action_stop(self) -> None:
        entry = self.cups.entry
        if entry is None or not entry.run.running:
            self.notify("No tournament is being played here; n starts one", severity="warning")
            return
        question = "Stop this tournament? Every match that was played is kept; space resumes it."
        ask_before(
            self.app,
            question,
            "Stop",
            lambda: self._attempt(lambda: tournaments.stop(entry.tournament)),
        )

    def on_match_list_wanted(self, event: MatchList.Wanted) -> None:
        entry = self.cups.entry
        if entry is not None:
            name = entry.tournament.match_id(event.number)
            if reason := no_window(name):
                self.notify(reason, title="Replay", severity="warning", timeout=10, markup=False)
                return
            self.notify(f"replaying match {event.number}: a window opens in a few seconds")
            self.arcade.attempt(lambda: replay(name, self.arcade.is_cancelled))
