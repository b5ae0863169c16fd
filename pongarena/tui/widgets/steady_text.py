"""Text that changes often, and its place seldom."""

from rich.text import Text
from textual.widgets import Static

__all__ = ["SteadyText"]


class SteadyText(Static):
    """Has the screen laid out anew only when its height changes: that costs more than all that is drawn."""

    def __init__(self, content: str = "", *, id: str | None = None) -> None:
        super().__init__(content, id=id, markup=False)

    def say(self, content: Text | str) -> bool:
        """Show this; whether it is anything new."""
        if content == self.content:
            return False
        before = self._lines()
        self.update(content, layout=False)
        if self._lines() != before:
            self.refresh(layout=True)
        return True

    def _lines(self) -> int:
        width = self.content_size.width
        return self.visual.get_height(self.styles.get_rules(), width) if width else 0
