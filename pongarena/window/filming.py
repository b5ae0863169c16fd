"""Save clips by key: of the last seconds, or from one key press to the next."""

from typing import TYPE_CHECKING

from pongarena.match.match import Match
from pongarena.window.clip_folder import FILM

if TYPE_CHECKING:
    from pongarena.window.recorder import Recorder

__all__ = ["Filming"]


class Filming:
    """Manages a recorder for each filmed match; those of earlier matches may still be busy.

    A recorder is created when it is first needed: most matches need none, and the window opens faster.
    """

    def __init__(self) -> None:
        self._match: Match | None = None
        self._cameras: list[Recorder] = []
        self._pointed = False

    @property
    def recording(self) -> bool:
        """Whether a recording runs."""
        return self._pointed and self._cameras[-1].recording

    def point_at(self, match: Match) -> None:
        """Film this match from now on."""
        self._cameras = [camera for camera in self._cameras if camera.busy]
        self._match, self._pointed = match, False

    def save_last(self, *, overlay: bool) -> str:
        """Save the last seconds; return a message."""
        if self._match is None or not self._match.frames:
            return "nothing was played yet: no clip"
        self._camera(self._match, ".gif", overlay).save_last()
        return "saving the last 15 s …"

    def toggle(self, *, overlay: bool) -> str:
        """Start a recording, or end and save it; return a message."""
        if self.recording:
            return self.stop(overlay=overlay)
        if self._match is not None:
            self._camera(self._match, FILM, overlay).start()
        return ""

    def stop(self, *, overlay: bool) -> str:
        """End and save the recording, if there is one; return a message."""
        if self._match is None or not self.recording:
            return ""
        self._camera(self._match, FILM, overlay).stop()
        return "saving the recording …"

    def news(self) -> str:
        """Return the next message about a finished clip, saved or not; empty if there is none."""
        return next((news for camera in self._cameras if (news := camera.news())), "")

    def finish(self) -> list[str]:
        """Wait for all clips that are still being written; return their messages."""
        for camera in self._cameras:
            camera.wait()
        news = []
        while said := self.news():
            news.append(said)
        return news

    def _camera(self, match: Match, kind: str, overlay: bool) -> "Recorder":
        from pongarena.window.recorder import Recorder  # noqa: PLC0415

        if not self._pointed:
            self._cameras.append(Recorder(match))
            self._pointed = True
        camera = self._cameras[-1]
        camera.kind, camera.overlay = kind, overlay
        return camera
