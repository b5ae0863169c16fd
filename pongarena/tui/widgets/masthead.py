"""The app's name in large letters between two paddles."""

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

__all__ = ["Masthead"]

_LETTERS = {
    "P": ("█▀█", "█▀▀"),
    "O": ("█▀█", "█▄█"),
    "N": ("█▄ █", "█ ▀█"),
    "G": ("█▀▀", "█▄█"),
    "A": ("█▀█", "█▀█"),
    "R": ("█▀█", "█▀▄"),
    "E": ("█▀▀", "██▄"),
}


class Masthead(Widget):
    """Two lines of letters between an orange and a green paddle, and the ball."""

    DEFAULT_CSS = """
    Masthead { height: 4; width: 1fr; padding: 1; color: $ball; }
    """

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return 2

    def render(self) -> Content:
        width = self.content_size.width
        upper, lower = (" ".join(_LETTERS[each][line] for each in "PONGARENA") for line in (0, 1))
        room = width - len(upper) - 2
        if room < 4:
            return Content("")
        before = room // 2
        after = room - before
        flight = after * 3 // 5
        return Content.assemble(
            ("▐", "$left"), " " * before, upper, " " * after, ("▌", "$right"), "\n",
            ("▐", "$left"), " " * before, lower, " " * flight, "▪", " " * (after - flight - 1),
            ("▌", "$right"),
        )  # fmt: skip
