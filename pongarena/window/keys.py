"""All keys and buttons of the match window: actions, default keys, names, and the user's changes."""

from collections.abc import Mapping
from contextlib import suppress
from enum import StrEnum

import pygame

from pongarena.core.errors import InvalidSettingError

__all__ = ["BUTTON_KEYS", "CROSS_DOWN", "CROSS_UP", "NO", "WORDS", "YES", "Action", "Bindings"]

YES, NO = 0, 1
"""Buttons of every gamepad in SDL's numbering: A and B, or cross and circle."""

CROSS_UP, CROSS_DOWN = 11, 12
"""The D-pad of a gamepad that reports it as buttons."""


class Action(StrEnum):
    """An action with a key; the values are the names in the settings file."""

    LEFT_UP = "left-up"
    LEFT_DOWN = "left-down"
    RIGHT_UP = "right-up"
    RIGHT_DOWN = "right-down"
    TAKE_LEFT = "take-left"
    TAKE_RIGHT = "take-right"
    PAUSE = "pause"
    STEP = "step"
    STEP_BACK = "step-back"
    BACK = "back"
    FORTH = "forth"
    SLOW = "slow"
    MINDS = "minds"
    CREDIT = "credit"
    VOTES = "votes"
    CONNECTIONS = "connections"
    MUTE = "mute"
    QUIETER = "quieter"
    LOUDER = "louder"
    REMATCH = "rematch"
    SWAP = "swap"
    HANDICAP = "handicap"
    BALL = "ball"
    NEXT = "next"
    CLONE = "clone"
    SAVE = "save"
    STATES = "states"
    SCORES = "scores"
    NAMES = "names"
    CLIP = "clip"
    RECORD = "record"
    CRT = "crt"
    PALETTE = "palette"
    PHOSPHOR = "phosphor"
    FULLSCREEN = "fullscreen"
    SCREENSHOT = "screenshot"
    MOUSE = "mouse"
    STICK = "stick"
    SETTINGS = "settings"
    KEYS = "keys"
    TOUR = "tour"
    HELP = "help"
    QUIT = "quit"


WORDS = {
    Action.LEFT_UP: "left paddle up",
    Action.LEFT_DOWN: "left paddle down",
    Action.RIGHT_UP: "right paddle up",
    Action.RIGHT_DOWN: "right paddle down",
    Action.TAKE_LEFT: "hold: you play the left paddle",
    Action.TAKE_RIGHT: "hold: you play the right paddle",
    Action.PAUSE: "pause, resume",
    Action.STEP: "one frame forward",
    Action.STEP_BACK: "one frame back",
    Action.BACK: "hold: wind back, up to a minute",
    Action.FORTH: "hold: wind forward",
    Action.SLOW: "slow motion: 1, 1/2, 1/4",
    Action.MINDS: "minds on, off",
    Action.CREDIT: "last rally, as learning sees it",
    Action.VOTES: "what pushed the decision, on the field",
    Action.CONNECTIONS: "how it decides: pixels, units, votes",
    Action.MUTE: "mute",
    Action.QUIETER: "quieter",
    Action.LOUDER: "louder",
    Action.REMATCH: "rematch, new serve",
    Action.SWAP: "swap sides",
    Action.HANDICAP: "small paddles: none, left, right, both",
    Action.BALL: "ball: one speed, faster",
    Action.NEXT: "next opponent",
    Action.CLONE: "train a clone of you, after a match",
    Action.SAVE: "save this moment under a name",
    Action.STATES: "saved moments: go on from one",
    Action.SCORES: "high scores",
    Action.NAMES: "players' names",
    Action.CLIP: "save the last 15 s as a clip",
    Action.RECORD: "record: start, stop",
    Action.CRT: "old television",
    Action.PALETTE: "palette: colour, grey, green, amber",
    Action.PHOSPHOR: "phosphor: what moves leaves a trail",
    Action.FULLSCREEN: "full screen",
    Action.SCREENSHOT: "screenshot",
    Action.MOUSE: "how fast the mouse is: 50 % … 300 %",
    Action.STICK: "gamepad's stick: height, speed",
    Action.SETTINGS: "pause, and settings",
    Action.KEYS: "change keys",
    Action.TOUR: "a tour in 30 seconds",
    Action.HELP: "help",
    Action.QUIT: "quit",
}
"""Short descriptions of all actions."""

