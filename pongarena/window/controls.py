"""From events to what they mean: a key of a card, a command, a player's input, a question."""

from collections.abc import Callable, Mapping
from typing import Protocol

import pygame

from pongarena.game.cartridge import Side
from pongarena.match.driver import MatchDriver
from pongarena.window.card_stack import CardStack
from pongarena.window.guard import Guard
from pongarena.window.input_state import TAKING, InputState, button_of
from pongarena.window.keys import BUTTON_KEYS, NO, YES, Action, Bindings
from pongarena.window.menu import Menu
from pongarena.window.window_state import WindowState

__all__ = ["Controls", "Flow"]

_TIME = (Action.PAUSE, Action.STEP, Action.STEP_BACK, Action.BACK, Action.FORTH)
"""Before the first frame these are keys like any other."""


class Flow(Protocol):
    """How a window goes from title to match to end.

    Attributes:
        titled: Whether the title is shown.
        commands: What each action does.
    """

    titled: bool
    commands: Mapping[Action, Callable[[], None]]

    def begin(self) -> None:
        """Start the match from its title."""

    def rematch(self) -> None:
        """Start another match of the same players."""

    def pause(self) -> None:
        """Pause or resume."""

    def close(self) -> None:
        """Close the window."""


class Controls:
    """Gives each event to the first part of the window that takes it."""

    def __init__(
        self,
        flow: Flow,
        stage: WindowState,
        driver: MatchDriver,
        *,
        hands: InputState,
        reader: CardStack,
        guard: Guard,
        menu: Menu,
        bindings: Bindings,
        say: Callable[[str], None],
    ) -> None:
        self._flow, self._stage, self._driver = flow, stage, driver
        self._hands, self._reader, self._guard = hands, reader, guard
        self._menu, self._bindings, self._say = menu, bindings, say

    def take(self, event: pygame.event.Event) -> bool:
        """Handle an event; return whether an open card took it, which may have changed settings."""
        if self._reads(event):
            return True
        scrubs = self._scrubs(event)
        if not scrubs and (self._reader.reading or self._hands.caught or not self._stage.scene.handle(event)):
            self._act(event)
        return False

    def _reads(self, event: pygame.event.Event) -> bool:
        """Offer a key or a button to the open card; return whether it took it."""
        if event.type == pygame.KEYDOWN:
            return self._reader.press(event.key, getattr(event, "unicode", ""))
        button = button_of(event)
        return button is not None and self._reader.push(button)

    def _scrubs(self, event: pygame.event.Event) -> bool:
        """Go to the frame under the mouse on the timeline; return whether there was one."""
        pressed = event.type == pygame.MOUSEBUTTONDOWN and event.button == 1
        dragged = getattr(event, "buttons", (0,))[0]
        if not (pressed or dragged) or (frame := self._stage.scene.frame_under(event.pos)) is None:
            return False
        self._driver.go_to(frame)
        return True

    def _act(self, event: pygame.event.Event) -> None:
        """Handle an event as a command of the window, or as a player's input."""
        if event.type == pygame.KEYDOWN:
            self._press(event)
        elif event.type == pygame.KEYUP:
            if self._bindings.action(event.key) in (Action.BACK, Action.FORTH):
                self._driver.wind(0)
        elif event.type == pygame.MOUSEBUTTONDOWN:
            self._confirm(event)
        elif (button := button_of(event)) is not None:
            self._push(button)
        elif event.type == pygame.JOYBUTTONUP:
            if self._bindings.button_action(event.button) in (Action.BACK, Action.FORTH):
                self._driver.wind(0)
        elif event.type in (pygame.WINDOWFOCUSLOST, pygame.WINDOWMINIMIZED):
            self._driver.wind(0)
            self._stand_by()
        if self._relieves(event) and not self._guard.permits(self._driver.match):
            hold = self._bindings.names(Action.TAKE_LEFT, Action.TAKE_RIGHT)
            told = f"now hold {hold} to take the left or right paddle"
            self._guard.alter(self._driver.match, "Take over?", lambda: self._say(told))
        elif told := self._hands.take(event, self._stage.scene.field):
            self._say(told)
            self._stand_by()

    def _relieves(self, event: pygame.event.Event) -> bool:
        """Whether an event takes over the paddle of a network or the CPU."""
        action = self._bindings.action(event.key) if event.type == pygame.KEYDOWN else None
        side = None if action is None else TAKING.get(action)
        return side is not None and side not in self.people and not self._driver.match.replays

    @property
    def people(self) -> tuple[Side, ...]:
        """The sides of people who play now."""
        return () if self._driver.match.replays else self._driver.humans

    def _stand_by(self) -> None:
        """Pause a match of people, because they cannot play now."""
        if (
            self.people
            and not self._driver.match.over
            and not self._flow.titled
            and not self._driver.stepping
        ):
            self._driver.pause()

    def _press(self, event: pygame.event.Event) -> None:
        action = self._bindings.action(event.key)
        if event.key == pygame.K_ESCAPE:
            self._escape()
        elif getattr(event, "unicode", "") == "?":
            self._reader.show_tour()
        elif self._in_menu and self._menu.takes(event.key):
            self._choose(event.key)
        elif self._flow.titled and action in _TIME:
            self._confirm(event)
        elif action is not None and action in self._flow.commands:
            self._flow.commands[action]()
        else:
            self._confirm(event)

    @property
    def _in_menu(self) -> bool:
        """Whether the pause menu is open."""
        driver = self._driver
        return driver.paused and not (self._flow.titled or driver.ended or driver.stepping)

    def _choose(self, key: int) -> None:
        """Move through the menu, or run the chosen entry."""
        if (chosen := self._menu.press(key)) is not None:
            self._flow.commands[chosen]()

    def _push(self, button: int) -> None:
        """Handle a gamepad's button: yes, back, the D-pad in the menu, or its binding."""
        action = self._bindings.button_action(button)
        if self._flow.titled:
            self._flow.begin()
        elif self._in_menu and button in BUTTON_KEYS and button != NO:
            self._choose(BUTTON_KEYS[button])
        elif self._driver.ended and button == YES:
            self._flow.rematch()
        elif self._driver.paused and button in (YES, NO):
            self._flow.pause()
        elif action is not None and action in self._flow.commands:
            self._flow.commands[action]()

    def _escape(self) -> None:
        """Free the mouse, else open or close the menu; quit on the title and after the end."""
        if self._hands.free():
            return
        if self._flow.titled or self._driver.ended:
            self._flow.close()
        else:
            self._flow.pause()

    def _confirm(self, event: pygame.event.Event) -> None:
        """Start the match from the title, or a rematch with Enter after the end."""
        if self._flow.titled:
            self._flow.begin()
        elif self._driver.ended and getattr(event, "key", None) in (pygame.K_RETURN, pygame.K_KP_ENTER):
            self._flow.rematch()
