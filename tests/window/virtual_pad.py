"""A gamepad that SDL itself simulates: its events go the way of a real one's."""

import ctypes
import sys
from pathlib import Path

import pytest


def _sdl():
    """The very library that pygame has loaded."""
    if not sys.platform.startswith("linux"):
        pytest.skip("found by its file's name on Linux only")
    loaded = {
        line.split()[-1] for line in Path("/proc/self/maps").read_text().splitlines() if "libSDL2-2" in line
    }
    if not loaded:
        pytest.skip("this pygame has its SDL elsewhere")
    library = ctypes.CDLL(loaded.pop())
    library.SDL_JoystickOpen.restype = ctypes.c_void_p
    return library


class VirtualPad:
    """Four axes, sixteen buttons, a cross. Made when pygame's joysticks are awake; goes with them."""

    def __init__(self):
        self._sdl = _sdl()
        self.index = self._sdl.SDL_JoystickAttachVirtual(1, 4, 16, 1)
        assert self.index >= 0
        self._device = ctypes.c_void_p(self._sdl.SDL_JoystickOpen(self.index))

    def stick(self, height):
        """Pushes the left stick: −1 up, 1 down."""
        self._sdl.SDL_JoystickSetVirtualAxis(self._device, 1, ctypes.c_int16(round(32767 * height)))

    def push(self, button):
        """Pushes a button and lets it go."""
        for down in (1, 0):
            self._sdl.SDL_JoystickSetVirtualButton(self._device, button, ctypes.c_uint8(down))
            self._sdl.SDL_JoystickUpdate()

    def cross(self, up):
        """Pushes the cross up or down and lets it go."""
        for value in (1 if up else 4, 0):
            self._sdl.SDL_JoystickSetVirtualHat(self._device, 0, ctypes.c_uint8(value))
            self._sdl.SDL_JoystickUpdate()

    def unplug(self):
        """Pulls the plug."""
        self._sdl.SDL_JoystickClose(self._device)
        self._sdl.SDL_JoystickDetachVirtual(self.index)
