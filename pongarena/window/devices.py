"""Sound, mouse and gamepads as a person sets them by key."""

from collections.abc import Callable

from pongarena.window.input_state import InputState
from pongarena.window.settings import MICE
from pongarena.window.sound import Sound

__all__ = ["Devices"]


class Devices:
    """Changes how the devices behave, and says so."""

    def __init__(self, sound: Sound, hands: InputState, *, say: Callable[[str, str], None]) -> None:
        self._sound, self._hands, self._say = sound, hands, say

    def toggle_sound(self) -> None:
        """Turn the sound on or off."""
        self._say("sound off" if self._sound.toggle() else "sound on", "sound")

    def change_volume(self, steps: int) -> None:
        """Turn the sound louder, or quieter with steps below zero."""
        self._say(f"volume {self._sound.change_volume(steps):.0%}", "sound")

    def turn_mouse(self) -> None:
        """Take the next speed of the mouse."""
        following = [each for each in MICE if each > self._hands.sensitivity]
        speed = self._hands.sensitivity = following[0] if following else MICE[0]
        more = "; click into the picture for the whole way" if speed < 1 else ""
        self._say(f"mouse {speed:.0%}{more}", "mouse")

    def turn_stick(self) -> None:
        """Let a stick set the paddle's speed instead of its height, or the other way round."""
        self._hands.turn_stick()
        speed = self._hands.stick_is_speed
        self._say("stick: the paddle's speed" if speed else "stick: the paddle's height", "stick")
