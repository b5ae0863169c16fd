"""Send only changed cells to the terminal, and only colours that differ from those of the previous cell.

Textual knows which columns of a line changed, but cuts off only what lies right of them, not what lies left.
It also writes both colours of every segment. When few cells move, as in a game, that is most of the output.
"""

from functools import lru_cache

from rich.color import ColorSystem
from rich.console import Console
from rich.control import Control
from rich.style import Style
from textual._compositor import ChopsUpdate, Compositor

__all__ = ["Pen", "SpanCompositor", "SpanUpdate"]

_RESET = "\x1b[0m"
_PLAIN: tuple[bool, str, str] = (False, "", "")


class Pen:
    """Writes styled text; begins and ends with the terminal's default colours."""

    def __init__(self, system: ColorSystem | None) -> None:
        """Make a pen for the colour system of a terminal; None for no colours."""
        self._system = system
        self._has = _PLAIN
        self._parts: list[str] = []

    def move_to(self, x: int, y: int) -> None:
        """Move the cursor."""
        self._parts.append(Control.move_to(x, y).segment.text)

    def write(self, text: str, style: Style | None) -> None:
        """Write text."""
        wanted = _PLAIN if style is None else _codes(style, self._system)
        if wanted is None:  # underlined, linked and the like: Rich renders it
            self._take(_PLAIN)
            assert style is not None
            self._parts.append(style.render(text, color_system=self._system))
            return
        self._take(wanted)
        self._parts.append(text)

    def finish(self) -> str:
        """Reset the colours, and return all that was written."""
        self._take(_PLAIN)
        return "".join(self._parts)

    def _take(self, wanted: tuple[bool, str, str]) -> None:
        """Switch to other colours."""
        if wanted == self._has:
            return
        (bold, front, back), (was_bold, was_front, was_back) = wanted, self._has
        self._has = wanted
        if wanted == _PLAIN:
            self._parts.append(_RESET)
            return
        codes = []
        if (was_bold and not bold) or (was_front and not front) or (was_back and not back):
            codes.append("0")
            was_bold, was_front, was_back = _PLAIN
        if bold and not was_bold:
            codes.append("1")
        codes += [code for code, was in ((front, was_front), (back, was_back)) if code != was]
        self._parts.append(f"\x1b[{';'.join(codes)}m")


@lru_cache(maxsize=4096)
def _codes(style: Style, system: ColorSystem | None) -> tuple[bool, str, str] | None:
    """Return bold and the codes of foreground and background; None for a style with other attributes."""
    bold = bool(style.bold)
    others = (style.dim, style.italic, style.underline, style.underline2, style.overline, style.strike)
    rare = (style.blink, style.blink2, style.reverse, style.conceal, style.frame, style.encircle)
    if style.link or any(others) or any(rare):
        return None
    if system is None:
        return bold, "", ""
    front, back = (
        "" if colour is None else ";".join(colour.downgrade(system).get_ansi_codes(foreground=foreground))
        for colour, foreground in ((style.color, True), (style.bgcolor, False))
    )
    return bold, front, back


class SpanUpdate(ChopsUpdate):
    """An update that is cropped to the changed columns at both ends."""

    def render_segments(self, console: Console) -> str:
        pen = Pen(console._color_system)
        for y, start, end in self.spans:
            for right, (left, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                first, last = max(left, start), min(right, end)
                if strip is None or first >= last:
                    continue
                pen.move_to(first, y)
                part = strip if (first, last) == (left, right) else strip.crop(first - left, last - left)
                for text, style, _ in part:
                    pen.write(text, style)
        return pen.finish()


class SpanCompositor(Compositor):
    """A compositor whose partial updates are `SpanUpdate`."""

    def render_partial_update(self) -> ChopsUpdate | None:
        """Return what changed since the last update; None when nothing did."""
        update = super().render_partial_update()
        return None if update is None else SpanUpdate(update.chops, update.spans, update.chop_ends)
