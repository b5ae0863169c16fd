"""The main screens: their names, their keys, and their code, imported when one goes there."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from textual.screen import Screen

__all__ = ["MODES", "PLACES", "Place"]


@dataclass(frozen=True)
class Place:
    """One main screen.

    Attributes:
        key: Goes there from every main screen.
        name: Its mode, and its word in the bar of places.
        code: ``module:class`` of the screen.
        words: What is there, for the help and the command palette.
    """

    key: str
    name: str
    code: str
    words: str

    def open(self) -> "Screen[None]":
        """Import the screen and make one."""
        module, _, kind = self.code.partition(":")
        return cast("Screen[None]", getattr(import_module(f"pongarena.tui.screens.{module}"), kind)())


PLACES = (
    Place("1", "home", "home:HomeScreen", "what runs, where you stand, what to do next"),
    Place("2", "library", "library:LibraryScreen", "all models, and everything about each"),
    Place("3", "training", "training:TrainingScreen", "the dashboard of all sessions"),
    Place("4", "watch", "watch:WatchScreen", "matches in the terminal, and sessions while they learn"),
    Place("5", "tournament", "tournament:TournamentScreen", "everybody against everybody, and who is best"),
    Place("6", "school", "school:SchoolScreen", "how it works, with the numbers of a network of yours"),
    Place("7", "lab", "lab:LabScreen", "experiments on learning itself"),
)
"""In the order of their keys."""

MODES: dict[str, "str | Callable[[], Screen[Any]]"] = {place.name: place.open for place in PLACES}
"""For the app, which calls them when a place is gone to for the first time."""
