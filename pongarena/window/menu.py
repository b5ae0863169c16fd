"""The pause menu: a list of actions, one of them marked."""

import pygame

from pongarena.window.keys import Action, Bindings
from pongarena.window.screens import Card

__all__ = ["Menu"]

_MAIN = {
    Action.PAUSE: "resume",
    Action.REMATCH: "restart",
    Action.SAVE: "save this moment",
    Action.STATES: "saved moments",
    Action.SCORES: "high scores",
    Action.SETTINGS: "settings",
    Action.QUIT: "leave",
}
_SETTINGS = {
    Action.MUTE: "sound on, off",
    Action.QUIETER: "quieter",
    Action.LOUDER: "louder",
    Action.MINDS: "minds on, off",
    Action.CONNECTIONS: "how a network decides",
    Action.HANDICAP: "small paddles: none, left, right, both",
    Action.BALL: "ball: one speed, faster",
    Action.CRT: "old television, sharp pixels",
    Action.PALETTE: "palette: colour, grey, green, amber",
    Action.PHOSPHOR: "phosphor: what moves leaves a trail",
    Action.FULLSCREEN: "full screen, window",
    Action.NAMES: "players' names",
    Action.MOUSE: "mouse: 50 % … 300 %",
    Action.STICK: "gamepad's stick: height, speed",
    Action.KEYS: "change keys",
    Action.PAUSE: "resume",
}


class Menu:
    """The pause menu, and its settings."""

    def __init__(self, bindings: Bindings) -> None:
        self._bindings = bindings
        self.reset()

    def reset(self) -> None:
        """Go back to the first entry of the main list."""
        self._entries = _MAIN
        self._chosen = 0

    def card(self) -> Card:
        """The menu's card."""
        key = self._bindings
        rows = [(key.name(action), words) for action, words in self._entries.items()]
        if self._entries is _MAIN:
            rows += [
                ("", ""),
                (key.names(Action.BACK, Action.FORTH), "wind back, forward"),
                (key.names(Action.STEP_BACK, Action.STEP), "frame by frame"),
                (f"{key.name(Action.HELP)}, ?", "all keys, a tour"),
            ]
        title = "Paused" if self._entries is _MAIN else "Settings"
        return Card(title, tuple(rows), "Up/Down move · Enter select", chosen=self._chosen)

    def press(self, key: int) -> Action | None:
        """Move the mark, or select the marked entry.

        Returns:
            The selected action; None when the mark moved.
        """
        action = self._bindings.action(key)
        steps = {
            pygame.K_UP: -1,
            pygame.K_DOWN: 1,
            Action.LEFT_UP: -1,
            Action.LEFT_DOWN: 1,
        }
        if (step := steps.get(key, steps.get(action, 0) if action else 0)) != 0:
            self._chosen = (self._chosen + step) % len(self._entries)
            return None
        return list(self._entries)[self._chosen]

    def takes(self, key: int) -> bool:
        """Whether a key moves the mark or selects."""
        moves = pygame.K_UP, pygame.K_DOWN, pygame.K_RETURN, pygame.K_KP_ENTER
        return key in moves or self._bindings.action(key) in (Action.LEFT_UP, Action.LEFT_DOWN)

    def open_settings(self) -> None:
        """Show the settings instead of the main list."""
        self._entries, self._chosen = _SETTINGS, 0
