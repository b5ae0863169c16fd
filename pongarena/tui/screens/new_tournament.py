"""The form of a new tournament: players, rounds, rules, and an estimate of the time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Select, Static

from pongarena.game.types import Ball, SmallPaddles
from pongarena.match.eta import Pace
from pongarena.match.tournament import MOST_MATCHES
from pongarena.match.tournament_run import cores
from pongarena.match.variant import PLAIN, Variant
from pongarena.tui import words
from pongarena.tui.keys import key
from pongarena.tui.screens.dialog import Fault, Form
from pongarena.tui.services import tournaments
from pongarena.tui.widgets.entrant_list import EntrantList

_FIELDS = (
    ("rounds", "1", 1, 1000),
    ("points", "21", 1, 21),
    ("seed", "0", 0, 2**31 - 1),
    ("at once", "", 1, 256),
)
"""Name, initial text (empty for the number of cores), and range of each number."""

_CHOICES = (
    ("ball", "ball", {"constant": "constant", "faster": "faster"}),
    ("small", "small paddles", {"none": "none", "both": "both", "left": "left", "right": "right"}),
    ("skip", "frame skip", {"": "own", "1": "1", "2": "2", "3": "3", "4": "4", "6": "6", "8": "8"}),
    ("sticky", "sticky actions", {"0": "0", "0.25": "¼", "0.5": "½"}),
)
"""Rules that may differ from the usual game: name, label, values with their texts, the usual one first."""


class NewTournamentScreen(Form[str]):
    """Asks for players and rules, and estimates the time; answers the id of the started tournament."""

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
        & .numbers Select { width: 12; margin: 0 1 0 0; }
        & .numbers #variant-skip, & .numbers #variant-sticky { width: 8; }
        & #about { height: auto; max-height: 3; }
        & .reason { color: $error; height: auto; max-height: 6; }
        & .buttons { height: 1; align-horizontal: right; }
        & .buttons Button { margin: 0 0 0 2; }
    }
    NewTournamentScreen.-high { & .heading, & .numbers, & #about { margin: 0 0 1 0; } }
    """
    BOX = "cup-form"
    YES = "Start"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("ctrl+s", "submit", "Start", "Start the tournament", priority=True),
    ]

    @dataclass
    class Measured(Message):
        """A thread has measured the speed of matches on this machine."""

        pace: Pace

    def __init__(self) -> None:
        super().__init__()
        self._pace: Pace | None = None

    def compose_fields(self) -> ComposeResult:
        yield Static("New tournament: everybody meets everybody, on both sides", classes="heading")
        yield Input(placeholder="filter; name@ lists single checkpoints", id="filter", compact=True)
        yield EntrantList(self.arcade.look.entries)
        with Horizontal(classes="numbers"):
            for name, usual, _, _ in _FIELDS:
                yield Static(name)
                yield Input(usual or str(cores()), id=_id(name), compact=True)
        for pair in (_CHOICES[:2], _CHOICES[2:]):
            with Horizontal(classes="numbers"):
                yield from _choices(pair)
        yield Static("", id="about", markup=False)

    def on_mount(self) -> None:
        self.query_one(EntrantList).focus()
        self.judge()
        self._measure()

    @work(thread=True)
    def _measure(self) -> None:
        if (pace := tournaments.find_pace(self.arcade.library)) is not None:
            self.post_message(self.Measured(pace))

    def on_new_tournament_screen_measured(self, message: Measured) -> None:
        self._pace = message.pace
        self.judge()

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.input.id == "filter":
            self.query_one(EntrantList).filter(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go from the filter to the list; from a number, start."""
        if event.input.id == "filter":
            event.prevent_default()
            self.query_one(EntrantList).focus()

    def on_entrant_list_changed(self) -> None:
        self.judge()

    def on_select_changed(self) -> None:
        self.judge()

    def _number(self, name: str) -> int:
        """Read a field; −1 when it is no whole number in its range."""
        _, _, low, high = next(each for each in _FIELDS if each[0] == name)
        text = self.query_one(f"#{_id(name)}", Input).value.strip()
        value = int(text) if text.isascii() and text.isdecimal() and len(text) < 11 else -1
        return value if low <= value <= high else -1

    @property
    def _matches(self) -> int:
        count = len(self.query_one(EntrantList).names())
        return self._number("rounds") * count * (count - 1)

    def _variant(self) -> Variant:
        values = {name: str(self.query_one(f"#variant-{name}", Select).value) for name, _, _ in _CHOICES}
        return Variant(
            int(values["skip"]) if values["skip"] else None,
            float(values["sticky"]),
            Ball(values["ball"]),
            SmallPaddles(values["small"]),
        )

    def fault(self) -> Fault | None:
        for name, _, low, high in _FIELDS:
            if self._number(name) < 0:
                return Fault(f"{name}: expected a whole number from {low} to {high:,}", f"#{_id(name)}")
        if len(self.query_one(EntrantList).names()) < 2:
            return Fault("choose at least two players: space or a click ticks one", "EntrantList")
        if (matches := self._matches) > MOST_MATCHES:
            words = f"{matches:,} matches are too many (at most {MOST_MATCHES:,}): choose fewer players"
            return Fault(words, "EntrantList")
        return None

    def judge(self) -> None:
        """Show what is wrong, or else the number of matches and the time."""
        super().judge()
        self.query_one("#about", Static).update("" if self.fault() else self._about())

    def _about(self) -> str:
        count, matches = len(self.query_one(EntrantList).names()), self._matches
        about = f"{count} players, {words.counted(count * (count - 1) // 2, 'pair')}, {matches:,} matches"
        about += ", in a variant that counts for no rating" if self._variant() != PLAIN else ""
        if self._pace is None:
            return f"{about}; measuring the speed here …"
        seconds = self._pace.seconds(matches, self._number("points"), self._number("at once"))
        source = (
            f"from {self._pace.measured} matches of your last tournament"
            if self._pace.measured
            else "from a short trial"
        )
        return f"{about}; about {words.duration(seconds)} (an estimate, {source})"

    def answer(self) -> None:
        self.wait("reading the networks …")
        chosen = self.query_one(EntrantList).names()
        rounds, points, seed, workers = (self._number(name) for name, _, _, _ in _FIELDS)
        variant = self._variant()
        started: list[str] = []

        def task() -> str:
            made = tournaments.start(
                self.arcade.library,
                chosen,
                rounds=rounds,
                points=points,
                seed=seed,
                variant=variant,
                workers=workers,
                cancelled=self.arcade.is_cancelled,
            )
            started.append(made.id)
            return f"{made.matches:,} matches begin; they go on when you close the app"

        self.arcade.attempt(task, lambda: self.is_mounted and self.dismiss(started[0]), self.refuse)


def _id(name: str) -> str:
    return f"numbers-{name.replace(' ', '-')}"


def _choices(several: Sequence[tuple[str, str, Mapping[str, str]]]) -> ComposeResult:
    for name, about, options in several:
        yield Static(about)
        yield Select(
            [(words, value) for value, words in options.items()],
            value=next(iter(options)), allow_blank=False, compact=True, id=f"variant-{name}",
        )  # fmt: skip
