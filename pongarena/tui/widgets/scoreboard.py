"""The scoreboard of a match: one line, or large digits if there is room."""

from pongarena.game.cartridge import Side
from pongarena.tui.widgets.canvas import Canvas, parse_colour
from pongarena.tui.words import shorten

__all__ = ["Scoreboard"]

_DIGITS = {
    "0": "▛▜▌▐▙▟", "1": "▄▌ ▌▄▙", "2": "▀▜▛▀▙▄", "3": "▀▜▀▜▄▟", "4": "▌▐▀▜ ▐",
    "5": "▛▀▀▜▄▟", "6": "▛▀▛▜▙▟", "7": "▀▜ ▞ ▌", "8": "▛▜▛▜▙▟", "9": "▛▜▀▜▄▟",
}  # fmt: skip
"""Three lines of two cells each."""

_LARGE = 3
"""Height of large digits in lines."""


class Scoreboard(Canvas):
    """Shows the left name, the score, and the right name."""

    DEFAULT_CSS = "Scoreboard { width: 1fr; height: 1; background: $surface; }"

    def __init__(self) -> None:
        super().__init__(id="scoreboard")
        self._names = ("", "")
        self._about = ("", "")
        self._score = (0, 0)

    def show(self, names: tuple[str, str], about: tuple[str, str], score: tuple[int, int]) -> None:
        """Show the players and the score.

        Args:
            names: Names of the left and the right player.
            about: Their descriptions, for the second line if there is one.
            score: Their points.
        """
        if (names, about, score) != (self._names, self._about, self._score):
            self._names, self._about, self._score = names, about, score
            self.publish()

    def paint(self) -> None:
        named = self.app.theme_variables
        ball = self.ink(parse_colour(named.get("ball", "#ececec")), bold=True)
        muted = self.ink(parse_colour(named.get("muted", "#8b998e")))
        large = self.lines >= _LARGE
        middle, line = self.columns // 2, 1 if large else 0
        room = max(0, middle - (12 if large else 8))
        for side, name, about in zip(Side, self._names, self._about, strict=True):
            ink = self.ink(parse_colour(named.get(side.value, "#d5824a")), bold=True)
            left = side is Side.LEFT
            for y, words, with_ink in ((line, name, ink), (line + 1, about, muted)):
                if y == line or large:
                    text = shorten(words, room) if room > 1 else ""
                    self.write(3 if left else self.columns - 3 - len(text), y, text, with_ink)
                    self.write(1 if left else self.columns - 2, y, "▌" if left else "▐", ink)
        if large:
            self._paint_large(middle, ball)
            return
        text = f"{self._score[0]:>2} : {self._score[1]:<2}"
        self.write(middle - len(text) // 2, 0, text, ball)

    def _paint_large(self, middle: int, ink: int) -> None:
        self.write(middle, 1, "▪", ink)
        left, right = (f"{points}" for points in self._score)
        for start, digits in ((middle - 3 * len(left) - 1, left), (middle + 3, right)):
            for place, digit in enumerate(digits):
                for y in range(_LARGE):
                    self.write(start + 3 * place, y, _DIGITS[digit][2 * y : 2 * y + 2], ink)
