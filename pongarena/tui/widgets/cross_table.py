"""The cross table of a tournament: a row for each player, a column for each opponent."""

from rich.text import Text

from pongarena.library.names import player_label
from pongarena.match.standings import Meeting, Standing, Table
from pongarena.tui import words
from pongarena.tui.widgets.plain_table import PlainTable

__all__ = ["CrossTable", "difference_words", "wins_words"]

_OWN_COLUMNS = 3
"""Columns before the opponents: name, matches, points."""

_NAME = 16
_WIDE_NAME = 20


class CrossTable(PlainTable):
    """Two lines for each player: matches won – lost against each opponent, and the difference of points."""

    DEFAULT_CSS = """
    CrossTable {
        overflow-x: auto; scrollbar-size-horizontal: 1;
        & > .datatable--fixed { background: $background; }
    }
    """

    def __init__(self, **settings: str) -> None:
        super().__init__(
            cursor_type="cell",
            cell_padding=0,
            fixed_columns=1,
            cursor_foreground_priority="renderable",
            cursor_background_priority="css",
            **settings,  # type: ignore[arg-type]  # id and classes
        )
        self._players: tuple[str, ...] = ()
        self._shown: list[list[Text]] = []
        self._shape: tuple[int, ...] = ()

    def show(self, standing: Table, wide: bool = False) -> None:
        """Show the standings of a tournament; redraw only changed cells."""
        players = tuple(each.player for each in standing.standings)
        name = _WIDE_NAME if wide else _NAME
        rows = [self._row(place, each, standing, name) for place, each in enumerate(standing.standings, 1)]
        if (len(players), name) != self._shape:
            self._rebuild(rows, len(players), name, wide)
        else:
            self._update(rows)
        self._players, self._shown, self._shape = players, rows, (len(players), name)

    def chosen(self) -> tuple[str, str | None] | None:
        """Return the pair under the cursor; without an opponent when the cursor is not on one."""
        row, column = self.cursor_coordinate
        if not 0 <= row < len(self._players):
            return None
        first = self._players[row]
        place = column - _OWN_COLUMNS
        second = self._players[place] if 0 <= place < len(self._players) else None
        return first, None if second == first else second

    def _rebuild(self, rows: list[list[Text]], count: int, name: int, wide: bool) -> None:
        self.clear(columns=True)
        for heading, width in (
            ("   player", name + 3),
            ("won", 6),
            ("points" if wide else "pts", 7 if wide else 6),
        ):
            right = heading != "   player"
            self.add_column(Text(heading, justify="right" if right else "left"), width=width)
        for place in range(1, count + 1):
            self.add_column(Text(str(place), justify="right"), width=6)
        for row in rows:
            self.add_row(*row, height=2)

    def _update(self, rows: list[list[Text]]) -> None:
        for row, (cells, before) in enumerate(zip(rows, self._shown, strict=True)):
            for column, (cell, old) in enumerate(zip(cells, before, strict=True)):
                if cell != old or cell.spans != old.spans:
                    self.update_cell_at((row, column), cell)  # type: ignore[arg-type]  # a tuple will do

    @staticmethod
    def _row(place: int, own: Standing, standing: Table, name: int) -> list[Text]:
        faint = "$muted"
        label = Text.assemble((f"{place:2} ", faint), (words.shorten(player_label(own.player), name), "bold"))
        if own.rated is not None:
            exact = own.rated.uncertainty == 0
            rating = words.count(own.rated.rating) + (
                "" if exact else f" ± {words.count(own.rated.uncertainty)}"
            )
            label.append(f"\n   {rating}".replace("-", "−"), faint)
        cells = [
            label,
            Text(wins_words(own.total), justify="right"),
            Text(difference_words(own.total), justify="right"),
        ]
        for other in standing.standings:
            meeting = standing.meetings.get((own.player, other.player))
            if other.player == own.player:
                cells.append(Text("╲ \n ╲", style=faint, justify="right"))
            elif meeting is None:
                cells.append(Text("·", style=faint, justify="right"))
            else:
                cells.append(_meeting_cell(meeting))
        return cells


def _meeting_cell(meeting: Meeting) -> Text:
    colour = "$right" if meeting.difference > 0 else "$left" if meeting.difference < 0 else "$muted"
    return Text.assemble(
        (wins_words(meeting), colour), "\n", (difference_words(meeting), colour), justify="right"
    )


def wins_words(meeting: Meeting) -> str:
    """Format matches won and lost: ``3–1``."""
    return f"{meeting.wins:g}–{meeting.losses:g}"


def difference_words(meeting: Meeting) -> str:
    """Format the difference of points with its sign: ``+34``."""
    return words.signed(meeting.difference, 0) if meeting.difference else "±0"
