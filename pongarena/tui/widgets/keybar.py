"""The key bar at the bottom; on a narrow screen it shows the most important keys only."""

from textual.binding import Binding
from textual.content import Content
from textual.events import Click
from textual.screen import Screen
from textual.style import Style
from textual.widget import Widget

_GENERAL = ("new", "play", "pause", "stop", "checkpoint")
_LAST = ("settings", "app.command_palette", "help", "app.quit")
"""The screen's own actions come first, then those of all main screens, then these."""

_RARE = (
    *("settings", "app.command_palette", "import", "duplicate", "export", "web_page", "notes", "undo"),
    *("rename", "checkpoint", "stop", "pause", "play", "new", "delete", "fork", "compare", "mark", "filter"),
)
"""Actions that a narrow bar leaves out, in this order."""

_ALWAYS = ("help", "app.quit", "cancel", "back", "lobby")
"""Actions that are never left out: the help, and the ways back."""


class KeyBar(Widget):
    """Shows the keys of the screen with their labels; a click on one presses it."""

    COMPONENT_CLASSES = {"keybar--key"}  # noqa: RUF012 (Textual's name)

    DEFAULT_CSS = """
    KeyBar {
        dock: bottom; width: 1fr; height: 1; padding: 0 1;
        background: $footer-background; color: $foreground;
        & .keybar--key { color: $left; text-style: bold; }
    }
    """

    def on_mount(self) -> None:
        """Follow the screen's keys, which change with the focus."""
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def _changed(self, screen: Screen[object]) -> None:
        if screen is self.screen:
            self.refresh()

    def render(self) -> Content:
        return Content("  ").join(self._parts(self.size.width))

    def _parts(self, width: int) -> list[Content]:
        bindings: dict[tuple[str, str], Binding] = {}
        for active in self.screen.active_bindings.values():
            if active.binding.show and active.binding.description and active.enabled:
                bindings.setdefault((active.binding.action, active.binding.description), active.binding)
        pairs: dict[tuple[str, str], list[Binding]] = {}
        for binding in bindings.values():  # keys for both directions share a label
            pairs.setdefault((binding.action.partition("(")[0], binding.description), []).append(binding)
        named = sorted(pairs.items(), key=lambda each: 2 * (each[0][0] in _LAST) + (each[0][0] in _GENERAL))
        parts = [(action, self._part(each)) for (action, _), each in named]
        own = [action for action, _ in reversed(parts) if action not in _ALWAYS]
        for rare in (*getattr(self.screen, "RARE_KEYS", ()), *_RARE, *own):
            if sum(part.cell_length + 2 for _, part in parts) - 2 <= width:
                break
            parts = [each for each in parts if each[0] != rare]
        return [part for _, part in parts]

    def _part(self, bindings: list[Binding]) -> Content:
        """Format one or two keys and their label; a click on the label presses the last key."""
        key_style = self.get_visual_style("keybar--key")
        parts = []
        for binding in bindings:
            press = Style.from_meta({"press": binding.key})
            key = Content.assemble((self.app.get_key_display(binding), key_style), " ")
            parts.append(key.stylize(press))
        word = Content(bindings[-1].description).stylize(Style.from_meta({"press": bindings[-1].key}))
        return Content.assemble(*parts, word)

    def on_click(self, event: Click) -> None:
        if key := event.style.meta.get("press"):
            self.app.simulate_key(key)
