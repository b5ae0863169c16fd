"""Turn people's input from keys, mouse and gamepads into directions or knob positions."""

from collections.abc import Iterable
from contextlib import suppress

import pygame

from pongarena.game.cartridge import Control, Knob, Side
from pongarena.game.paddle import BOTTOM, TOP, Move
from pongarena.match.field import PADDLE_CENTRE
from pongarena.window.keys import CROSS_DOWN, CROSS_UP, Action, Bindings

__all__ = ["TAKING", "InputState", "button_of"]

_PADDLE_ACTIONS = {
    Action.LEFT_UP: (Side.LEFT, Move.UP),
    Action.LEFT_DOWN: (Side.LEFT, Move.DOWN),
    Action.RIGHT_UP: (Side.RIGHT, Move.UP),
    Action.RIGHT_DOWN: (Side.RIGHT, Move.DOWN),
}
TAKING = {Action.TAKE_LEFT: Side.LEFT, Action.TAKE_RIGHT: Side.RIGHT}
"""The side that a person plays while the action's key is held."""

_DEAD_ZONE = 0.12
"""A stick that is pushed less far is at rest."""

_FASTEST = 5.7
"""Rows a frame of a stick that is pushed all the way: as fast as the console's own knob goes."""

_MIDDLE = (TOP + BOTTOM) // 2

_Device = tuple[str, int, int]
"""Kind of device, its number, its key or button."""

_BLANK = ((8, 8), (0, 0), (0,) * 8, (0,) * 8)
"""An invisible cursor."""


