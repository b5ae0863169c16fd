"""The screen that changes keys and buttons: choose an action, press its new key."""

import pygame

from pongarena.core.errors import InvalidSettingError
from pongarena.window.keys import BUTTON_KEYS, NO, WORDS, Action, Bindings
from pongarena.window.screens import Card

__all__ = ["KeyEditor"]

_ACTIONS = tuple(Action)


class KeyEditor:
    """Changes bindings.

    Attributes:
        open: Whether the screen is open.
    """

    def __init__(self, bindings: Bindings) -> None:
        self.open = True
        self._bindings = bindings
        self._chosen = 0
        self._asking = False
        self._message = ""

    def press(self, key: int) -> None:
        """Handle a key: navigation, or the new key of an action."""
        if self._asking:
            self._answer(key)
        elif key == pygame.K_ESCAPE:
            self.open = False
        elif key in (pygame.K_UP, pygame.K_DOWN):
            self._chosen = (self._chosen + (1 if key == pygame.K_DOWN else -1)) % len(_ACTIONS)
            self._message = ""
        elif key in (pygame.K_RETURN, pygame.K_KP_ENTER):
            self._asking, self._message = True, ""
        elif key == pygame.K_BACKSPACE:
            self._bindings.reset()
            self._message = "default keys restored"

    def push(self, button: int) -> None:
        """Handle a gamepad's button like `press`, with its own yes, back and D-pad."""
        if self._asking and button != NO:
            self._asking = False
            try:
                self._bindings.bind_button(_ACTIONS[self._chosen], button)
            except InvalidSettingError as error:
                self._message = str(error)
        elif button in BUTTON_KEYS:
            self.press(BUTTON_KEYS[button])

    def card(self) -> Card:
        """The screen's card."""
        rows = [(self._label(action), WORDS[action]) for action in _ACTIONS]
        foot = self._message or "Up/Down choose · Enter change · Backspace defaults · Esc done"
        if self._asking:
            rows[self._chosen] = ("? ? ?", WORDS[_ACTIONS[self._chosen]])
            foot = f"press a key or gamepad button for: {WORDS[_ACTIONS[self._chosen]]}  ·  Esc cancels"
        return Card("Change keys", tuple(rows), foot, chosen=self._chosen)

    def _label(self, action: Action) -> str:
        button = self._bindings.button_name(action)
        return f"{self._bindings.name(action)}, {button}" if button else self._bindings.name(action)

    def _answer(self, key: int) -> None:
        self._asking = False
        if key == pygame.K_ESCAPE:
            return
        try:
            self._bindings.bind(_ACTIONS[self._chosen], key)
        except InvalidSettingError as error:
            self._message = str(error)
