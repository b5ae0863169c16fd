"""People's input: keys, mouse and gamepads become a direction or a knob's position."""

from collections.abc import Iterable
from contextlib import suppress

import pygame

from pongarena.game.cartridge import Control, Knob, Side
from pongarena.game.paddle import BOTTOM, TOP, Move
from pongarena.window.keys import CROSS_DOWN, CROSS_UP, Action, Bindings

__all__ = ["TAKING", "InputState", "button_of"]

_PADDLE_ACTIONS = {
    Action.LEFT_UP: (Side.LEFT, Move.UP),
    Action.LEFT_DOWN: (Side.LEFT, Move.DOWN),
    Action.RIGHT_UP: (Side.RIGHT, Move.UP),
    Action.RIGHT_DOWN: (Side.RIGHT, Move.DOWN),
}
TAKING = {Action.TAKE_LEFT: Side.LEFT, Action.TAKE_RIGHT: Side.RIGHT}
"""Whose paddle a person plays for as long as a key is held."""

_DEAD_ZONE = 0.12
"""A stick that is pushed less far is at rest."""

_PADDLE_CENTRE = 7
"""Rows from the middle of a paddle on the screen down to its y, as the cartridge counts."""

_Device = tuple[str, int, int]
"""Kind of device, its number, key or axis."""

_BLANK = ((8, 8), (0, 0), (0,) * 8, (0,) * 8)
"""A cursor that cannot be seen."""


