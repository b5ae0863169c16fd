"""Make clips from the window: of the last 15 s, or from one key press to the next.

Nothing is filmed during the match, because its input log can replay it exactly. So a clip costs the match
neither time nor memory. A separate process replays the part and writes the file, and a full disk affects only
that process.
"""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

from pongarena.core import paths
from pongarena.core.errors import PongArenaError
from pongarena.core.files import make_folder
from pongarena.core.text import printable
from pongarena.game.rules import FRAME_RATE_HZ
from pongarena.match.log import Recording, write_recording
from pongarena.match.match import Match
from pongarena.window.clip import check_clip
from pongarena.window.own_command import run_own_command

__all__ = ["CLIP_S", "Recorder"]

CLIP_S = 15
"""Seconds of the past that a clip shows."""

_SCALE = 2


class Recorder:
    """Makes clips of a match in the background.

    Attributes:
        overlay: Whether the networks' minds are in the picture.
        kind: ".gif" or ".mp4".
    """

    def __init__(self, match: Match, *, overlay: bool = True, kind: str = ".gif") -> None:
        self.overlay = overlay
        self.kind = kind
        self._match = match
        self._begin: tuple[str, int] | None = None
        self._shots: list[_Shot] = []

    @property
    def recording(self) -> bool:
        """Whether a recording runs."""
        return self._begin is not None

    @property
    def busy(self) -> bool:
        """Whether a clip is being written."""
        return any(shot.is_alive() for shot in self._shots)

    def save_last(self, seconds: float = CLIP_S) -> None:
        """Save the last seconds; `news` reports when the clip is finished."""
        self._shoot(max(0, self._match.frames - round(seconds * FRAME_RATE_HZ)))

    def start(self) -> None:
        """Start a recording with the next frame."""
        self._begin = self._match.origin, self._match.frames

    def stop(self) -> None:
        """End the recording and save it; call it before a restart and before the window closes.

        Do nothing when none runs. After rewinding, the clip shows the match as it was continued.
        """
        begin, self._begin = self._begin, None
        if begin is not None and begin[0] == self._match.origin:
            self._shoot(min(begin[1], max(0, self._match.frames - 1)))

    def news(self) -> str | None:
        """Return the next message about a finished clip, saved or not; None if there is none."""
        for shot in self._shots:
            if not shot.is_alive():
                self._shots.remove(shot)
                return shot.message
        return None

    def wait(self) -> None:
        """Wait until all clips are written."""
        for shot in self._shots:
            shot.join()

    def _shoot(self, first: int) -> None:
        frames = self._match.frames
        if frames <= first:
            return
        name = datetime.now(UTC).strftime(f"pong-%Y%m%d-%H%M%S-%f{self.kind}")
        result = self._match.result()
        result = replace(result, id=f"{result.id}-{first}-{frames}")
        recording = Recording(result, self._match.input_log.copy(frames))
        shot = _Shot(recording, first, paths.clips_dir() / name, overlay=self.overlay)
        shot.start()
        self._shots.append(shot)


class _Shot(Thread):
    """Waits for the process that makes one clip, while the match goes on."""

    def __init__(self, recording: Recording, first: int, path: Path, *, overlay: bool) -> None:
        super().__init__(name=f"clip {path.name}", daemon=True)
        self.message = ""
        self._recording = recording
        self._path = path
        self._options = ["--from", str(first), "--to", str(recording.result.frames), "--scale", str(_SCALE)]
        self._options.append("--overlay" if overlay else "--no-overlay")

    def run(self) -> None:
        """Write the inputs, run the process, and keep its message."""
        try:
            make_folder(self._path.parent)
            check_clip(self._path)
            inputs = write_recording(self._recording)
            try:
                self.message = self._make()
            finally:
                inputs.unlink(missing_ok=True)
        except PongArenaError as error:
            self.message = str(error)
        except OSError as error:
            reason = error.strerror or error
            self.message = printable(f"cannot write {self._path}: {reason}; free some space")

    def _make(self) -> str:
        words = ["replay", self._recording.result.id, "--output", str(self._path), *self._options]
        saved, said = run_own_command(words, "the clip")
        return f"saved {printable(str(self._path))}" if saved else f"no clip: {said}"
