"""The cartridge's own beeps, taken from the emulator once and played when their events come."""

from functools import cache

import numpy as np
import pygame

from pongarena.game.cartridge import Cartridge, Event, Knob
from pongarena.game.paddle import Move
from pongarena.game.vision import UInt8Array

__all__ = ["SAMPLE_RATE_HZ", "Sound", "record_beeps"]

SAMPLE_RATE_HZ = 30_720
"""512 samples a frame, 60 frames a second."""

_SILENCE = 128
_FRAMES = {Event.HIT: 4, Event.WALL: 4, Event.SERVE: 8, Event.POINT_LEFT: 15, Event.POINT_RIGHT: 15}
"""How long the cartridge sounds for each event."""

_MOST_FRAMES = 6_000
_MISS_AFTER = 900
"""Frames after which the recording player stops defending, so that points are heard as well."""


@cache
def record_beeps() -> dict[Event, UInt8Array]:
    """Plays a short game without a window and cuts out the sound of each event.

    Returns:
        Samples by event, uint8 around 128, at `SAMPLE_RATE_HZ`; both points sound the same. Recorded once
        a process, so not to be changed.
    """
    cartridge = Cartridge(seed=0, left_ai=True, sound=True)
    running: dict[Event, list[UInt8Array]] = {}
    done: dict[Event, UInt8Array] = {}
    for number in range(_MOST_FRAMES):
        ball = cartridge.ball_position
        defends = ball is not None and number < _MISS_AFTER
        frame = cartridge.step(Move.STAY, Knob(ball[1]) if defends and ball else Move.STAY)
        for event in frame.events:
            if event in _FRAMES and event not in done:
                running.setdefault(event, [])
        for event, parts in list(running.items()):
            parts.append(cartridge.audio().copy())
            if len(parts) >= _FRAMES[event]:
                done[event] = np.concatenate(running.pop(event))
        if {Event.HIT, Event.WALL, Event.SERVE} <= done.keys() and _copy_point(done):
            break
    cartridge.close()
    return done


def _copy_point(done: dict[Event, UInt8Array]) -> bool:
    """Gives both points the same sound; False while neither was heard."""
    sound = done.get(Event.POINT_LEFT, done.get(Event.POINT_RIGHT))
    if sound is None:
        return False
    done[Event.POINT_LEFT] = done[Event.POINT_RIGHT] = sound
    return True


class Sound:
    """Plays the beeps; silent, never failing, where there is no audio device.

    Attributes:
        available: Whether there is a device.
        muted: Whether the person wants silence.
    """

    def __init__(self, *, muted: bool = False) -> None:
        self.muted = muted
        self._beeps: dict[Event, pygame.mixer.Sound] = {}
        try:
            pygame.mixer.init(SAMPLE_RATE_HZ, -16, 1, 512, allowedchanges=0)
        except pygame.error:
            self.available = False
            return
        self.available = True
        for event, samples in record_beeps().items():
            wave = (samples.astype(np.int16) - _SILENCE) * 200
            self._beeps[event] = pygame.mixer.Sound(buffer=wave.astype(np.int16).tobytes())

    def hear(self, events: tuple[Event, ...]) -> None:
        """Plays what the events of a frame sound like."""
        if self.muted:
            return
        for event in events:
            if event in self._beeps:
                self._beeps[event].play()

    def toggle(self) -> bool:
        """Mutes or unmutes.

        Returns:
            Whether it is mute now.
        """
        self.muted = not self.muted
        if self.muted and self.available:
            pygame.mixer.stop()
        return self.muted
