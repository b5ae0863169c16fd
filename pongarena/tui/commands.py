"""The commands of the palette: all screens, key actions, models and themes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from pongarena.tui.screens import model_actions
from pongarena.tui.screens.base import ArcadeScreen
from pongarena.tui.theme import THEMES

if TYPE_CHECKING:
    from textual.binding import ActiveBinding
    from textual.screen import Screen

    from pongarena.tui.app import PongArenaApp
    from pongarena.tui.data.library_watcher import Entry

__all__ = ["ArcadeCommands"]

_MOVES = ("move(", "edge(", "next(", "sideways(", "cursor", "scroll", "page", "focus", "copy", "palette")
"""Actions to leave out: they move a cursor, or open the palette itself."""


@dataclass(frozen=True)
class _Command:
    title: str
    run: Callable[[], object]
    help: str = ""


class ArcadeCommands(Provider):
    """Provides our commands. Commands on single models are listed only once the user types."""

    @property
    def _arcade(self) -> "PongArenaApp":
        return cast("PongArenaApp", self.app)

    async def discover(self) -> Hits:
        for each in self._commands():
            yield DiscoveryHit(each.title, each.run, help=each.help)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for each in (*self._commands(), *self._of_models()):
            if (score := matcher.match(each.title)) > 0:
                yield Hit(score, matcher.highlight(each.title), each.run, help=each.help)

    def _commands(self) -> Iterator[_Command]:
        actions = list(self._actions())
        yield from actions
        if isinstance(self.screen, ArcadeScreen) and not any(
            each.title.startswith("Settings") for each in actions
        ):
            yield _Command("Settings", self.screen.action_settings, "Colours, first recipe, sessions at once")
        for place in self._arcade.navigation.places:
            go = partial(self._arcade.navigation.go, place.name)
            yield _Command(f"Go to {place.name}", go, f"{place.words} ({place.key})")
        for name, (words, _) in THEMES.items():
            yield _Command(f"Theme {words}", partial(self._arcade.choose_theme, name), "Change all colours")

    def _actions(self) -> Iterator[_Command]:
        """List what the keys of the screen below the palette do."""
        screen, seen = self.screen, set()
        for active in _active(screen):
            binding = active.binding
            action = binding.action.removeprefix("app.")  # the app and a screen may bind the same action
            known = binding.system or action in seen or action.startswith("go(")
            if known or not binding.description or any(word in binding.action for word in _MOVES):
                continue
            seen.add(action)
            title = f"{binding.description}  ({self.app.get_key_display(binding)})"
            # what has no word of its own is called by its help
            about = binding.tooltip if binding.tooltip != binding.description else ""
            yield _Command(title, partial(self._run, binding.action, active.node), about)

    async def _run(self, action: str, node: object) -> None:
        await self.app.run_action(action, default_namespace=node)  # type: ignore[arg-type]

    def _of_models(self) -> Iterator[_Command]:
        app = self._arcade
        for entry in app.look.entries:
            kind = "built in" if entry.model.bundled else f"{entry.episode:,} games, {entry.status.state}"
            yield _Command(
                f"Show {entry.name}", partial(app.navigation.show_model, "library", entry.name), kind
            )
            if entry.checkpoints and entry.model.fault is None:
                player = f"{entry.name}@{entry.checkpoints[-1]}"
                yield _Command(f"Play against {entry.name}", partial(app.play_against, player), kind)
            if not entry.model.bundled and entry.model.fault is None:
                yield self._training(entry, kind)

    def _training(self, entry: "Entry", kind: str) -> _Command:
        verb = "Pause" if str(entry.status.state) in ("running", "starting") else "Go on training"
        run = partial(model_actions.pause_or_go_on, self._arcade, entry)
        return _Command(f"{verb} {entry.name}", run, kind)


def _active(screen: "Screen[object]") -> "list[ActiveBinding]":
    return sorted(screen.active_bindings.values(), key=lambda each: each.node is not screen)
