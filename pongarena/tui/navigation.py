"""The main screens with their keys, and the dialogs that several screens open.

Screens do not know each other: they go to another one by ``app.navigation``. The code of a screen is imported
when it is first shown, never before the first paint.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from textual.screen import Screen

    from pongarena.tui.app import PongArenaApp

__all__ = ["PLACES", "Navigation", "Place"]


@dataclass(frozen=True)
class Place:
    """One main screen. Bar, keys, help and palette find it by its line in ``PLACES``.

    Attributes:
        key: The key that opens it from every main screen.
        name: Its mode, and its label in the top bar.
        code: ``module:class`` of the screen.
        words: Its description in the help and the command palette.
    """

    key: str
    name: str
    code: str
    words: str

    def open(self) -> "Screen[None]":
        """Import the screen and make one."""
        module, _, kind = self.code.partition(":")
        return cast("Screen[None]", getattr(import_module(module), kind)())


_IN = "pongarena.tui.screens"

PLACES = (
    Place("1", "home", f"{_IN}.home:HomeScreen", "what runs, where you stand, what to do next"),
    Place("2", "library", f"{_IN}.library:LibraryScreen", "all models, and everything about each"),
    Place("3", "training", f"{_IN}.training:TrainingScreen", "the dashboard of all sessions"),
    Place("4", "watch", f"{_IN}.watch:WatchScreen", "matches in the terminal, sessions while they learn"),
    Place("5", "tournament", f"{_IN}.tournament:TournamentScreen", "all against all, and who is best"),
    Place("6", "school", f"{_IN}.school:SchoolScreen", "how it works, with numbers from your own network"),
    Place("7", "lab", f"{_IN}.lab:LabScreen", "experiments on how networks learn"),
)  # fmt: skip
"""In the order of their keys."""


class Navigation:
    """Goes to main screens and opens dialogs.

    Attributes:
        places: The main screens, in the order of their keys.
    """

    def __init__(self, app: "PongArenaApp", places: Sequence[Place]) -> None:
        self._app = app
        self.places = tuple(places)
        for place in self.places:
            app.add_mode(place.name, place.open)
            app.bind(place.key, f"go('{place.name}')", description=f"{place.name}: {place.words}", show=False)

    def go(self, name: str) -> None:
        """Go to a main screen; when it is open already, close what lies above it."""
        if name != self._app.current_mode:
            self._app.switch_mode(name)
            return
        while len(self._app.screen_stack) > 1:
            self._app.pop_screen()

    def show_model(self, place: str, name: str) -> None:
        """Go to a main screen and choose a model there; a new model is chosen as soon as it is listed."""
        self.go(place)
        if callable(choose := getattr(self._app.screen, "choose", None)):
            self._app.call_after_refresh(choose, name)

    # imported late, because the first paint needs none of it

    def open_help(self, screen: "Screen[Any]") -> None:
        """Open the help of a screen."""
        from pongarena.tui.screens.help import HelpScreen  # noqa: PLC0415

        self._app.push_screen(HelpScreen.of(screen))

    def open_settings(self) -> None:
        """Open the settings."""
        from pongarena.tui.screens.settings import SettingsScreen  # noqa: PLC0415

        self._app.push_screen(SettingsScreen())

    def open_new_session(self) -> None:
        """Open the form of a new training session."""
        from pongarena.tui.screens.new_session import NewSessionScreen  # noqa: PLC0415

        self._app.push_screen(NewSessionScreen())

    def open_match_form(self, right: str | None = None, *, here: bool = False) -> None:
        """Open the form of a match; see ``PlayScreen``."""
        from pongarena.tui.screens.play import PlayScreen  # noqa: PLC0415

        self._app.push_screen(PlayScreen(right, here=here))
