"""Show one match in the terminal (score, court, minds, a line of text), and move people's paddles.

The match runs in its own thread. The stage draws its state thirty times a second, skips a frame while the
terminal has not taken the last one, and shows the frame rate.
"""

import textwrap
import time

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.events import Click, MouseMove, Resize
from textual.message import Message
from textual.widgets import Static

from pongarena.game.cartridge import Side
from pongarena.library.names import player_label
from pongarena.match.decision import Decision
from pongarena.match.match_state import MatchState
from pongarena.match.players import PlayerSpec, called
from pongarena.match.thread import MatchThread
from pongarena.tui.widgets.court import ASPECT, Court
from pongarena.tui.widgets.inspector import GAUGE_WIDTH, PANEL_WIDTH, MindGauge, MindPanel
from pongarena.tui.widgets.scoreboard import Scoreboard
from pongarena.tui.words import counted

__all__ = ["Stage"]

PICTURES_HZ = 30
"""Draw every second frame."""

STEP_ROWS = 12
"""How far a key press moves a paddle: less than its length, so that it can reach every ball."""

FINE_ROWS = 4

_LEAST_COLUMNS, _LEAST_LINES = 30, 8
"""A smaller court cannot be played on."""

_LEAST_BESIDE_PANELS = 54
"""The least width of the court beside panels."""

_SLIMMEST = 1.55
"""The fewest columns per line: a taller court would not look like Pong."""

_LARGE_SCORE_FROM = 31
_MEASURED_S = 1.0
_PANELS_S = 0.12
"""Panels change at most eight times a second."""


