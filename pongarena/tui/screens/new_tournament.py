"""The form of a tournament: who plays, how often, and about how long that will take."""

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Button, Input, Static
from textual.worker import get_current_worker

from pongarena.core.errors import PongArenaError
from pongarena.match import tournament_run
from pongarena.match.entrants import enter, find_refs, seat
from pongarena.match.eta import Pace, latest_pace, try_pace
from pongarena.match.tournament import MOST_MATCHES, create
from pongarena.tui import words
from pongarena.tui.screens.dialog import Dialog
from pongarena.tui.widgets.entrant_list import EntrantList
from pongarena.tui.widgets.keybar import KeyBar

_FIELDS = (
    ("rounds", "1", 1, 1000),
    ("points", "21", 1, 21),
    ("seed", "0", 0, 2**31 - 1),
    ("at once", "", 1, 256),
)
"""Name, what it says at first, its range."""


class NewTournamentScreen(Dialog[str]):
    """A checklist with a filter, four numbers, and an estimate; answers the id of the started tournament."""

    DEFAULT_CSS = """
    NewTournamentScreen {
        & .cup-form {
            width: 78; max-width: 100%; height: 1fr; max-height: 40; margin: 0 0 1 0; padding: 0 1;
            background: $surface; border: round $border;
        }
        & .heading { text-style: bold; color: $left; }
        & Input { background: $panel; }
        & EntrantList { height: 1fr; min-height: 4; }
        & .numbers { height: 1; }
        & .numbers Static { width: auto; color: $muted; padding: 0 1 0 0; }
        & .numbers Input { width: 7; margin: 0 2 0 0; }
        & .numbers #numbers-seed { width: 13; }
        & #about { height: auto; max-height: 3; }
        & .reason { color: $error; height: auto; max-height: 6; }
        & .buttons { height: 1; align-horizontal: right; }
        & .buttons Button { margin: 0 0 0 2; }
    }
    NewTournamentScreen.-high { & .heading, & .numbers, & #about { margin: 0 0 1 0; } }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "start", "Start", priority=True, tooltip="Start the tournament"),
    ]

    class Measured(Message):
        """It is known how fast matches go on this machine."""

        def __init__(self, pace: Pace) -> None:
            super().__init__()
            self.pace = pace

    def __init__(self) -> None:
        super().__init__()
        self._pace: Pace | None = None
        self._busy = False

    def compose(self) -> ComposeResult:
        """Filter, list, numbers, what it will be, buttons."""
        with Vertical(classes="cup-form"):
            yield Static("New tournament: everybody meets everybody, on both sides", classes="heading")
            yield Input(placeholder="filter; name@ lists single checkpoints", id="filter", compact=True)
            yield EntrantList(self.arcade.look.entries)
            with Horizontal(classes="numbers"):
                for name, usual, _, _ in _FIELDS:
                    yield Static(name)
                    yield Input(
                        usual or str(tournament_run.cores()),
                        id=f"numbers-{name.replace(' ', '-')}",
                        compact=True,
                    )
            yield Static("", id="about", markup=False)
            yield Static("", id="reason", classes="reason", markup=False)
            with Horizontal(classes="buttons"):
                yield Button("Cancel", id="no")
                yield Button("Start", id="yes", variant="primary")
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin in the list; measure meanwhile."""
        self.query_one(EntrantList).focus()
        self._judge()
        self._measure()

    @work(thread=True)
    def _measure(self) -> None:
        pace = latest_pace()
        if pace is None:
            try:
                library = self.arcade.library
                ready = next(each for each in library.models() if each.fault is None and each.checkpoints())
                (entrant,) = enter([ready.checkpoint()])
                pace = try_pace(seat(library, entrant))
            except (PongArenaError, StopIteration):
                return
        self.post_message(self.Measured(pace))

    def on_new_tournament_screen_measured(self, message: Measured) -> None:
        """Show the estimate."""
        self._pace = message.pace
        self._judge()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter, or judge a number."""
        if event.input.id == "filter":
            self.query_one(EntrantList).filter(event.value)
        self._judge()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """From the filter to the list; from a number to the start."""
        if event.input.id == "filter":
            self.query_one(EntrantList).focus()
        else:
            self.action_start()

    def on_entrant_list_changed(self) -> None:
        """Judge the choice."""
        self._judge()

    def _number(self, name: str) -> int:
        """What a field says; −1 when it is no whole number in its range."""
        _, _, low, high = next(each for each in _FIELDS if each[0] == name)
        text = self.query_one(f"#numbers-{name.replace(' ', '-')}", Input).value.strip()
        value = int(text) if text.isascii() and text.isdecimal() and len(text) < 11 else -1
        return value if low <= value <= high else -1

    def _judge(self) -> bool:
        names = self.query_one(EntrantList).names()
        rounds = self._number("rounds")
        matches = rounds * len(names) * (len(names) - 1)
        reason = next(
            (
                f"{name}: expected a whole number from {low} to {high:,}"
                for name, _, low, high in _FIELDS
                if self._number(name) < 0
            ),
            "",
        )
        if not reason and len(names) < 2:
            reason = "choose at least two players: space or a click ticks one"
        if not reason and matches > MOST_MATCHES:
            reason = f"{matches:,} matches are too many ({MOST_MATCHES:,} at the most): choose fewer players"
        self.query_one("#reason", Static).update("" if self._busy else reason)
        self.query_one("#about", Static).update(self._about(names, matches) if not reason else "")
        self.query_one("#yes", Button).disabled = bool(reason) or self._busy
        return not reason and not self._busy

    def _about(self, names: tuple[str, ...], matches: int) -> str:
        if self._busy:
            return "reading the networks …"
        count = len(names)
        about = f"{count} players, {words.counted(count * (count - 1) // 2, 'pair')}, {matches:,} matches"
        if self._pace is None:
            return f"{about}; measuring how fast they go here …"
        seconds = self._pace.seconds(matches, self._number("points"), self._number("at once"))
        source = (
            f"from {self._pace.measured} matches of your last tournament"
            if self._pace.measured
            else "from a short trial"
        )
        return f"{about}; about {words.duration(seconds)} (an estimate, {source})"

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Start, or leave."""
        if event.button.id == "yes":
            self.action_start()
        else:
            self.dismiss(None)

    def action_start(self) -> None:
        """Read the networks, make the tournament, and start it."""
        if not self._judge():
            return
        self._busy = True
        self._judge()
        chosen = self.query_one(EntrantList).names()
        numbers = {name: self._number(name) for name, _, _, _ in _FIELDS}
        started: list[str] = []

        def task() -> str:
            worker = get_current_worker()
            entrants = enter(find_refs(self.arcade.library, chosen))
            made = create(entrants, rounds=numbers["rounds"], points=numbers["points"], seed=numbers["seed"])
            started.append(made.id)
            tournament_run.start_in_background(
                made, workers=numbers["at once"], cancelled=lambda: worker.is_cancelled
            )
            return f"{made.matches:,} matches begin; they go on when you leave the app"

        self.arcade.attempt(task, lambda: self._begun(started), self._failed)

    def _begun(self, started: list[str]) -> None:
        if self.is_mounted:
            self.dismiss(started[0])

    def _failed(self, reason: str) -> None:
        if self.is_mounted:
            self._busy = False
            self._judge()
            self.query_one("#reason", Static).update(reason)
