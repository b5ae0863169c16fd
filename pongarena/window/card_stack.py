"""The card that a person has open: help, the keys to change, or what a rally teaches. The match waits."""

from collections.abc import Callable
from dataclasses import replace

import pygame

from pongarena.game.cartridge import Side
from pongarena.match.advantages import give_credit
from pongarena.match.match import Match
from pongarena.match.players import ModelPlayer
from pongarena.window import cards, paint
from pongarena.window.advantages_view import CreditView
from pongarena.window.editor import KeyEditor
from pongarena.window.keys import Action, Bindings
from pongarena.window.screens import Card, Lesson, Sheet

__all__ = ["CardStack"]

_ACCENTS = {Side.LEFT: paint.ORANGE, Side.RIGHT: paint.GREEN}


class CardStack:
    """Opens, turns and closes cards."""

    def __init__(self, bindings: Bindings) -> None:
        self._bindings = bindings
        self._help: list[Card] = []
        self._editor: KeyEditor | None = None
        self._lessons: list[Lesson] = []

    @property
    def reading(self) -> bool:
        """Whether a card is open."""
        return self.sheet() is not None

    def sheet(self) -> Sheet | None:
        """The open card."""
        if self._editor is not None:
            return self._editor.card()
        if self._help:
            return self._help[0]
        return self._lessons[0] if self._lessons else None

    def close(self) -> None:
        """Puts the card away."""
        self._editor = None
        self._help.clear()
        self._lessons.clear()

    def turn_help(self, pages: Callable[[Card], int]) -> None:
        """Opens the help, or its next page; after the last one it is closed.

        Args:
            pages: How many pages a card takes in the window.
        """
        if self._help:
            self._help.pop(0)
            return
        self.close()
        for card in cards.help_cards(self._bindings):
            self._help += [replace(card, page=page) for page in range(pages(card))]

    def edit_keys(self) -> None:
        """Opens the keys."""
        self.close()
        self._editor = KeyEditor(self._bindings)

    def turn_lessons(self, match: Match) -> str:
        """Opens what the last rally teaches, network by network.

        Returns:
            Why there is nothing to see; empty if there is.
        """
        if self._lessons:
            self._lessons.pop(0)
            return ""
        self.close()
        for side, spec, player in zip(Side, match.specs, match.players, strict=True):
            if isinstance(player, ModelPlayer) and (credit := give_credit(player.rallies)) is not None:
                skip = player.policy.spec.frame_skip
                view = CreditView(credit, spec.name, accent=_ACCENTS[side], frame_skip=skip)
                self._lessons.append(Lesson(view))
        if self._lessons:
            return ""
        if not any(isinstance(player, ModelPlayer) for player in match.players):
            return "no network plays: nobody learns"
        return "no point was made yet: nothing to learn from"

    def press(self, key: int) -> bool:
        """Takes a key while a card is open.

        Returns:
            Whether it was for the card alone.
        """
        if self._editor is not None:
            self._editor.press(key)
            if not self._editor.open:
                self.close()
            return True
        action = self._bindings.action(key)
        turning = Action.HELP if self._help else Action.CREDIT
        if not self.reading or action in (turning, Action.SCREENSHOT, Action.FULLSCREEN, Action.QUIT):
            return False
        self.close()
        return key == pygame.K_ESCAPE or action is None or action not in (Action.KEYS, Action.HELP)