_BORN = {
    Action.LEFT_UP: (pygame.K_w,),
    Action.LEFT_DOWN: (pygame.K_s,),
    Action.RIGHT_UP: (pygame.K_UP,),
    Action.RIGHT_DOWN: (pygame.K_DOWN,),
    Action.TAKE_LEFT: (pygame.K_f,),
    Action.TAKE_RIGHT: (pygame.K_j,),
    Action.PAUSE: (pygame.K_p, pygame.K_SPACE),
    Action.STEP: (pygame.K_n, pygame.K_PERIOD),
    Action.STEP_BACK: (pygame.K_COMMA,),
    Action.BACK: (pygame.K_LEFT,),
    Action.FORTH: (pygame.K_RIGHT,),
    Action.SLOW: (pygame.K_t,),
    Action.MINDS: (pygame.K_o,),
    Action.CREDIT: (pygame.K_c,),
    Action.VOTES: (pygame.K_v,),
    Action.CONNECTIONS: (pygame.K_l,),
    Action.MUTE: (pygame.K_m,),
    Action.QUIETER: (pygame.K_MINUS, pygame.K_KP_MINUS),
    Action.LOUDER: (pygame.K_EQUALS, pygame.K_PLUS, pygame.K_KP_PLUS),
    Action.REMATCH: (pygame.K_r,),
    Action.SWAP: (pygame.K_x,),
    Action.HANDICAP: (pygame.K_d,),
    Action.BALL: (pygame.K_b,),
    Action.NEXT: (pygame.K_TAB,),
    Action.CLONE: (pygame.K_i,),
    Action.SAVE: (pygame.K_F5,),
    Action.STATES: (pygame.K_F4,),
    Action.SCORES: (pygame.K_1,),
    Action.NAMES: (pygame.K_2,),
    Action.CLIP: (pygame.K_F9,),
    Action.RECORD: (pygame.K_F10,),
    Action.CRT: (pygame.K_F8,),
    Action.PALETTE: (pygame.K_F7,),
    Action.PHOSPHOR: (pygame.K_F6,),
    Action.FULLSCREEN: (pygame.K_F11,),
    Action.SCREENSHOT: (pygame.K_F12,),
    Action.MOUSE: (pygame.K_3,),
    Action.STICK: (pygame.K_4,),
    Action.SETTINGS: (pygame.K_F2,),
    Action.KEYS: (pygame.K_k,),
    Action.TOUR: (pygame.K_QUESTION, pygame.K_F3),
    Action.HELP: (pygame.K_h, pygame.K_F1),
    Action.QUIT: (pygame.K_q,),
}

BUTTON_KEYS = {
    YES: pygame.K_RETURN,
    NO: pygame.K_ESCAPE,
    CROSS_UP: pygame.K_UP,
    CROSS_DOWN: pygame.K_DOWN,
}
"""The keys that a gamepad's buttons replace in menus and cards."""

_BORN_BUTTONS = {
    Action.PAUSE: (7, 6),
    Action.REMATCH: (2,),
    Action.CLIP: (3,),
}
"""Start or options; X or square; Y or triangle."""

_HANDS = (
    *(Action.LEFT_UP, Action.LEFT_DOWN, Action.RIGHT_UP, Action.RIGHT_DOWN),
    *(Action.TAKE_LEFT, Action.TAKE_RIGHT),
)
"""Actions that move paddles; a gamepad uses its stick and D-pad for them."""

_KEPT = (pygame.K_ESCAPE, pygame.K_RETURN, pygame.K_KP_ENTER)
"""Keys that always mean back or yes."""

_MOST_BUTTONS = 64
"""More buttons than any gamepad has."""

_NAMES = {
    pygame.K_UP: "Up",
    pygame.K_DOWN: "Down",
    pygame.K_LEFT: "Left",
    pygame.K_RIGHT: "Right",
    pygame.K_EQUALS: "+",
    pygame.K_MINUS: "-",
    pygame.K_PERIOD: ".",
    pygame.K_COMMA: ",",
}


