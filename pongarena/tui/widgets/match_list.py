"""The list of the matches of two players, or of one against everybody."""

from dataclasses import dataclass

from rich.text import Text
from textual.message import Message
from textual.widgets import DataTable

from pongarena.game.rules import FRAME_RATE_HZ
from pongarena.match.tournament_results import Game
from pongarena.tui import words
from pongarena.tui.widgets.plain_table import PlainTable

__all__ = ["MatchList"]


class MatchList(PlainTable):
    """Shows players, score, duration and longest rally; Enter or a click asks for a replay."""

    COLUMNS = (
        *(("match", 6, "right"), ("left", 18, "right"), ("score", 9, "center")),
        *(("right", 18, "left"), ("time", 7, "right"), ("longest", 8, "right")),
    )

    @dataclass
    class Wanted(Message):
        """The user wants a replay of a match."""

        number: int

    def __init__(self, **settings: str) -> None:
        super().__init__(cursor_type="row", **settings)  # type: ignore[arg-type]  # id and classes
        self._numbers: tuple[int, ...] = ()

    def show(self, games: tuple[Game, ...]) -> None:
        """Show these matches; the cursor stays on its match."""
        numbers = tuple(game.number for game in games)
        if numbers == self._numbers:
            return
        at = self._numbers[self.cursor_row] if 0 <= self.cursor_row < len(self._numbers) else None
        if self._numbers and numbers[: len(self._numbers)] == self._numbers:
            games = games[len(self._numbers) :]
        else:
            self.clear()
        for game in games:
            self.add_row(*self._cells(game), key=str(game.number))
        self._numbers = numbers
        if at in numbers:
            self.move_cursor(row=numbers.index(at))

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        event.stop()
        if 0 <= event.cursor_row < len(self._numbers):
            self.post_message(self.Wanted(self._numbers[event.cursor_row]))

    def _cells(self, game: Game) -> tuple[Text, ...]:
        result = game.result
        first, second = result.score
        cut = "" if result.finished else " …"
        left, right = (words.shorten(name, 18) for name in result.called)
        return (
            Text(str(game.number), justify="right"),
            Text(left, style="bold" if first > second else "", justify="right"),
            Text(f"{first} : {second}{cut}", justify="center"),
            Text(right, style="bold" if second > first else ""),
            Text(words.duration(result.frames / FRAME_RATE_HZ), justify="right"),
            Text(words.counted(result.longest_rally, "hit"), justify="right"),
        )
