"""The results of a model against each opponent."""

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from pongarena.library.card import read_opponent_card
from pongarena.library.names import player_label
from pongarena.library.progress import Share
from pongarena.tui import words
from pongarena.tui.data.library_watcher import CurveView, Entry
from pongarena.tui.data.match_records import Strengths

_BAR = 10

_LEAST_NAME, _BESIDES = 8, 58
"""The least width of an opponent's name, and the width of all other columns."""


class RivalsView(VerticalScroll):
    """A line for each opponent from the match log, then the results in training and in evaluations."""

    DEFAULT_CSS = """
    RivalsView { height: 1fr; scrollbar-size-vertical: 1; & Static { height: auto; } }
    """

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[object, ...] | None = None

    def compose(self) -> ComposeResult:
        yield Static("", id="rivals")
        yield Static("", id="rivals-words")

    def show(self, entry: Entry | None, curve: CurveView | None, strengths: Strengths) -> None:
        shown = (entry, curve.progress if curve else None, strengths)
        if self._shown is not None and all(a is b for a, b in zip(shown, self._shown, strict=True)):
            return
        self._shown = shown
        self._draw_table()
        self.query_one("#rivals-words", Static).update(_words(entry, curve, strengths) if entry else "")

    def on_resize(self) -> None:
        self._draw_table()

    def _draw_table(self) -> None:
        entry, _, strengths = self._shown or (None, None, None)
        if isinstance(entry, Entry) and isinstance(strengths, Strengths):
            room = max(_LEAST_NAME, self.size.width - _BESIDES)
            self.query_one("#rivals", Static).update(_table(entry, strengths, room))
        else:
            self.query_one("#rivals", Static).update("")


def bar(share: Share, width: int = _BAR) -> Text:
    """Draw a share as a bar: solid up to the lower end of its interval, dashed up to the upper end.

    The mark in the middle is one half.
    """
    sure, likely = round(share.low * width), round(share.high * width)
    cells = ["━" if place < sure else "╌" if place < max(likely, sure + 1) else " " for place in range(width)]
    text = Text()
    for place, cell in enumerate(cells):
        text.append("│" if place == width // 2 and cell != "━" else cell)
    return text


def _table(entry: Entry, strengths: Strengths, room: int) -> Table | Text:
    meetings = strengths.meetings.get(entry.name, ())
    if strengths.fault:
        return Text(strengths.fault)
    if not meetings:
        return Text("it has played no match yet: p plays one", style="$muted")
    table = Table.grid(padding=(0, 2))
    for _ in range(5):
        table.add_column(no_wrap=True)
    headings = ("", "against", "matches", "points", "share of points")
    table.add_row(*(Text(each, style="$muted") for each in headings))
    for each in meetings:
        share = each.share
        won = f"{each.matches:,}, {each.won:,} won"
        points = f"{each.points_won:,}:{each.points_lost:,}"
        told = Text("–")
        if share is not None:
            told = bar(share).append(f" {share.value:.0%} ({share.low * 100:.0f}–{share.high * 100:.0f})")
        table.add_row(
            Text(f"@{each.episode}", style="bold"),
            Text(words.shorten(player_label(each.opponent), room)),
            Text(won),
            Text(points),
            told,
        )
    return table


def _words(entry: Entry, curve: CurveView | None, strengths: Strengths) -> Text:
    text = Text()
    rated = strengths.of(entry.name)
    if rated is not None:
        text.append(
            f"\n{rated.player} is rated {rated.rating:,.0f} ± {rated.uncertainty:,.0f}; the CPU has 1,000\n"
        )
    if curve is not None and curve.progress.share is not None:
        text.append(f"\nin training, against the CPU: {curve.progress.standing()}\n")
    card = read_opponent_card(entry.model.path) if entry.model.bundled else None
    for evaluation in card.ratings if card else ():
        text.append(f"\nevaluated: {evaluation}")
    if strengths.meetings.get(entry.name):
        text.append(
            "\nIntervals hold the true share in 19 of 20 cases, if points are independent.", style="$muted"
        )
    return text
