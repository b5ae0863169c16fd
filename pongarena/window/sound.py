"""The cartridge's own sound, streamed: every sample of every frame, in order, and none twice.

The console gives 512 samples a frame. They wait in a short queue, from which the mixer takes two frames at a
time: one pair is heard while the next one stands ready, so that the picture may come a little late without a
gap in the sound. A sound card's clock never agrees with ours to the last sample: what it takes too fast or
too slowly is made up for in silence, where nobody can hear it.
"""

import contextlib
import os
import sys
import time
from collections import deque
from collections.abc import Iterator

import numpy as np
import pygame

from pongarena.core.arrays import UInt8Array
from pongarena.game.cartridge import AUDIO_SAMPLES
from pongarena.game.rules import FRAME_RATE_HZ

__all__ = ["SAMPLE_RATE_HZ", "Sound", "Stream"]

SAMPLE_RATE_HZ = AUDIO_SAMPLES * FRAME_RATE_HZ
"""Samples a second at which the sound keeps step with the picture."""

_SILENCE = 128
_GAIN = 200
"""From the console's 8 bits to the mixer's 16."""

_CHUNK = 2
"""Frames that the mixer takes at a time: whole buffers of it, so that one follows the other seamlessly."""

_MOST = 8
"""Frames that may wait: an eighth of a second."""

_VOLUME_STEP = 0.1

_PATIENCE_S = 0.03
"""Longer than the mixer takes from one piece to the next."""


class Stream:
    """Frames of sound that wait to be heard.

    Attributes:
        corrected: Frames left out (−) or added (+) to follow the sound card's clock; 0 = no drift.
    """

    def __init__(self) -> None:
        self._waiting: deque[UInt8Array] = deque()
        self.corrected = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def push(self, samples: UInt8Array, *, hungry: bool = False) -> None:
        """Adds one frame's samples.

        Args:
            samples: Shape (512,), uint8 around 128; copied.
            hungry: Whether the device is about to run dry: a silent frame is then added twice.
        """
        self._waiting.append(samples.copy())
        if hungry and _silent(samples):
            self._waiting.append(samples.copy())
            self.corrected += 1
        if len(self._waiting) > _MOST:
            self._shorten()

    def pull(self) -> UInt8Array | None:
        """Takes the next piece of `_CHUNK` frames, if so many wait."""
        if len(self._waiting) < _CHUNK:
            return None
        return np.concatenate([self._waiting.popleft() for _ in range(_CHUNK)])

    def clear(self) -> None:
        """Forgets what waits."""
        self._waiting.clear()

    def _shorten(self) -> None:
        """Leaves out a frame, a silent one if there is any."""
        silent = (i for i, samples in enumerate(self._waiting) if _silent(samples))
        del self._waiting[next(silent, 0)]
        self.corrected -= 1


class Sound:
    """Plays the stream; silent, never failing, where there is no audio device.

    Attributes:
        available: Whether there is a device.
        muted: Whether the person wants silence.
        volume: 0..1.
        gaps: How often the device ran dry while a match was played.
        stream: What waits.
    """

    def __init__(self, *, muted: bool = False, volume: float = 0.8) -> None:
        self.muted = muted
        self.volume = volume
        self.gaps = 0
        self.stream = Stream()
        self._flowing = False
        self._quiet_since: float | None = None
        # the mixer's thread lets go of pieces without a lock: were its hold the last, one may be freed twice
        self._pieces: deque[pygame.mixer.Sound] = deque(maxlen=4)
        self._channel: pygame.mixer.Channel | None = None
        try:
            with _quiet_libraries():
                pygame.mixer.init(SAMPLE_RATE_HZ, -16, 1, AUDIO_SAMPLES, allowedchanges=0)
            self._channel = pygame.mixer.Channel(0)
        except pygame.error:
            self.available = False
        else:
            self.available = True

    def hear(self, samples: UInt8Array) -> None:
        """Takes the samples of the frame that was just played."""
        if self._channel is None:
            return
        hungry = self._flowing and not len(self.stream) and self._channel.get_queue() is None
        self.stream.push(samples, hungry=hungry)
        self.feed()

    def feed(self) -> None:
        """Gives the device what it has room for."""
        if self._channel is None:
            return
        if self._flowing and not self._channel.get_busy():
            if self._passes_on():
                return
            self._flowing = False
            self.gaps += 1
            if (late := self._channel.get_queue()) is not None:  # it came when the mixer had just given up
                self._flowing = True
                self._channel.play(late)
                return
        else:
            self._quiet_since = None
        if not self._flowing and len(self.stream) >= 2 * _CHUNK:
            self._flowing = True
            self._channel.play(self._next())
            self._channel.queue(self._next())
        elif self._flowing and self._channel.get_queue() is None and len(self.stream) >= _CHUNK:
            self._channel.queue(self._next())

    def pause(self) -> None:
        """Falls silent at once, until the next frame is heard."""
        self.stream.clear()
        if self._channel is not None and self._flowing:
            self._flowing = False
            self._channel.stop()
            self._channel.stop()  # the first one lets in what was queued

    def toggle(self) -> bool:
        """Mutes or unmutes; the stream flows on, so that it stays in step.

        Returns:
            Whether it is mute now.
        """
        self.muted = not self.muted
        return self.muted

    def change_volume(self, steps: int) -> float:
        """Makes it louder or quieter, and unmutes.

        Returns:
            The volume, 0..1.
        """
        self.muted = False
        self.volume = min(max(round(self.volume + steps * _VOLUME_STEP, 2), 0.0), 1.0)
        return self.volume

    def _passes_on(self) -> bool:
        """Whether the mixer is just going over to the piece that stands ready; to come between loses that."""
        if self._channel is None or self._channel.get_sound() is None:
            self._quiet_since = None
            return False
        now = time.monotonic()
        if self._quiet_since is None:
            self._quiet_since = now
        return now - self._quiet_since < _PATIENCE_S

    def _next(self) -> pygame.mixer.Sound:
        samples = self.stream.pull()
        gain = 0.0 if self.muted else _GAIN * self.volume**2  # what is heard as half as loud is a quarter
        wave = np.zeros(0) if samples is None else (samples.astype(np.float32) - _SILENCE) * gain
        self._pieces.append(pygame.mixer.Sound(buffer=wave.astype(np.int16).tobytes()))
        return self._pieces[-1]


@contextlib.contextmanager
def _quiet_libraries() -> Iterator[None]:
    """Without a sound card ALSA writes a page of its own to stderr, past Python; we say it in a sentence."""
    sys.stderr.flush()
    with contextlib.ExitStack() as undo:
        try:
            kept = os.dup(2)
            undo.callback(os.close, kept)
            nowhere = os.open(os.devnull, os.O_WRONLY)
            undo.callback(os.close, nowhere)
            os.dup2(nowhere, 2)
            undo.callback(os.dup2, kept, 2)
        except OSError:  # no stderr, as in a windowed program
            pass
        yield


def _silent(samples: UInt8Array) -> bool:
    return bool((samples == _SILENCE).all())
