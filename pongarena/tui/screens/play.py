"""The form of a match: both players, the rules, and window or terminal."""

import os
import sys
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Select, Static

from pongarena.match.player_names import LIVE
from pongarena.match.players import KINDS
from pongarena.tui.screens.dialog import Fault, Form
from pongarena.tui.services.match_jobs import MatchRequest, missing_display
from pongarena.tui.words import counted, shorten, signed

_LATEST = "latest"
_WINDOW, _HERE = "window", "here"
_MOST_POINTS = 21
_NAME = 22
"""Columns of a model in the list of players; its score stands beside it."""
_KEYS = {"left": "W and S, or the mouse", "right": "↑ and ↓, or the mouse"}


class PlayScreen(Form[None]):
    """Asks for players and rules; then opens a window, or begins the match in the terminal."""

    BOX = "dialog -match"
    YES = "Play"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s", "submit", "Play", priority=True)]

    def __init__(self, right: str | None = None, *, here: bool = False) -> None:
        """Make the form.

        Args:
            right: The model, or ``model@game``, that first holds the right paddle, against a person; None for
                a person against the cartridge's own player.
            here: Whether the terminal is chosen; without a display it always is.
        """
        super().__init__()
        name, _, self._moment = (right or "").partition("@")
        self._right = name or None
        self._no_display = missing_display(os.environ, sys.platform)
        self._here = here or bool(self._no_display)

    DEFAULT_CSS = """
    PlayScreen #where-about { width: 1fr; padding: 0 0 0 3; color: $muted; }
    """

    def compose_fields(self) -> ComposeResult:
        right = self._right or "human"
        left = "human" if self._right else "ai"
        yield Static("Play a match", classes="heading")
        with Horizontal(classes="players"):
            yield from self._player("left", left)
            yield Static("▪", id="versus")
            yield from self._player("right", right)
        with Horizontal(classes="rules"):
            yield Static("ball", classes="label")
            yield Select(
                [("constant speed", "constant"), ("faster with every hit", "faster")],
                value="constant", allow_blank=False, compact=True, id="ball",
            )  # fmt: skip
            yield Static("points", classes="label -points")
            yield Input("21", id="points", compact=True)
        with Horizontal(classes="rules"):
            yield Static("where", classes="label")
            yield Select(
                [("in a window", _WINDOW), ("here, in the terminal", _HERE)],
                value=_HERE if self._here else _WINDOW, allow_blank=False, compact=True, id="where",
            )  # fmt: skip
            yield Static("", id="where-about", markup=False)

    def _player(self, side: str, at_first: str) -> ComposeResult:
        options = [(kind.choice, kind.word) for kind in KINDS.values() if kind.choice]
        options += [
            (f"{shorten(entry.name, _NAME)}  {signed(entry.score)}", entry.name)
            for entry in self.arcade.look.entries
            if entry.checkpoints and entry.model.fault is None
        ]
        with Vertical(classes=f"player -{side}"):
            yield Static(
                f"{'▌ ' if side == 'left' else ''}{side}{' ▐' if side == 'right' else ''}", classes="side"
            )
            yield Select(options, value=at_first, allow_blank=False, compact=True, id=side)
            yield Select(_moments(()), value=_LATEST, allow_blank=False, compact=True, id=f"{side}-at")
            yield Static("", id=f"{side}-about", classes="about", markup=False)

    def on_mount(self) -> None:
        for side in ("left", "right"):
            self._show_player(side)
        self.judge()
        self.query_one("#left", Select).focus()

    def on_select_changed(self, event: Select.Changed) -> None:
        if event.select.id in ("left", "right"):
            self._show_player(event.select.id)
        self.judge()

    def _show_player(self, side: str) -> None:
        player = str(self.query_one(f"#{side}", Select).value)
        entry = self.arcade.look.entry(player)
        moments = self.query_one(f"#{side}-at", Select)
        is_model = entry is not None and player not in KINDS
        live = is_model and entry is not None and entry.status.active
        moments.set_options(_moments(entry.checkpoints if entry and is_model else (), live=live))
        known = player == self._right and entry and self._moment in map(str, entry.checkpoints)
        moments.value = self._moment if known else _LATEST
        moments.visible = is_model
        if is_model and entry is not None:
            about = f"{counted(entry.episode, 'game')} of training"
        elif KINDS[player].is_person:
            about = f"your keys: {_KEYS[side]}"
        else:
            about = KINDS[player].about
        self.query_one(f"#{side}-about", Static).update(about)

    def _request(self) -> MatchRequest:
        players: list[str] = []
        for side in ("left", "right"):
            player = str(self.query_one(f"#{side}", Select).value)
            moment = str(self.query_one(f"#{side}-at", Select).value)
            players.append(player if player in KINDS else f"{player}@{moment}")
        points = self.query_one("#points", Input).value.strip()
        return MatchRequest(
            players[0],
            players[1],
            ball=str(self.query_one("#ball", Select).value),
            points=int(points) if points.isdecimal() else 0,
            here=self.query_one("#where", Select).value == _HERE,
        )

    def judge(self) -> None:
        """Show what is wrong, and explain the chosen place."""
        here = self.query_one("#where", Select).value == _HERE
        about = self._no_display or "mouse or keys, over ssh too" if here else "opens beside this terminal"
        self.query_one("#where-about", Static).update(about)
        super().judge()

    def fault(self) -> Fault | None:
        request = self._request()
        if request.left == request.right == "ai":
            words = "The cartridge has one player of its own and cannot play itself: "
            return Fault(f"{words}choose yourself or a model on one side.", "#left")
        if not 1 <= request.points <= _MOST_POINTS:
            return Fault(f"Points: expected a whole number from 1 to {_MOST_POINTS}.", "#points")
        if not request.here and self._no_display:
            return Fault(f"No window can be opened: {self._no_display}. Choose the terminal.", "#where")
        if not request.here and LIVE in (request.left.partition("@")[2], request.right.partition("@")[2]):
            words = "A session is followed here in the terminal only; for a window choose a checkpoint."
            return Fault(words, "#where")
        return None

    def answer(self) -> None:
        app, request = self.arcade, self._request()
        self.dismiss(None)
        app.start_match(request)


def _moments(episodes: tuple[int, ...], *, live: bool = False) -> list[tuple[str, str]]:
    return [
        *([("live, while it learns", LIVE)] if live else []),
        ("latest checkpoint", _LATEST),
        *((f"after {each:,} games", str(each)) for each in reversed(episodes)),
    ]
