"""The open card: a question, help, the tour, keys, or a lesson. The match waits meanwhile."""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

import pygame

from pongarena.game.cartridge import Side
from pongarena.match.advantages import give_credit
from pongarena.match.match import Match
from pongarena.match.players import ModelPlayer
from pongarena.window import cards, paint
from pongarena.window.advantages_view import CreditView
from pongarena.window.editor import KeyEditor
from pongarena.window.guard import Question
from pongarena.window.keys import BUTTON_KEYS, NO, YES, Action, Bindings
from pongarena.window.screens import Card, Lesson, Sheet

__all__ = ["CardStack"]

_ALWAYS = (Action.SCREENSHOT, Action.FULLSCREEN)
"""Actions whose keys work whatever card is open."""


class Dialog(Protocol):
    """A card that takes keys of its own until it is left."""

    def card(self) -> Card:
        """How it looks."""

    def press(self, key: int, letter: str) -> bool:
        """Take a key, and the letter that it types, if it does; whether the dialog is left."""


_ACCENTS = {Side.LEFT: paint.ORANGE, Side.RIGHT: paint.GREEN}


class CardStack:
    """Opens, turns and closes cards."""

    def __init__(self, bindings: Bindings) -> None:
        self._bindings = bindings
        self._question: Question | None = None
        self._help: list[Card] = []
        self._tour: list[Card] = []
        self._editor: KeyEditor | None = None
        self._dialog: Dialog | None = None
        self._lessons: list[Lesson] = []

    @property
    def reading(self) -> bool:
        """Whether a card is open."""
        return self.sheet() is not None

    def sheet(self) -> Sheet | None:
        """The open card."""
        if self._question is not None:
            return self._question.card
        if self._editor is not None:
            return self._editor.card()
        if self._help or self._tour:
            return (self._help or self._tour)[0]
        if self._dialog is not None:
            return self._dialog.card()
        return self._lessons[0] if self._lessons else None

    def close(self) -> None:
        """Close the card."""
        self._editor = self._question = self._dialog = None
        self._help.clear()
        self._tour.clear()
        self._lessons.clear()

    def turn_help(self, pages: Callable[[Card], int]) -> None:
        """Open the help, or turn to its next page; close it after the last one.

        Args:
            pages: Returns the number of pages that a card needs in the window.
        """
        if self._help:
            self._help.pop(0)
            return
        self.close()
        for card in cards.help_cards(self._bindings):
            self._help += [replace(card, page=page) for page in range(pages(card))]

    def show_tour(self) -> None:
        """Open the tour; any key turns its pages."""
        self.close()
        self._tour += cards.tour_cards(self._bindings)

    def show(self, card: Card) -> None:
        """Show a card; any key closes it."""
        self.close()
        self._help.append(card)

    def begin(self, dialog: Dialog) -> None:
        """Open a dialog; under a tour, it waits for the tour's end."""
        tour = [*self._tour]
        self.close()
        self._tour += tour
        self._dialog = dialog

    def ask(self, question: Question) -> None:
        """Ask a question; Enter means yes, Esc no."""
        self.close()
        self._question = question

    def answer(self, *, yes: bool) -> bool:
        """Answer the question, if there is one.

        Returns:
            Whether there was one.
        """
        question, self._question = self._question, None
        if yes and question is not None:
            question.do()
        return question is not None

    def edit_keys(self) -> None:
        """Open the key editor."""
        self.close()
        self._editor = KeyEditor(self._bindings)

    def turn_lessons(self, match: Match) -> str:
        """Show what the last rally teaches, network by network.

        Returns:
            Why there is nothing to show; empty if there is.
        """
        if self._lessons:
            self._lessons.pop(0)
            return ""
        self.close()
        for side, spec, player in zip(Side, match.specs, match.players, strict=True):
            if not isinstance(player, ModelPlayer) or spec.checkpoint is None:
                continue
            if (credit := give_credit(player.rallies)) is not None:
                skip, recipe = player.policy.spec.frame_skip, spec.checkpoint.card.recipe
                view = CreditView(credit, spec.name, recipe, accent=_ACCENTS[side], frame_skip=skip)
                self._lessons.append(Lesson(view))
        if self._lessons:
            return ""
        if not any(isinstance(player, ModelPlayer) for player in match.players):
            return "no network plays: nobody learns"
        return "no point yet: nothing to learn from"

    def push(self, button: int) -> bool:
        """Handle a gamepad's button while a card is open.

        Returns:
            Whether a card was open; nothing else should handle the button then.
        """
        if self._editor is not None:
            self._editor.push(button)
            if not self._editor.open:
                self.close()
        elif self._question is not None and button in (YES, NO):
            self.answer(yes=button == YES)
        elif self._dialog is not None and not self._tour:
            if button in BUTTON_KEYS:
                self._give(self._dialog, BUTTON_KEYS[button], "")
        elif self._question is None and self.reading:
            pages = self._help or self._tour or self._lessons
            if button == YES:
                pages.pop(0)
            elif button == NO:
                self.close()
        else:
            return self.reading
        return True

    def _give(self, dialog: Dialog, key: int, letter: str) -> None:
        """Give a key to a dialog, which may open another one."""
        if dialog.press(key, letter) and self._dialog is dialog:
            self._dialog = None

    def _turn_or_give(self, key: int, letter: str) -> None:
        """Turn the tour's page; without a tour, give the key to the dialog."""
        if self._tour:
            self._tour = [] if key == pygame.K_ESCAPE else self._tour[1:]
        elif self._dialog is not None:
            self._give(self._dialog, key, letter)

    def press(self, key: int, letter: str = "") -> bool:
        """Handle a key while a card is open.

        Args:
            key: Its code.
            letter: What it types.

        Returns:
            Whether the card took it; nothing else should handle the key then.
        """
        action = self._bindings.action(key)
        if self._question is not None:
            if key in (pygame.K_RETURN, pygame.K_KP_ENTER, pygame.K_ESCAPE):
                self.answer(yes=key != pygame.K_ESCAPE)
            return action not in _ALWAYS
        if self._editor is not None:
            self._editor.press(key)
            if not self._editor.open:
                self.close()
            return True
        if (self._tour or self._dialog is not None) and (action not in _ALWAYS or letter):
            self._turn_or_give(key, letter)
            return True
        turning = Action.HELP if self._help else Action.CREDIT
        if not self.reading or action in (turning, Action.QUIT, *_ALWAYS):
            return False
        self.close()
        return key == pygame.K_ESCAPE or action is None or action not in (Action.KEYS, Action.HELP)
