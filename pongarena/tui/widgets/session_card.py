"""One session on the dashboard: progress, speed, and its share of points."""

import math
from dataclasses import dataclass
from time import monotonic

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.events import Click
from textual.message import Message
from textual.widgets import Static

from pongarena.jobs.status import State
from pongarena.tui import words
from pongarena.tui.data.library_watcher import CurveView, Entry, LibrarySnapshot
from pongarena.tui.widgets.learning import rating_series, share_range, share_series
from pongarena.tui.widgets.plot import LinePlot

_PLOT_EVERY_S = 1.0
"""How often the curve of a running session is redrawn."""

_MUTED = "$muted"


class SessionCard(Vertical, can_focus=True):
    """Numbers on the left, the curve on the right; the keys act on the focused card."""

    DEFAULT_CSS = """
    SessionCard {
        border: round $border; padding: 0 1; height: 1fr; min-height: 7; max-height: 18;
        border-title-color: $foreground;
        & .numbers { width: 40; height: 1fr; }
        & Horizontal { height: 1fr; }
        &.-waits { min-height: 4; height: 4; & LinePlot { display: none; } & .numbers { width: 1fr; } }
        &:focus { border: round $left; border-title-style: bold; }
    }
    """

    @dataclass
    class Opened(Message):
        """A card was double-clicked, to show its session in full."""

        name: str

    def __init__(self, name: str) -> None:
        super().__init__()
        self.model_name = name
        self._shown: tuple[Entry, CurveView | None, LibrarySnapshot] | None = None
        self._plotted = -math.inf

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Static(classes="numbers")
            yield LinePlot(x_label="k steps")

    def on_click(self, event: Click) -> None:
        self.focus()
        if event.chain > 1:
            self.post_message(self.Opened(self.model_name))

    def show(self, entry: Entry, curve: CurveView | None, look: LibrarySnapshot) -> None:
        """Show the session now, or as soon as the card is mounted."""
        self._shown = entry, curve, look
        if self.is_mounted:
            self._draw(*self._shown)

    def on_mount(self) -> None:
        if self._shown is not None:
            self._draw(*self._shown)

    def _draw(self, entry: Entry, curve: CurveView | None, look: LibrarySnapshot) -> None:
        self.set_class(entry.status.waits, "-waits")
        self.border_title = f"{words.shorten(entry.name, 30)}  {words.state(entry.status).plain}"
        if entry.status.waits:
            self.query_one(".numbers", Static).update(words.place_in_line(entry.name, look))
            return
        # its size is fixed, and a new layout of the screen every second would cost more than all else here
        self.query_one(".numbers", Static).update(_numbers(entry, curve), layout=False)
        if entry.status.state is State.RUNNING and monotonic() - self._plotted < _PLOT_EVERY_S:
            return
        self._plotted = monotonic()
        waiting = "the first points are being played …" if entry.status.active else "too few points played"
        shares, plot = share_series(curve), self.query_one(LinePlot)
        if ratings := rating_series(curve):
            plot.show(ratings)
        else:
            plot.show(shares, waiting, share_range(shares))


def _numbers(entry: Entry, curve: CurveView | None) -> Text:
    status = entry.status
    games = words.count(status.episode)
    if status.target_episode is not None:
        games += f" of {words.count(status.target_episode)}"
    lines: list[tuple[str, str]] = [("games", f"{games}  {words.count(status.steps)} steps")]
    if curve is not None and curve.rating is not None:
        lines.append(("rating", curve.rating.figure()))
    lines.append(("points", words.strength(entry.strength)))
    if status.state is State.CRASHED:
        return _table(lines).append(f"\n{status.message}", style="$error")
    if status.state is State.STARTING:
        return _table(lines).append(f"\n{status.message or 'the games are being loaded'} …")
    lines.append(("speed", words.rate(status.steps_per_s, "steps a second")))
    lines.append(("memory", f"{status.memory_mb:.0f} MB" if status.memory_mb else "–"))
    left = words.time_left(status)
    if left is not None:
        lines.append(("ready in", f"about {words.duration(left)}"))
    return _table(lines)


def _table(lines: list[tuple[str, str]]) -> Text:
    text = Text()
    for index, (label, value) in enumerate(lines):
        text.append("\n" if index else "")
        text.append(label.ljust(9), style=_MUTED)
        text.append(value)
    return text
