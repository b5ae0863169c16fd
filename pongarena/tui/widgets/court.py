"""Draw the game in the terminal from the positions of paddles and ball, in fractions of a character cell.

Block elements draw the ends of a paddle to an eighth of a line, and the ball on a grid of half cells. The
ball is at least one cell wide and half a line high: it never vanishes, and moves in steps of half a cell.
"""

from textual.geometry import Region

from pongarena.game.cartridge import Side
from pongarena.match.announcer import Banner
from pongarena.match.field import (
    BALL_COLOUR,
    FIELD_COLOUR,
    LEFT_COLOUR,
    PADDLE_CENTRE,
    PADDLE_COLUMNS,
    RIGHT_COLOUR,
    WIDTH,
)
from pongarena.match.match_state import MatchState
from pongarena.tui.widgets.canvas import Canvas, Colour, blend, parse_colour

__all__ = ["ASPECT", "Court"]

TOP, BOTTOM = 30, 198
"""Rows of the emulator's screen that are shown: the field, and the inner part of each wall."""

_WALL_ROWS = ((TOP, 34), (194, BOTTOM))

ASPECT = 3.33
"""Columns per line at which the field has the shape that it had on a 4:3 television."""

_EIGHTHS = " ▁▂▃▄▅▆▇█"
_QUARTERS = {
    0b0001: "▘", 0b0010: "▝", 0b0100: "▖", 0b1000: "▗", 0b0011: "▀", 0b1100: "▄", 0b0101: "▌", 0b1010: "▐",
    0b1001: "▚", 0b0110: "▞", 0b0111: "▛", 0b1011: "▜", 0b1101: "▙", 0b1110: "▟", 0b1111: "█",
}  # fmt: skip
"""Bits: top left, top right, bottom left, bottom right."""