class Bindings:
    """Maps keys and buttons to actions."""

    def __init__(
        self, saved: Mapping[str, str] | None = None, buttons: Mapping[str, str] | None = None
    ) -> None:
        """Replace defaults by saved keys and buttons; ignore unknown and conflicting ones."""
        self._buttons = dict(_BORN_BUTTONS)
        for name, number in (buttons or {}).items():
            with suppress(ValueError, InvalidSettingError):
                self.bind_button(Action(name), int(number))
        self._keys = dict(_BORN)
        for name, key_name in (saved or {}).items():
            try:
                self._keys[Action(name)] = (pygame.key.key_code(key_name),)
            except ValueError:
                continue
        for action, keys in list(self._keys.items()):
            if keys != _BORN[action] and sum(keys[0] in others for others in self._keys.values()) > 1:
                self._keys[action] = _BORN[action]

    def action(self, key: int) -> Action | None:
        """The action of a key, if any."""
        return next((action for action, keys in self._keys.items() if key in keys), None)

    def button_action(self, button: int) -> Action | None:
        """The action of a gamepad's button, if any."""
        return next((action for action, buttons in self._buttons.items() if button in buttons), None)

    def button_name(self, action: Action) -> str:
        """The first button of an action, such as "button 7"; empty if it has none."""
        return f"button {self._buttons[action][0]}" if action in self._buttons else ""

    def bind_button(self, action: Action, button: int) -> None:
        """Give an action one gamepad button instead of those it had.

        Raises:
            InvalidSettingError: When the button or the action is fixed, or the button is taken.
        """
        if action in _HANDS:
            raise InvalidSettingError("expected a key: on a gamepad the stick and the D-pad move a paddle")
        if button in (YES, NO, CROSS_UP, CROSS_DOWN) or not 0 <= button < _MOST_BUTTONS:
            raise InvalidSettingError(
                f"expected another button: {YES} means yes, {NO} back, {CROSS_UP}, {CROSS_DOWN} are the D-pad"
            )
        holder = self.button_action(button)
        if holder not in (None, action):
            raise InvalidSettingError(
                f"expected a free button: {button} is \N{LEFT DOUBLE QUOTATION MARK}{WORDS[holder]}"
                f"\N{RIGHT DOUBLE QUOTATION MARK}; take another, or change that one first"
            )
        self._buttons[action] = (button,)

    def name(self, action: Action) -> str:
        """The first key of an action, in words."""
        return key_name(self._keys[action][0])

    def names(self, *actions: Action) -> str:
        """The first keys of several actions, such as "W / S"."""
        return " / ".join(self.name(action) for action in actions)

    def bind(self, action: Action, key: int) -> None:
        """Give an action one new key instead of those it had.

        Raises:
            InvalidSettingError: When the key is fixed or taken.
        """
        if key in _KEPT:
            raise InvalidSettingError(f"expected another key: {key_name(key)} always means back, or yes")
        holder = self.action(key)
        if holder not in (None, action):
            raise InvalidSettingError(
                f"expected a free key: {key_name(key)} is \N{LEFT DOUBLE QUOTATION MARK}{WORDS[holder]}"
                f"\N{RIGHT DOUBLE QUOTATION MARK}; take another, or change that one first"
            )
        self._keys[action] = (key,)

    def reset(self) -> None:
        """Restore the default keys and buttons of all actions."""
        self._keys, self._buttons = dict(_BORN), dict(_BORN_BUTTONS)

    def buttons_to_json(self) -> dict[str, str]:
        """The changed buttons: names of actions, and numbers."""
        return {
            str(action): str(buttons[0])
            for action, buttons in self._buttons.items()
            if buttons != _BORN_BUTTONS.get(action)
        }

    def to_json(self) -> dict[str, str]:
        """The changed keys: names of actions and of keys."""
        return {
            str(action): pygame.key.name(keys[0])
            for action, keys in self._keys.items()
            if keys != _BORN[action]
        }


def key_name(key: int) -> str:
    """A key's name, as printed on the keyboard."""
    name = _NAMES.get(key) or pygame.key.name(key)
    return name.upper() if len(name) == 1 or name[1:].isdigit() else name[:1].upper() + name[1:]
