"""Ratings with their error bars, on one scale."""

from rich.text import Text
from textual.containers import VerticalScroll
from textual.widgets import Static

from pongarena.library.names import player_label
from pongarena.match.ratings import Rated
from pongarena.match.standings import Table
from pongarena.tui import words

__all__ = ["RatingBars", "draw_bar"]

_NUMBERS = 13
_MARK = 1000.0
_LEAST_NAME, _MOST_NAME = 12, 26


class RatingBars(VerticalScroll, can_focus=True):
    """A line for each player, the strongest first: the rating, and a dot between whiskers."""

    DEFAULT_CSS = """
    RatingBars { height: 1fr; scrollbar-size-vertical: 1; padding: 0 1; }
    """

    def __init__(self, **settings: str) -> None:
        super().__init__(**settings)  # type: ignore[arg-type]  # id and classes
        self._table = Table()
        self._has_ai = True

    def compose(self) -> "list[Static]":
        return [Static("")]

    def show(self, standing: Table, has_ai: bool) -> None:
        self._table, self._has_ai = standing, has_ai
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        rated = [each.rated for each in self._table.by_rating if each.rated is not None]
        text = Text(no_wrap=True)
        if not rated:
            text.append("nobody is rated before the first match", "$muted")
        else:
            width = max(30, self.size.width - 3)
            self._add_lines(text, rated, width)
        self.query_one(Static).update(text)

    def _add_lines(self, text: Text, rated: list[Rated], width: int) -> None:
        name = max(
            _LEAST_NAME, min(_MOST_NAME, max(len(each.player) for each in rated), width - _NUMBERS - 12)
        )
        track = max(8, width - name - _NUMBERS - 1)
        low = min(each.rating - each.uncertainty for each in rated)
        high = max(each.rating + each.uncertainty for each in rated)
        ends = f"{words.count(low)}".replace("-", "−"), f"{words.count(high)}".replace("-", "−")
        text.append(
            " " * (name + _NUMBERS + 1) + ends[0] + ends[1].rjust(track - len(ends[0])) + "\n", "$muted"
        )
        for each in rated:
            sure = "exact" if each.uncertainty == 0 else f"± {words.count(each.uncertainty)}"
            figure = words.count(each.rating).replace("-", "−")
            text.append(words.shorten(player_label(each.player), name).ljust(name), "bold")
            text.append(f"{figure:>6} {sure:<5} ".ljust(_NUMBERS + 1)[: _NUMBERS + 1], "$muted")
            text.append(draw_bar(each.rating, each.uncertainty, low, high, track), "$right")
            text.append("\n")
        words_below = (
            "the CPU is 1,000 by definition"
            if self._has_ai
            else "1,000 is the mean of these players: the CPU is not among them"
        )
        text.append(f"\n{words_below}; in 19 cases of 20 the true\nrating lies within ±", "$muted")


def draw_bar(value: float, uncertainty: float, low: float, high: float, width: int) -> str:
    """Draw a dot at a value between whiskers, and a mark at 1,000: ``┊ ├──●──┤  ``.

    Args:
        value: Position of the dot.
        uncertainty: Length of each whisker.
        low: Left end of the scale.
        high: Right end of the scale.
        width: Width in characters.
    """

    def place(figure: float) -> int:
        share = (figure - low) / (high - low) if high > low else 0.5
        return min(width - 1, max(0, round(share * (width - 1))))

    line = [" "] * width
    if low <= _MARK <= high:
        line[place(_MARK)] = "┊"
    left, dot, right = place(value - uncertainty), place(value), place(value + uncertainty)
    for spot in range(left, right + 1):
        line[spot] = "─"
    line[left], line[right] = "├", "┤"
    line[dot] = "●"
    return "".join(line)