class Court(Canvas):
    """The field of one match."""

    DEFAULT_CSS = "Court { background: $background; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._picture: MatchState | None = None
        self._card: tuple[str, ...] = ()
        self._themed = False
        self.can_focus = False

    @property
    def themed(self) -> bool:
        """Whether the field has the app's colours instead of the cartridge's."""
        return self._themed

    @themed.setter
    def themed(self, value: bool) -> None:
        self._themed = value
        self.repaint()

    def show(self, picture: MatchState | None, card: tuple[str, ...] = ()) -> int:
        """Show the state of a match.

        Args:
            picture: The state.
            card: Lines of text over the middle of the field; the first one is the heading.

        Returns:
            The number of changed cells.
        """
        self._picture, self._card = picture, card
        return self.publish()

    def height_at(self, line: float) -> float:
        """Return the paddle position, in the cartridge's units, that centres a paddle on a line.

        Args:
            line: Lines from the widget's upper edge; with fractions if the terminal reports them.
        """
        return TOP + line * (BOTTOM - TOP) / max(1, self.lines) + PADDLE_CENTRE

    def paint(self) -> None:
        self._colours = self._choose_colours()
        ground, wall, left, right, ball = self._colours
        self.fill(Region(0, 0, self.columns, self.lines), " ", self.ink(None, ground))
        for first, last in _WALL_ROWS:
            self._bar(Region(0, 0, self.columns, 0), first, last, wall)
        if self._picture is not None:
            objects = self._picture.objects
            for side, rows, colour in ((Side.LEFT, objects.left, left), (Side.RIGHT, objects.right, right)):
                if rows is not None:
                    self._bar(self._paddle_columns(side), *rows, colour, behind=True)
            if objects.ball is not None:
                self._paint_ball(objects.ball, ball)
        self._paint_words()

    def _bar(self, columns: Region, first: int, last: int, colour: Colour, *, behind: bool = False) -> None:
        """Draw a bar between two rows of the screen, its ends to an eighth of a line.

        Args:
            columns: Region with its x and width.
            first: Its first row on the screen.
            last: The row after its last one.
            colour: Its colour.
            behind: Whether walls cover it.
        """
        ground = self._colours[0]
        start, end = self._eighths(first), max(self._eighths(first) + 1, self._eighths(last))
        for line in range(start // 8, -(-end // 8)):
            top, bottom = max(start - 8 * line, 0), min(end - 8 * line, 8)
            area = Region(columns.x, line, columns.width, 1)
            if behind and self._meets_wall(area, top, bottom, colour):
                continue
            if top == 0 and bottom == 8:
                self.fill(area, " ", self.ink(None, colour))
            elif top == 0:  # it hangs from the upper edge: draw the ground below it instead
                self.fill(area, _EIGHTHS[8 - bottom], self.ink(ground, colour))
            else:  # no block character touches neither edge: a bar within one line stands on its lower edge
                self.fill(area, _EIGHTHS[8 - top], self.ink(colour, ground))

    def _meets_wall(self, area: Region, top: int, bottom: int, colour: Colour) -> bool:
        """Draw a bar in a line that it shares with a wall, since a cell has only two colours.

        Returns:
            Whether the line holds a part of a wall.
        """
        wall = self._colours[1]
        for first, last in _WALL_ROWS:
            start, end = self._eighths(first) - 8 * area.y, self._eighths(last) - 8 * area.y
            if end <= 0 or start >= 8:
                continue
            room = range(max(0, end), 8) if start <= 0 else range(max(0, start))
            covered = len(range(max(top, room.start), min(bottom, room.stop)))
            if len(room) and 2 * covered >= len(room):
                if start <= 0:
                    self.fill(area, _EIGHTHS[len(room)], self.ink(colour, wall))
                else:
                    self.fill(area, _EIGHTHS[8 - len(room)], self.ink(wall, colour))
            return True
        return False

    def _paint_ball(self, ball: tuple[int, int, int, int], colour: Colour) -> None:
        x0, x1, y0, y1 = ball
        width = max(2, round((x1 - x0) * 2 * self.columns / WIDTH))
        height = max(1, round(4 * 2 * self.lines / (BOTTOM - TOP)))
        # place it by its middle: a ball that is cut off by a wall or an edge keeps its size
        column = round((x0 + x1) * self.columns / WIDTH - width / 2)
        row = round(((y0 + y1) / 2 - TOP) * 2 * self.lines / (BOTTOM - TOP) - height / 2)
        column = min(max(column, 0), 2 * self.columns - width)
        row = min(max(row, 0), 2 * self.lines - height)
        for y in range(row // 2, (row + height - 1) // 2 + 1):
            for x in range(column // 2, (column + width - 1) // 2 + 1):
                bits = sum(
                    1 << (2 * down + across)
                    for down in (0, 1)
                    for across in (0, 1)
                    if column <= 2 * x + across < column + width and row <= 2 * y + down < row + height
                )
                # walls have the ball's colour
                bits |= 0b0011 if self._eighths(_WALL_ROWS[0][1]) - 8 * y > 0 else 0
                bits |= 0b1100 if self._eighths(_WALL_ROWS[1][0]) - 8 * y < 8 else 0
                self.write(x, y, _QUARTERS[bits], self.ink(colour, self._behind(x, y)))

    def _behind(self, x: int, y: int) -> Colour:
        """Return the colour behind the ball: that of a paddle that fills the cell, else the ground."""
        assert self._picture is not None
        objects, middle = self._picture.objects, 8 * y + 4
        for side, rows, colour in zip(Side, (objects.left, objects.right), self._colours[2:4], strict=True):
            area = self._paddle_columns(side)
            if rows is None or not area.x <= x < area.right:
                continue
            if self._eighths(rows[0]) <= middle < self._eighths(rows[1]):
                return colour
        return self._colours[0]

    def _paddle_columns(self, side: Side) -> Region:
        first, last = (round(column * self.columns / WIDTH) for column in PADDLE_COLUMNS[side])
        return Region(first, 0, max(1, last - first), 0)

    def _eighths(self, row: int) -> int:
        """Convert a row to eighths of a line from the upper edge."""
        return round((min(max(row, TOP), BOTTOM) - TOP) * 8 * self.lines / (BOTTOM - TOP))

    def _paint_words(self) -> None:
        if self._card:
            self._paint_card()
        elif self._picture is not None and self._picture.banner is not None:
            self._paint_banner(self._picture.banner)

    def _paint_banner(self, banner: Banner) -> None:
        """Draw a call in the upper part of the field, where it hides no paddle."""
        ground, _, left, right, ball = self._colours
        colour = {Side.LEFT: left, Side.RIGHT: right, None: ball}[banner.side]
        if self._themed or banner.side is not None:
            colour = blend(colour, ball, 0.35)
        lines = [" ".join(banner.title.upper()), *([banner.line] if banner.line else [])]
        top = max(1, self.lines // 4)
        for y, words in enumerate(f"  {line}  " for line in lines):
            back = blend(ground, _behind_words(ball), 0.45)
            ink = self.ink(colour if y == 0 else ball, back, bold=y == 0)
            self.write((self.columns - len(words)) // 2, top + y, words, ink)

    def _paint_card(self) -> None:
        ground, _, _, _, ball = self._colours
        back = blend(ground, _behind_words(ball), 0.62)
        width = min(max(map(len, self._card)) + 4, self.columns)
        lines = ("", *self._card, "")
        top = max(0, (self.lines - len(lines)) // 2)
        left = (self.columns - width) // 2
        for y, words in enumerate(lines):
            self.fill(Region(left, top + y, width, 1), " ", self.ink(ball, back))
            self.write(
                left + (width - len(words)) // 2, top + y, words[:width], self.ink(ball, back, bold=y == 1)
            )

    def _choose_colours(self) -> tuple[Colour, Colour, Colour, Colour, Colour]:
        """Return the colours of ground, walls, left paddle, right paddle and ball."""
        if not self._themed:
            return FIELD_COLOUR, BALL_COLOUR, LEFT_COLOUR, RIGHT_COLOUR, BALL_COLOUR
        named = self.app.theme_variables
        ground, wall, left, right, ball = (
            parse_colour(named.get(name, fallback))
            for name, fallback in (
                ("panel", "#19201c"),
                ("ball", "#ececec"),
                ("left", "#d5824a"),
                ("right", "#5cba5c"),
                ("ball", "#ececec"),
            )
        )
        return ground, wall, left, right, ball


def _behind_words(words: Colour) -> Colour:
    """Return a contrasting background: black behind light text, white behind dark text."""
    return (0, 0, 0) if sum(words) > 3 * 128 else (255, 255, 255)