class InputState:
    """Follows all devices and tells what each side's person does.

    The key pressed last wins; a key tapped between two frames still counts for one frame. The mouse turns the
    knob of the person, of the right one if there are two, until that side's key or gamepad is used. A
    gamepad's stick is the knob as well: the paddle stands as high as the stick. A single person may use both
    sides' keys.

    Attributes:
        taken: Sides whose network or CPU a person replaces for as long as the key is held.
        caught: Whether the cursor is caught in the window.
    """

    def __init__(self, bindings: Bindings, humans: Iterable[Side]) -> None:
        self._bindings = bindings
        self._humans = tuple(humans)
        self.taken: set[Side] = set()
        self.caught = False
        self._held: dict[_Device, tuple[Side, Move]] = {}
        self._tapped: dict[Side, Move] = {}
        self._knobs: dict[Side, Knob] = {}
        self._sticks: dict[int, Side] = {}
        self._opened: dict[int, pygame.joystick.JoystickType] = {}
        self._pads: list[int] = []

    @property
    def sides(self) -> tuple[Side, ...]:
        """Every side that a person holds now; the persons' own ones first."""
        return (*self._humans, *(side for side in Side if side in self.taken))

    @property
    def mouse_side(self) -> Side | None:
        """Whose knob the mouse is."""
        hands = self._humans or self.sides
        return Side.RIGHT if Side.RIGHT in hands else next(iter(hands), None)

    def seat(self, humans: Iterable[Side]) -> None:
        """Says which sides are people's from now on; what is held stays held."""
        self._humans = tuple(humans)
        self.taken.clear()
        self._knobs.clear()

    def take(self, event: pygame.event.Event, field: pygame.Rect) -> str:
        """Learns from one event.

        Args:
            event: Any of pygame's.
            field: Where the game's picture lies in the window.

        Returns:
            What the person should be told; mostly nothing.
        """
        if event.type in (pygame.KEYDOWN, pygame.KEYUP):
            self._take_key(event.key, down=event.type == pygame.KEYDOWN)
        elif event.type in (pygame.MOUSEMOTION, pygame.MOUSEBUTTONDOWN):
            self._take_mouse(event, field)
        elif event.type in (pygame.JOYDEVICEADDED, pygame.JOYDEVICEREMOVED):
            return self._plug(event)
        elif event.type in (pygame.JOYAXISMOTION, pygame.JOYHATMOTION):
            self._take_stick(event)
        elif event.type in (pygame.JOYBUTTONDOWN, pygame.JOYBUTTONUP):
            self._take_button(event)
        elif event.type == pygame.WINDOWFOCUSLOST:
            self.let_go()
        return ""

    def let_go(self) -> None:
        """Forgets everything held: the window no longer hears when it is released."""
        self._held.clear()
        self.taken.clear()
        self.free()

    def free(self) -> bool:
        """Gives the cursor back.

        Returns:
            Whether it was caught.
        """
        was, self.caught = self.caught, False
        if was:
            pygame.event.set_grab(False)
            _show_cursor(pygame.cursors.Cursor(pygame.SYSTEM_CURSOR_ARROW))
        return was

    def control(self, side: Side) -> Control:
        """What the person on a side does now."""
        for owner, move in reversed(self._held.values()):
            if self._owner(owner) is side:
                return move
        for owner, move in self._tapped.items():
            if self._owner(owner) is side:
                return move
        return self._knobs.get(side, Move.STAY)

    def end_frame(self) -> None:
        """Forgets the taps, which count for one frame."""
        self._tapped.clear()

    def _take_key(self, key: int, *, down: bool) -> None:
        action = self._bindings.action(key)
        if action in _PADDLE_ACTIONS:
            side, move = _PADDLE_ACTIONS[action]
            self._hold(("key", 0, key), side, move if down else None)
        elif action in TAKING and TAKING[action] not in self._humans:
            side = TAKING[action]
            (self.taken.add if down else self.taken.discard)(side)
            self._knobs.pop(side, None)

    def _take_mouse(self, event: pygame.event.Event, field: pygame.Rect) -> None:
        """Within the picture's columns the mouse steers; a click catches the cursor."""
        side = self.mouse_side
        inside = field.left <= event.pos[0] < field.right
        if side is None or not (self.caught or inside):
            return
        if event.type == pygame.MOUSEBUTTONDOWN:
            if not self.caught and field.collidepoint(event.pos) and side in self._humans:
                self.caught = True
                pygame.event.set_grab(True)
                _show_cursor(pygame.cursors.Cursor(*_BLANK))
            return
        row = (event.pos[1] - field.top) * 210 / max(field.height, 1)
        self._knobs[side] = Knob(row + _PADDLE_CENTRE)

    def _plug(self, event: pygame.event.Event) -> str:
        if event.type == pygame.JOYDEVICEADDED:
            with suppress(pygame.error):  # it may be gone again
                pad = pygame.joystick.Joystick(event.device_index)
                self._opened[pad.get_instance_id()] = pad
                self._number(pad.get_instance_id())
            return ""
        self._opened.pop(event.instance_id, None)
        if event.instance_id not in self._pads:
            return ""
        self._pads.remove(event.instance_id)
        if (side := self._sticks.pop(event.instance_id, None)) is not None:
            self._knobs.pop(side, None)
        for device in [device for device in self._held if device[0] != "key"]:
            if device[1] == event.instance_id:
                del self._held[device]
        return "a gamepad is gone: plug it in again, or use the keys"

    def _take_stick(self, event: pygame.event.Event) -> None:
        if event.type == pygame.JOYHATMOTION:
            move = {1: Move.UP, -1: Move.DOWN}.get(event.value[1])
            self._hold_pad(("hat", event.instance_id, 0), move)
        elif event.axis == 1 and abs(event.value) > _DEAD_ZONE and self.sides:
            side = self.sides[self._number(event.instance_id) % len(self.sides)]
            self._knobs[side] = Knob(TOP + (event.value + 1) / 2 * (BOTTOM - TOP))
            self._sticks[event.instance_id] = side

    def _take_button(self, event: pygame.event.Event) -> None:
        if event.button in (CROSS_UP, CROSS_DOWN):
            move = Move.UP if event.button == CROSS_UP else Move.DOWN
            down = event.type == pygame.JOYBUTTONDOWN
            self._hold_pad(("button", event.instance_id, event.button), move if down else None)

    def _hold_pad(self, device: _Device, move: Move | None) -> None:
        sides = self.sides
        if sides:
            self._hold(device, sides[self._number(device[1]) % len(sides)], move)

    def _hold(self, device: _Device, side: Side, move: Move | None) -> None:
        self._held.pop(device, None)
        if move is not None:
            self._held[device] = (side, move)
            self._tapped[side] = move
            self._knobs.pop(self._owner(side) or side, None)

    def _owner(self, side: Side) -> Side | None:
        """Whose the keys of a side are: of the only person, if there is but one."""
        sides = self.sides
        if len(sides) == 1:
            return sides[0]
        return side if side in sides else None

    def _number(self, instance: int) -> int:
        """The first gamepad is the first person's, the second the other one's."""
        if instance not in self._pads:
            self._pads.append(instance)
        return self._pads.index(instance)


def button_of(event: pygame.event.Event) -> int | None:
    """Which button of a gamepad was pushed; a cross of its own kind counts as the cross of buttons."""
    if event.type == pygame.JOYHATMOTION:
        return {1: CROSS_UP, -1: CROSS_DOWN}.get(event.value[1])
    return int(event.button) if event.type == pygame.JOYBUTTONDOWN else None


def _show_cursor(cursor: pygame.cursors.Cursor) -> None:
    with suppress(pygame.error):  # some of SDL's drivers have none
        pygame.mouse.set_cursor(cursor)
