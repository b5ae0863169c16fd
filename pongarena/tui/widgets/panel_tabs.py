"""The tabs of a screen's panels with their keys, for small terminals that show one panel at a time."""

from collections.abc import Mapping
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.widgets import Static

__all__ = ["PanelTabs"]


class PanelTabs(Horizontal):
    """A line of tabs; a click on one shows its panel."""

    DEFAULT_CSS = """
    PanelTabs {
        height: 1; width: 1fr; padding: 0 0;
        & > PanelTab { width: auto; padding: 0 1; color: $muted; }
        & > PanelTab.-here { color: $ball; text-style: bold; background: $panel; }
        & > PanelTab:hover { color: $ball; text-style: underline; }
    }
    """

    @dataclass
    class Pressed(Message):
        """A tab was clicked."""

        panel: str

    def __init__(self, panels: Mapping[str, str]) -> None:
        """Make tabs for these panels; the values are their keys, or empty."""
        super().__init__()
        self._panels = panels

    def compose(self) -> ComposeResult:
        for name, key in self._panels.items():
            yield PanelTab(name, key)

    def show(self, panel: str) -> None:
        """Highlight the tab of the shown panel."""
        for tab in self.query(PanelTab):
            tab.set_class(tab.panel == panel, "-here")


class PanelTab(Static):
    """One tab."""

    def __init__(self, panel: str, key: str) -> None:
        super().__init__(Content.assemble((key, "$left"), f" {panel}" if key else panel))
        self.panel = panel

    def on_click(self, event: Click) -> None:
        event.stop()
        self.post_message(PanelTabs.Pressed(self.panel))
