"""Saved moments of matches in the window: save one under a name, go on from one, delete one."""

from collections.abc import Callable
from datetime import datetime

import pygame

from pongarena.core.errors import PongArenaError
from pongarena.match.driver import MatchDriver
from pongarena.match.match import Match
from pongarena.match.save_states import (
    Restoration,
    SavedState,
    delete_state,
    fresh_state,
    read_state,
    save_state,
    states,
)
from pongarena.window.card_stack import CardStack
from pongarena.window.guard import Guard, Question
from pongarena.window.prompt import Prompt
from pongarena.window.screens import Card

__all__ = ["SavedStates", "StateList"]

_A_FRAME_S = 0.01
"""Of each frame's time, for playing a match again."""


class StateList:
    """A card with all states, one of them marked."""

    def __init__(
        self, found: list[SavedState], load: Callable[[str], None], delete: Callable[[str], None]
    ) -> None:
        self._found, self._load, self._delete = found, load, delete
        self._chosen = 0

    def card(self) -> Card:
        """How it looks."""
        if not self._found:
            return Card("Moments", (("", "none is saved yet"),), "Esc back")
        rows = tuple((each.name, _words(each)) for each in self._found)
        foot = "Up/Down choose · Enter goes on from it · Del deletes it · Esc back"
        return Card("Moments", rows, foot, chosen=self._chosen)

    def press(self, key: int, letter: str) -> bool:
        """Take a key; whether the list is left."""
        if key == pygame.K_ESCAPE or not self._found:
            return True
        if key in (pygame.K_UP, pygame.K_DOWN):
            self._chosen = (self._chosen + (1 if key == pygame.K_DOWN else -1)) % len(self._found)
        elif key in (pygame.K_RETURN, pygame.K_KP_ENTER):
            self._load(self._found[self._chosen].name)
        elif key in (pygame.K_DELETE, pygame.K_BACKSPACE):
            self._delete(self._found[self._chosen].name)
        return False


class _Progress:
    """A card that says how far a match is played again."""

    def __init__(self, restoration: Restoration, stop: Callable[[], None]) -> None:
        self._restoration, self._stop = restoration, stop

    def card(self) -> Card:
        done = f"{self._restoration.share:.0%}"
        return Card("Moment", ((self._restoration.name, f"is played up to its moment: {done}"),), "Esc stops")

    def press(self, key: int, letter: str) -> bool:
        if key == pygame.K_ESCAPE:
            self._stop()
        return key == pygame.K_ESCAPE


class SavedStates:
    """Saves the moments of the driver's match, and has it go on from others."""

    def __init__(
        self,
        driver: MatchDriver,
        reader: CardStack,
        guard: Guard,
        *,
        begin: Callable[[Match], None],
        say: Callable[[str], None],
    ) -> None:
        """Learn whom to tell.

        Args:
            driver: Drives the match at the table.
            reader: Shows the cards.
            guard: Asks before a match is given up.
            begin: Puts a match on the table that goes on from a moment.
            say: Tells the person something.
        """
        self._driver, self._reader, self._guard = driver, reader, guard
        self._begin, self._say = begin, say
        self._restoration: Restoration | None = None

    def save(self) -> None:
        """Ask for a name, and save the present moment under it."""
        match = self._driver.match
        if not match.frames or match.winner is not None:
            self._say("no moment to save: the match has not begun, or is over")
            return
        self._driver.pause()

        def take(name: str) -> None:
            self._say(f"saved as {save_state(match, name)!r}: go on from it at any time, unrated")

        about = "a match that goes on from it counts for no rating"
        self._reader.begin(Prompt("Save", "name", about, take, fresh_state(match)))

    def show(self) -> None:
        """List all saved moments; the match waits, also when the list is left."""
        if self._driver.match.frames and not self._driver.match.over:
            self._driver.pause()
        self._reader.begin(StateList(states(), self._load, self._ask_to_delete))

    def work(self) -> None:
        """Let a frame's share of the work pass, if a match is being played up to its moment."""
        restoration = self._restoration
        if restoration is None:
            return
        try:
            if not restoration.work(_A_FRAME_S):
                return
            match = restoration.finish()
        except PongArenaError as error:
            self.stop()
            self._say(str(error))
            self._reader.close()
            return
        self._restoration = None
        self._reader.close()
        self._begin(match)
        self._say(f"{restoration.name}: this match goes on from a saved moment and counts for no rating")

    def stop(self) -> None:
        """Give up the match that is being played up to its moment."""
        if self._restoration is not None:
            self._restoration.match.close()
        self._restoration = None

    def _load(self, name: str) -> None:
        self._guard.leave(self._driver.match, "Leave?", lambda: self._restore(name))

    def _restore(self, name: str) -> None:
        from pongarena.library.models import Library  # noqa: PLC0415 (the window opens sooner)
        from pongarena.match.recorded_players import recorded_players  # noqa: PLC0415

        try:
            recording = read_state(name)
            players = recorded_players(recording.result, Library())
            self._restoration = Restoration(name, recording, players)
        except PongArenaError as error:
            self._say(str(error))
            return
        self._reader.begin(_Progress(self._restoration, self.stop))

    def _ask_to_delete(self, name: str) -> None:
        def delete() -> None:
            try:
                delete_state(name)
            except PongArenaError as error:
                self._say(str(error))
            self.show()

        rows = (("Enter", f"yes: {name} is gone for ever"), ("Esc", "no, keep it"))
        self._reader.ask(Question(Card("Delete?", rows), delete))


def _words(state: SavedState) -> str:
    """Who played whom, how it stood, and when."""
    if state.result is None:
        return "cannot be read: Enter says why"
    when = datetime.fromisoformat(state.result.time).astimezone()
    return f"{state.result.words()}  ·  {when:%m-%d %H:%M}"
