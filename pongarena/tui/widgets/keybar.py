"""The line of keys at the bottom; on a narrow screen it names the most wanted ones, the help all of them."""

from textual.binding import Binding
from textual.content import Content
from textual.events import Click
from textual.geometry import Size
from textual.screen import Screen
from textual.style import Style
from textual.widget import Widget

_RARE = (
    *("settings", "import", "duplicate", "export", "rename", "undo", "checkpoint", "notes"),
    *("delete", "compare", "mark", "filter"),
)
"""Left out where there is no room, the first one first."""

_LAST = ("settings", "app.command_palette", "help", "leave")


class KeyBar(Widget):
    """The keys of the screen, with what they do; a click on one presses it."""

    COMPONENT_CLASSES = {"keybar--key"}  # noqa: RUF012 (Textual's name)

    DEFAULT_CSS = """
    KeyBar {
        dock: bottom; width: 1fr; height: auto; max-height: 2; padding: 0 1;
        background: $footer-background; color: $foreground;
        & .keybar--key { color: $left; text-style: bold; }
    }
    """

    def on_mount(self) -> None:
        """Follow the screen: its keys change with the focus."""
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def _changed(self, screen: Screen[object]) -> None:
        if screen is self.screen:
            self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the keys need."""
        return max(1, len(self._lines(width)))

    def render(self) -> Content:
        """The keys, each kept together with its words when the line wraps."""
        return Content("\n").join(Content("  ").join(line) for line in self._lines(self.size.width))

    def _lines(self, width: int) -> list[list[Content]]:
        lines: list[list[Content]] = [[]]
        used = 0
        for part in self._parts(width):
            if used and used + part.cell_length > width:
                lines.append([])
                used = 0
            lines[-1].append(part)
            used += part.cell_length + 2
        return lines

    def _parts(self, width: int) -> list[Content]:
        key_style = self.get_visual_style("keybar--key")
        bindings: dict[str, Binding] = {}
        for active in self.screen.active_bindings.values():
            if active.binding.show and active.binding.description and active.enabled:
                bindings.setdefault(active.binding.action, active.binding)
        # a stable sort: what is the same on every screen comes last
        ordered = sorted(bindings.values(), key=lambda binding: binding.action in _LAST)
        for rare in (*_RARE, *getattr(self.screen, "RARE_KEYS", ())):
            if (
                sum(len(self.app.get_key_display(each) + each.description) + 3 for each in ordered) - 2
                <= width
            ):
                break
            ordered = [each for each in ordered if each.action != rare]
        parts = []
        for binding in ordered:
            press = Style.from_meta({"press": binding.key})
            label = Content.assemble((self.app.get_key_display(binding), key_style), " ", binding.description)
            parts.append(label.stylize(press))
        return parts

    def on_click(self, event: Click) -> None:
        """Press the key that was clicked."""
        if key := event.style.meta.get("press"):
            self.app.simulate_key(key)
