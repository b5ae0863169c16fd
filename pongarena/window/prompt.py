"""A question that a person answers with a few words: a name, for instance."""

from collections.abc import Callable
from dataclasses import dataclass

import pygame

from pongarena.core.errors import PongArenaError
from pongarena.window.screens import Card

__all__ = ["Prompt"]

_MOST = 40
"""Characters that can be typed."""


@dataclass
class Prompt:
    """A card with one line to type in.

    Attributes:
        title: In block letters.
        label: Before the line.
        about: What the answer is for.
        take: Gets the answer; raises a `PongArenaError` when it will not do.
        value: What was typed so far.
        leave: Called when nothing is answered.
        fault: Why the last answer would not do; empty for no reason.
    """

    title: str
    label: str
    about: str
    take: Callable[[str], None]
    value: str = ""
    leave: Callable[[], None] = lambda: None
    fault: str = ""

    def card(self) -> Card:
        """How it looks."""
        rows = ((self.label, f"{self.value}_"), ("", ""), ("", self.about))
        return Card(self.title, rows, self.fault or "Enter keeps it · Esc leaves it as it is")

    def press(self, key: int, letter: str) -> bool:
        """Take a key.

        Args:
            key: Its code.
            letter: What it types; empty for nothing.

        Returns:
            Whether the question is answered or left.
        """
        if key == pygame.K_ESCAPE:
            self.leave()
            return True
        if key in (pygame.K_RETURN, pygame.K_KP_ENTER):
            return self._answer()
        if key == pygame.K_BACKSPACE:
            self.value = self.value[:-1]
        elif letter.isprintable():
            self.value = (self.value + letter)[:_MOST]
        self.fault = ""
        return False

    def _answer(self) -> bool:
        try:
            self.take(self.value)
        except PongArenaError as error:
            self.fault = str(error)
            return False
        return True
