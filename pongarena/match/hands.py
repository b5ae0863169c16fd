"""People's input: keys, mouse and gamepads become a direction or a knob's position."""

from collections.abc import Mapping
from contextlib import suppress

import pygame

from pongarena.game.cartridge import Control, Knob, Side
from pongarena.game.paddle import Move
from pongarena.match.players import HumanPlayer

__all__ = ["Hands", "keys_of"]

_KEYS = {
    pygame.K_w: (Side.LEFT, Move.UP),
    pygame.K_s: (Side.LEFT, Move.DOWN),
    pygame.K_UP: (Side.RIGHT, Move.UP),
    pygame.K_DOWN: (Side.RIGHT, Move.DOWN),
}
_DEAD_ZONE = 0.35
_PADDLE_CENTRE = 7
"""Rows from the middle of a paddle on the screen down to its y, as the cartridge counts."""

_Key = tuple[str, int, int]
"""Kind of device, its number, key or axis."""


def keys_of(side: Side, *, alone: bool) -> str:
    """The keys of one side in words; a single person may use both pairs."""
    if alone:
        return "W/S, Up/Down, mouse or gamepad"
    return "W/S or gamepad" if side is Side.LEFT else "Up/Down, mouse or gamepad"


class Hands:
    """Follows all devices and tells each person's player what is held.

    The key pressed last wins; a key tapped between two frames still counts for one frame. The mouse turns the
    knob of the person, of the right one if there are two, until that side's key or gamepad is used.
    """

    def __init__(self, humans: Mapping[Side, HumanPlayer]) -> None:
        self._humans = dict(humans)
        self._held: dict[Side, dict[_Key, Move]] = {side: {} for side in humans}
        self._tapped: dict[Side, Move] = {}
        self._knobs: dict[Side, Knob] = {}
        self._pads: dict[int, pygame.joystick.JoystickType] = {}

    @property
    def mouse_side(self) -> Side | None:
        """Whose knob the mouse is."""
        return Side.RIGHT if Side.RIGHT in self._humans else next(iter(self._humans), None)

    def take(self, event: pygame.event.Event, field: pygame.Rect) -> None:
        """Learns from one event.

        Args:
            event: Any of pygame's.
            field: Where the game's picture lies in the window.
        """
        if event.type in (pygame.KEYDOWN, pygame.KEYUP) and event.key in _KEYS:
            side, move = _KEYS[event.key]
            self._hold(
                self._owner(side), ("key", 0, event.key), move if event.type == pygame.KEYDOWN else None
            )
        elif event.type == pygame.MOUSEMOTION and self.mouse_side is not None:
            row = (event.pos[1] - field.top) * 210 / max(field.height, 1)
            self._knobs[self.mouse_side] = Knob(row + _PADDLE_CENTRE)
        elif event.type == pygame.JOYAXISMOTION and event.axis == 1:
            move = Move.UP if event.value < 0 else Move.DOWN
            held = abs(event.value) > _DEAD_ZONE
            self._hold(
                self._pad_owner(event.instance_id), ("axis", event.instance_id, 1), move if held else None
            )
        elif event.type == pygame.JOYHATMOTION:
            move = Move.UP if event.value[1] > 0 else Move.DOWN
            held = event.value[1] != 0
            self._hold(
                self._pad_owner(event.instance_id), ("hat", event.instance_id, 0), move if held else None
            )
        elif event.type == pygame.JOYDEVICEADDED:
            with suppress(pygame.error):  # it may be gone again
                pad = pygame.joystick.Joystick(event.device_index)
                self._pads[pad.get_instance_id()] = pad
        elif event.type == pygame.JOYDEVICEREMOVED:
            self._pads.pop(event.instance_id, None)
            self._release(event.instance_id)
        elif event.type == pygame.WINDOWFOCUSLOST:
            self.let_go()

    def let_go(self) -> None:
        """Forgets everything held: the window no longer hears when it is released."""
        for held in self._held.values():
            held.clear()

    def apply(self) -> None:
        """Hands every person's control to the player; to be called once a frame that is played."""
        for side, player in self._humans.items():
            player.control = self._control(side)
        self._tapped.clear()

    def _control(self, side: Side) -> Control:
        if held := self._held[side]:
            return next(reversed(held.values()))
        if side in self._tapped:
            return self._tapped[side]
        return self._knobs.get(side, Move.STAY)

    def _hold(self, side: Side | None, key: _Key, move: Move | None) -> None:
        if side is None:
            return
        self._held[side].pop(key, None)
        if move is not None:
            self._held[side][key] = move
            self._tapped[side] = move
            self._knobs.pop(side, None)

    def _owner(self, side: Side) -> Side | None:
        """Whose the keys of a side are: of the only person, if there is but one."""
        if len(self._humans) == 1:
            return next(iter(self._humans))
        return side if side in self._humans else None

    def _pad_owner(self, instance: int) -> Side | None:
        """The first gamepad is the left person's, the second the right one's."""
        sides = sorted(self._humans)
        order = sorted(self._pads)
        return sides[order.index(instance) % len(sides)] if sides and instance in order else None

    def _release(self, instance: int) -> None:
        for held in self._held.values():
            for key in [key for key in held if key[0] != "key" and key[1] == instance]:
                del held[key]