class InputState:
    """Tracks all devices, and tells each side's control.

    The key pressed last wins. A key tapped between two frames still counts for one frame. The mouse turns the
    knob of the only person, or of the right one of two, until that side's key or gamepad is used. A gamepad's
    stick is a knob as well: its position is the paddle's height, or its speed.
    A single person can use both sides' keys.

    Attributes:
        taken: Sides whose network or CPU a person replaces while the key is held.
        caught: Whether the cursor is confined to the window.
        sensitivity: How far the mouse moves the paddle, 1 for as far as on the screen.
        stick_is_speed: Whether a gamepad's stick sets the paddle's speed, else its height.
    """

    stick_is_speed = False

    def __init__(self, bindings: Bindings, humans: Iterable[Side]) -> None:
        self._bindings = bindings
        self._humans = tuple(humans)
        self.taken: set[Side] = set()
        self.caught = False
        self._sensitivity = 1.0
        self._held: dict[_Device, tuple[Side, Move]] = {}
        self._tapped: dict[Side, Move] = {}
        self._knobs: dict[Side, Knob] = {}
        self._sticks: dict[int, Side] = {}
        self._opened: dict[int, pygame.joystick.JoystickType] = {}
        self._pads: list[int] = []
        self._speeds: dict[int, tuple[Side, float]] = {}
        self._heights: dict[Side, int] = {}

    @property
    def sides(self) -> tuple[Side, ...]:
        """All sides that people play now; their own ones first."""
        return (*self._humans, *(side for side in Side if side in self.taken))

    @property
    def mouse_side(self) -> Side | None:
        """The side whose knob the mouse turns."""
        hands = self._humans or self.sides
        return Side.RIGHT if Side.RIGHT in hands else next(iter(hands), None)

    @property
    def sensitivity(self) -> float:
        """How far the mouse moves the paddle."""
        return self._sensitivity

    @sensitivity.setter
    def sensitivity(self, sensitivity: float) -> None:
        self._sensitivity = sensitivity
        if self.caught:
            self._hide_cursor()

    def turn_stick(self) -> None:
        """Let a stick be the paddle's speed instead of its height, or the other way round."""
        self.stick_is_speed = not self.stick_is_speed
        self._speeds.clear()

    def seat(self, humans: Iterable[Side]) -> None:
        """Set the sides that people play from now on; held keys stay held."""
        self._humans = tuple(humans)
        self.taken.clear()
        self._knobs.clear()

    def take(self, event: pygame.event.Event, field: pygame.Rect) -> str:
        """Handle an event.

        Args:
            event: Any event of pygame.
            field: The game's picture in the window.

        Returns:
            A message to the user; usually empty.
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
        """Forget everything held, because the window no longer receives releases."""
        self._held.clear()
        self._speeds.clear()
        self.taken.clear()
        self.free()

    def free(self) -> bool:
        """Free the cursor.

        Returns:
            Whether it was caught.
        """
        was, self.caught = self.caught, False
        if was:
            pygame.event.set_grab(False)
            pygame.mouse.set_visible(True)
            _show_cursor(pygame.cursors.Cursor(pygame.SYSTEM_CURSOR_ARROW))
        return was

    def control(self, side: Side, y: int = 0) -> Control:
        """The control of the person on a side in the coming frame; to be asked once a frame.

        Args:
            side: The side.
            y: Its paddle's height; 0 while it is not shown.
        """
        self._heights[side] = y or self._heights.get(side, _MIDDLE)
        for owner, move in reversed(self._held.values()):
            if self._owner(owner) is side:
                return move
        for owner, move in self._tapped.items():
            if self._owner(owner) is side:
                return move
        self._push_on(side)
        return self._knobs.get(side, Move.STAY)

    def _push_on(self, side: Side) -> None:
        """Move the knob on by the speed that a stick asks for."""
        speed = next((speed for owner, speed in self._speeds.values() if owner is side and speed), 0.0)
        if speed:
            self._knobs[side] = Knob(_clamp(self._height(side) + speed * _FASTEST))

    def _height(self, side: Side) -> float:
        """Where the knob stands, or the paddle."""
        knob = self._knobs.get(side)
        return self._heights.get(side, _MIDDLE) if knob is None else knob.y

    def end_frame(self) -> None:
        """Forget taps, which count for one frame."""
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
        """Turn the knob with the mouse within the picture's columns; catch the cursor on a click."""
        side = self.mouse_side
        inside = field.left <= event.pos[0] < field.right
        if side is None or not (self.caught or inside):
            return
        if event.type == pygame.MOUSEBUTTONDOWN:
            if not self.caught and field.collidepoint(event.pos) and side in self._humans:
                self.caught = True
                pygame.event.set_grab(True)
                self._hide_cursor()
            return
        a_row = max(field.height, 1) / 210
        if self.caught and self._sensitivity != 1:
            y = _clamp(self._height(side) + event.rel[1] * self._sensitivity / a_row)
        else:
            below_middle = (event.pos[1] - field.top) / a_row - 105
            y = 105 + below_middle * self._sensitivity + PADDLE_CENTRE
        self._knobs[side] = Knob(y)

    def _hide_cursor(self) -> None:
        """A cursor that stops at the window's edge would stop the paddle: then only its motion counts."""
        _show_cursor(pygame.cursors.Cursor(*_BLANK))
        pygame.mouse.set_visible(self._sensitivity == 1)

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
        self._speeds.pop(event.instance_id, None)
        if (side := self._sticks.pop(event.instance_id, None)) is not None:
            self._knobs.pop(side, None)
        for device in [device for device in self._held if device[0] != "key"]:
            if device[1] == event.instance_id:
                del self._held[device]
        return "gamepad unplugged: plug it in again, or use the keys"

    def _take_stick(self, event: pygame.event.Event) -> None:
        if event.type == pygame.JOYHATMOTION:
            move = {1: Move.UP, -1: Move.DOWN}.get(event.value[1])
            self._hold_pad(("hat", event.instance_id, 0), move)
            return
        if event.axis != 1 or not self.sides:
            return
        side = self.sides[self._number(event.instance_id) % len(self.sides)]
        pushed = abs(event.value) > _DEAD_ZONE
        if self.stick_is_speed:
            speed = (abs(event.value) - _DEAD_ZONE) / (1 - _DEAD_ZONE) if pushed else 0.0
            self._speeds[event.instance_id] = side, -speed if event.value < 0 else speed
        elif pushed:
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
        """The side that a side's keys move: with one person, always that person's."""
        sides = self.sides
        if len(sides) == 1:
            return sides[0]
        return side if side in sides else None

    def _number(self, instance: int) -> int:
        """A gamepad's number in order of use; it selects the person who uses it."""
        if instance not in self._pads:
            self._pads.append(instance)
        return self._pads.index(instance)


def button_of(event: pygame.event.Event) -> int | None:
    """The gamepad button of an event, if any; a D-pad that is a hat counts as D-pad buttons."""
    if event.type == pygame.JOYHATMOTION:
        return {1: CROSS_UP, -1: CROSS_DOWN}.get(event.value[1])
    return int(event.button) if event.type == pygame.JOYBUTTONDOWN else None


def _clamp(y: float) -> float:
    return min(max(y, TOP), BOTTOM)


def _show_cursor(cursor: pygame.cursors.Cursor) -> None:
    with suppress(pygame.error):  # some of SDL's drivers have no cursor
        pygame.mouse.set_cursor(cursor)
