"""The line of keys at the bottom: it grows to a second line where the screen is narrow, so that none is cut off."""

from textual.content import Content
from textual.events import Click
from textual.screen import Screen
from textual.style import Style
from textual.widget import Widget


class KeyBar(Widget):
    """All keys of the screen, with what they do; a click on one presses it."""

    COMPONENT_CLASSES = {"keybar--key"}  # noqa: RUF012 (Textual's name)

    DEFAULT_CSS = """
    KeyBar { & .keybar--key { color: $left; text-style: bold; } }
    KeyBar { dock: bottom; width: 1fr; height: auto; max-height: 3; padding: 0 1; background: $footer-background;
             color: $foreground; }
    """

    def on_mount(self) -> None:
        """Follow the screen: its keys change with the focus."""
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def _changed(self, screen: Screen[object]) -> None:
        if screen is self.screen:
            self.refresh(layout=True)

    def render(self) -> Content:
        """The keys, each kept together with its words when the line wraps."""
        key_style = self.get_visual_style("keybar--key")
        parts: list[Content] = []
        seen: set[str] = set()
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if not binding.show or not binding.description or binding.action in seen or not active.enabled:
                continue
            seen.add(binding.action)
            press = Style.from_meta({"press": binding.key})
            key = self.app.get_key_display(binding)
            words = binding.description.replace(" ", "\u00a0")
            parts.append(Content.assemble((f"{key}\u00a0", key_style), words).stylize(press))
        return Content("  ").join(parts)

    def on_click(self, event: Click) -> None:
        """Press the key that was clicked."""
        if key := event.style.meta.get("press"):
            self.app.simulate_key(key)
