"""Stream the cartridge's own sound: every sample of every frame, in order, and none twice.

The console produces 512 samples per frame. They wait in a short queue, from which the mixer takes two frames
at a time: one pair plays while the next one is ready. So a frame can be a little late without a gap in the
sound. A sound card's clock never agrees exactly with ours; the drift is corrected in silent frames, where
nobody hears it.
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
"""Samples per second that keep sound and picture in step."""

_SILENCE = 128
_GAIN = 200
"""Factor from the console's 8-bit samples to the mixer's 16-bit ones."""

_CHUNK = 2
"""Frames that the mixer takes at a time: whole buffers, so that they follow each other without gaps."""

_MOST = 8
"""The most frames that wait: about an eighth of a second."""

_VOLUME_STEP = 0.1

_PATIENCE_S = 0.03
"""More than the mixer needs to change from one piece to the next."""


class Stream:
    """A queue of sound frames.

    Attributes:
        corrected: Frames dropped (−) or added (+) to follow the sound card's clock; 0 means no drift.
    """

    def __init__(self) -> None:
        self._waiting: deque[UInt8Array] = deque()
        self.corrected = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def push(self, samples: UInt8Array, *, hungry: bool = False) -> None:
        """Add one frame's samples.

        Args:
            samples: Shape (512,), uint8 around 128; copied.
            hungry: Whether the device is about to run dry; a silent frame is added twice then.
        """
        self._waiting.append(samples.copy())
        if hungry and _silent(samples):
            self._waiting.append(samples.copy())
            self.corrected += 1
        if len(self._waiting) > _MOST:
            self._shorten()

    def pull(self) -> UInt8Array | None:
        """Take the next `_CHUNK` frames, if there are enough."""
        if len(self._waiting) < _CHUNK:
            return None
        return np.concatenate([self._waiting.popleft() for _ in range(_CHUNK)])

    def clear(self) -> None:
        """Drop all waiting frames."""
        self._waiting.clear()

    def _shorten(self) -> None:
        """Drop a frame, a silent one if there is one."""
        silent = (i for i, samples in enumerate(self._waiting) if _silent(samples))
        del self._waiting[next(silent, 0)]
        self.corrected -= 1


class Sound:
    """Plays the stream; stays silent, without errors, if there is no audio device.

    Attributes:
        available: Whether there is a device.
        muted: Whether the user has muted it.
        volume: 0..1.
        gaps: How often the device ran dry during a match.
        stream: The waiting frames.
    """

    def __init__(self, *, muted: bool = False, volume: float = 0.8) -> None:
        self.muted = muted
        self.volume = volume
        self.gaps = 0
        self.stream = Stream()
        self._flowing = False
        self._quiet_since: float | None = None
        # the mixer's thread releases pieces without a lock; with the last reference it could free one twice
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
        """Take the samples of the frame that was just played."""
        if self._channel is None:
            return
        hungry = self._flowing and not len(self.stream) and self._channel.get_queue() is None
        self.stream.push(samples, hungry=hungry)
        self.feed()

    def feed(self) -> None:
        """Give the device as much as it has room for."""
        if self._channel is None:
            return
        if self._flowing and not self._channel.get_busy():
            if self._passes_on():
                return
            self._flowing = False
            self.gaps += 1
            if (late := self._channel.get_queue()) is not None:  # queued just after the mixer had stopped
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
        """Stop at once, until the next frame."""
        self.stream.clear()
        if self._channel is not None and self._flowing:
            self._flowing = False
            self._channel.stop()
            self._channel.stop()  # the first call starts the queued piece

    def toggle(self) -> bool:
        """Mute or unmute; the stream continues, to stay in step with the picture.

        Returns:
            Whether it is muted now.
        """
        self.muted = not self.muted
        return self.muted

    def change_volume(self, steps: int) -> float:
        """Change the volume, and unmute.

        Returns:
            The volume, 0..1.
        """
        self.muted = False
        self.volume = min(max(round(self.volume + steps * _VOLUME_STEP, 2), 0.0), 1.0)
        return self.volume

    def _passes_on(self) -> bool:
        """Whether the mixer is changing to the queued piece, which must not be disturbed."""
        if self._channel is None or self._channel.get_sound() is None:
            self._quiet_since = None
            return False
        now = time.monotonic()
        if self._quiet_since is None:
            self._quiet_since = now
        return now - self._quiet_since < _PATIENCE_S

    def _next(self) -> pygame.mixer.Sound:
        samples = self.stream.pull()
        gain = 0.0 if self.muted else _GAIN * self.volume**2  # a quarter sounds half as loud
        wave = np.zeros(0) if samples is None else (samples.astype(np.float32) - _SILENCE) * gain
        self._pieces.append(pygame.mixer.Sound(buffer=wave.astype(np.int16).tobytes()))
        return self._pieces[-1]


@contextlib.contextmanager
def _quiet_libraries() -> Iterator[None]:
    """Silence stderr: without a sound card, ALSA writes a page of errors there, bypassing Python."""
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
