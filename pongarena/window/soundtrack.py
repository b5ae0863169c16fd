"""The sound of a clip: the console's own samples, frame by frame, in a WAV file for ffmpeg."""

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
"""A silent frame: 8-bit samples are centred at 128, in the console and in a WAV file."""


class Soundtrack:
    """A context that collects samples in a temporary file, which is deleted at its end.

    Attributes:
        path: The WAV file; complete after `finish`.
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
        """Append one frame: shape (512,), uint8 around 128."""
        self._file.writeframesraw(samples.tobytes())

    def be_silent(self, frames: int) -> None:
        """Append a number of silent frames."""
        for _ in range(frames):
            self._file.writeframesraw(_SILENT)

    def finish(self) -> None:
        """Complete the file; calling it twice is harmless."""
        self._file.close()