class Stage(Vertical):
    """Shows one match at a time."""

    DEFAULT_CSS = """
    Stage { width: 1fr; height: 1fr; }
    Stage > #floor { width: 1fr; height: 1fr; align: center middle; }
    Stage > #words { height: 1; padding: 0 1; color: $muted; }
    Stage > #words.-fault { color: $error; text-style: bold; }
    """

    class Begin(Message):
        """The court was clicked, to go on or to play again."""

    def __init__(self) -> None:
        super().__init__(id="stage")
        self.showing: MatchThread | None = None
        self.minds = True
        self.note = ""
        """An additional note, about followed sessions for instance."""
        self._seen = -1
        self._drawn, self._since, self._rate = 0, time.monotonic(), 0.0
        self._too_small = False
        self._panels_at: dict[Side, float] = {}

    def compose(self) -> ComposeResult:
        yield Scoreboard()
        with Horizontal(id="floor"):
            yield MindGauge(Side.LEFT)
            yield MindPanel(Side.LEFT)
            yield Court(id="court")
            yield MindGauge(Side.RIGHT)
            yield MindPanel(Side.RIGHT)
        yield Static("", id="words", markup=False)

    def on_mount(self) -> None:
        """Start the clock that draws the match, paused until the match is seen."""
        self._clock = self.set_interval(1 / PICTURES_HZ, self._tick, pause=True)

    @property
    def court(self) -> Court:
        """The widget that draws the field."""
        return self.query_one(Court)

    def take(self, showing: MatchThread | None) -> None:
        """Show another match, or none; the caller ends the last one."""
        self.showing = showing
        self._seen = -1
        self.lay_out()
        self.look()

    def watch_on(self, wanted: bool) -> None:
        """Draw the match from now on, or stop doing so."""
        self._drawn, self._since = 0, time.monotonic()
        (self._clock.resume if wanted else self._clock.pause)()

    def push(self, side: Side, rows: float) -> None:
        """Move a person's paddle by keys; the keys of both sides move the paddle of a single person."""
        hands = self.showing.hands if self.showing else {}
        hand = hands.get(side) or (next(iter(hands.values())) if len(hands) == 1 else None)
        if hand is not None:
            hand.push(rows)

    def point_at(self, screen_y: float) -> None:
        """Move a person's paddle to a height of the terminal, the right one's if there are two people."""
        hands = self.showing.hands if self.showing else {}
        hand = hands.get(Side.RIGHT) or hands.get(Side.LEFT)
        if hand is not None:
            hand.put(self.court.height_at(screen_y - self.court.region.y))

    def on_mouse_move(self, event: MouseMove) -> None:
        """Move the paddle with the mouse, also beside the court."""
        self.point_at(event.pointer_screen_y)

    def on_click(self, event: Click) -> None:
        if event.widget is self.court:
            event.stop()
            self.post_message(self.Begin())

    def on_resize(self, event: Resize) -> None:
        self.lay_out()

    def lay_out(self) -> None:
        """Lay out score, minds and court for the present size."""
        specs = list(zip(Side, self._specs(), strict=True))
        networks = [side for side, spec in specs if spec.traits.plays_checkpoint]
        others = [side for side, spec in specs if spec.traits.from_file]
        width, height = self.size
        score_lines = 3 if height >= _LARGE_SCORE_FROM else 1
        lines = height - score_lines - 1
        panels = (
            self.minds
            and bool(networks)
            and lines >= 16
            and width >= len(networks) * PANEL_WIDTH + len(others) * GAUGE_WIDTH + _LEAST_BESIDE_PANELS
        )
        gauges = self.minds and not panels and width >= 60
        self.query_one(Scoreboard).styles.height = score_lines
        for side in Side:
            self.query_one(f"#mind-{side}").display = panels and side in networks
            self.query_one(f"#gauge-{side}").display = gauges or (panels and side in others)
        beside = 2 * GAUGE_WIDTH if gauges else 0
        if panels:
            beside = PANEL_WIDTH * len(networks) + GAUGE_WIDTH * len(others)
        columns = min(width - beside, round(ASPECT * lines))
        lines = min(lines, int(columns / _SLIMMEST))
        self._too_small = columns < _LEAST_COLUMNS or lines < _LEAST_LINES
        self.court.styles.width, self.court.styles.height = max(1, columns), max(1, lines)
        self._seen = -1
        if self._too_small and self.showing is not None and self.showing.hands:
            self.showing.pause()

    def look(self) -> None:
        """Draw the present state of the match."""
        if self.showing is None:
            return
        picture = self.showing.state()
        self._seen = picture.number
        self.query_one(Scoreboard).show(called(self._specs(), picture.names), self._about(), picture.score)
        self.court.show(picture, self._card(picture))
        for side, decision in zip(Side, picture.decisions, strict=True):
            self._show_mind(side, picture, decision)
        self._say(picture)

    def _tick(self) -> None:
        now = time.monotonic()
        if now - self._since >= _MEASURED_S:
            self._rate, self._drawn, self._since = self._drawn / (now - self._since), 0, now
            if self.showing is not None:
                self._say(self.showing.state())
        if self.showing is None or self._waiting():
            return
        if self.showing.number != self._seen:
            self.look()
            self._drawn += 1

    def _waiting(self) -> bool:
        """Return whether the terminal has not taken the last frames yet."""
        writer = getattr(self.app._driver, "_writer_thread", None)
        queue = getattr(writer, "_queue", None)
        return queue is not None and queue.qsize() > 0

    def _show_mind(self, side: Side, picture: MatchState, decision: Decision | None) -> None:
        index = list(Side).index(side)
        panel, gauge = self.query_one(f"#mind-{side}", MindPanel), self.query_one(f"#gauge-{side}", MindGauge)
        if panel.display and self.showing is not None:
            # panels cost more to draw than the game, and nobody reads them faster
            if time.monotonic() - self._panels_at.get(side, 0.0) < _PANELS_S and not picture.paused:
                return
            self._panels_at[side] = time.monotonic()
            panel.show(decision, picture.names[index], self.showing.policy_of(side))
        elif gauge.display:
            gauge.show(decision, self._side_words(side))

    def _specs(self) -> tuple[PlayerSpec, PlayerSpec]:
        return self.showing.match.specs if self.showing else (PlayerSpec.ai(), PlayerSpec.ai())

    def _side_words(self, side: Side) -> tuple[str, ...]:
        spec = self._specs()[list(Side).index(side)]
        if spec.traits.plays_checkpoint:
            return ("…",)
        if not spec.is_person:
            name = player_label(spec.name).upper()[:GAUGE_WIDTH]
            return (name, "", *textwrap.wrap(spec.traits.about, GAUGE_WIDTH))
        keys = "W S" if self._two_people() and side is Side.LEFT else "↑ ↓"
        mouse = () if self._two_people() and side is Side.LEFT else ("mouse", "or")
        return ("YOU", "", *mouse, keys)

    def _about(self) -> tuple[str, str]:
        left, right = (
            spec.traits.about
            if spec.checkpoint is None
            else f"network of {spec.checkpoint.policy.hidden_units} hidden units"
            for spec in self._specs()
        )
        return left, right

    def _two_people(self) -> bool:
        return self.showing is not None and len(self.showing.hands) == 2

    def _card(self, picture: MatchState) -> tuple[str, ...]:
        assert self.showing is not None
        if self._too_small:
            return ("too small", "make the terminal", "larger")
        if picture.over:
            left, right = picture.score
            winner = called(self._specs(), picture.names)[0 if picture.winner is Side.LEFT else 1]
            return (
                f"{winner} {'win' if winner == 'you' else 'wins'} {max(left, right)} : {min(left, right)}",
                f"longest rally {counted(picture.longest_rally, 'hit')}",
                "",
                "Enter or a click plays again",
                *(("i trains a clone of you",) if self.showing.hands else ()),
                "Esc: another match-up",
            )
        if not picture.paused:
            return ()
        if picture.frames == 0 and self.showing.hands:
            return self._welcome()
        return ("Paused", "space goes on", ". plays one frame   r restarts", "Esc: another match-up")

    def _welcome(self) -> tuple[str, ...]:
        assert self.showing is not None
        points = f"first to {self.showing.match.points} wins"
        if self._two_people():
            return (
                "Two players",
                "left: W and S    right: ↑ and ↓, or the mouse",
                "hold a key to go on moving",
                points,
                "",
                "space or a click begins",
            )
        side = next(iter(self.showing.hands))
        return (
            f"You hold the {side} paddle",
            "move the mouse up and down,",
            "or press and hold ↑ ↓",
            points,
            "",
            "space or a click begins",
        )

    def _say(self, picture: MatchState) -> None:
        """Update the line of text: a fault first, then the note, then the figures of the game."""
        assert self.showing is not None
        fault = self.showing.fault
        speed = f"{self.showing.speed:g}× speed"
        if (
            not picture.paused
            and not picture.over
            and picture.pace < 0.9 * self.showing.speed
            and picture.pace
        ):
            speed = f"{picture.pace:.2f}× of {speed}"
        parts = [
            fault,
            self.note,
            f"rally {picture.rally}",
            f"first to {self.showing.match.points}",
            "paused" if picture.paused else speed,
        ]
        if not picture.paused and not picture.over and self._rate:
            parts.append(f"{self._rate:.0f} fps")
        words = self.query_one("#words", Static)
        words.set_class(bool(fault), "-fault")
        text = " · ".join(part for part in parts if part)
        if not fault and 0 < words.content_size.width < len(text):  # shorten it rather than cut it off
            text = " · ".join(part for part in parts[:3] + parts[4:5] if part)
        if str(words.content) != text:
            words.update(text)
