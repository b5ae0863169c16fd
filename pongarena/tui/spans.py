"""Sends changed cells only: what Textual sends of a line begins at its widget's left edge.

Textual knows which columns of a line changed, and cuts off what lies right of them, not what lies left. For a
game of a few moving cells that is most of what is sent.
"""

from rich.console import Console
from rich.control import Control
from textual._compositor import ChopsUpdate, Compositor

__all__ = ["SpanCompositor", "SpanUpdate"]


class SpanUpdate(ChopsUpdate):
    """An update that is cut to the changed columns at both ends."""

    def render_segments(self, console: Console) -> str:
        """The update as text with escape sequences."""
        parts: list[str] = []
        for y, start, end in self.spans:
            for right, (left, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                first, last = max(left, start), min(right, end)
                if strip is None or first >= last:
                    continue
                parts.append(Control.move_to(first, y).segment.text)
                whole = (first, last) == (left, right)
                parts.append((strip if whole else strip.crop(first - left, last - left)).render(console))
        return "".join(parts)


class SpanCompositor(Compositor):
    """A screen's compositor that makes such updates."""

    def render_partial_update(self) -> ChopsUpdate | None:
        """What changed since the last update; None when nothing did."""
        update = super().render_partial_update()
        return None if update is None else SpanUpdate(update.chops, update.spans, update.chop_ends)
