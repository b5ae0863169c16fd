"""The sound of a clip: the console's own samples, frame by frame, in a WAV file that ffmpeg takes."""

import tempfile
import wave
from pathlib import Path
from types import TracebackType
from typing import Self

from pongarena.core.arrays import UInt8Array
from pongarena.game.cartridge import AUDIO_SAMPLES
from pongarena.window.sound import SAMPLE_RATE_HZ

__all__ = ["Soundtrack"]

_SILENT = bytes([128]) * AUDIO_SAMPLES
"""A frame without sound: 8-bit samples lie around 128, in the console as in a WAV file."""


class Soundtrack:
    """Collects samples in a temporary file, which is gone when the context ends.

    Attributes:
        path: The WAV file; whole after `finish`.
    """

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="pongarena-")
        self.path = Path(self._folder.name) / "sound.wav"
        self._file = wave.open(str(self.path), "wb")
        self._file.setnchannels(1)
        self._file.setsampwidth(1)
        self._file.setframerate(SAMPLE_RATE_HZ)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.finish()
        self._folder.cleanup()

    def add(self, samples: UInt8Array) -> None:
        """Appends one frame: shape (512,), uint8 around 128."""
        self._file.writeframesraw(samples.tobytes())

    def be_silent(self, frames: int) -> None:
        """Appends so many frames without sound."""
        for _ in range(frames):
            self._file.writeframesraw(_SILENT)

    def finish(self) -> None:
        """Completes the file; twice does no harm."""
        self._file.close()
