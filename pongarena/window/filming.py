"""Clips by key: the last seconds, or from one press to the next; and what became of them."""

from importlib.util import find_spec
from typing import TYPE_CHECKING

from pongarena.match.match import Match

if TYPE_CHECKING:
    from pongarena.window.recorder import Recorder

__all__ = ["Filming"]

_FILM = ".mp4" if find_spec("imageio_ffmpeg") else ".gif"
"""What a recording becomes; it needs the extra `video` to be an MP4."""


class Filming:
    """One camera for each match that is filmed; those of earlier ones may still be at work.

    A camera is made when it is first needed: most matches need none, and the window opens sooner.
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
        """Films this match from now on."""
        self._cameras = [camera for camera in self._cameras if camera.busy]
        self._match, self._pointed = match, False

    def save_last(self, *, overlay: bool) -> str:
        """Saves what has just been played; says so."""
        if self._match is None or not self._match.frames:
            return "nothing was played yet: no clip"
        self._camera(self._match, ".gif", overlay).save_last()
        return "saving the last 15 s …"

    def toggle(self, *, overlay: bool) -> str:
        """Begins a recording, or ends and saves it; says so."""
        if self.recording:
            return self.stop(overlay=overlay)
        if self._match is not None:
            self._camera(self._match, _FILM, overlay).start()
        return ""

    def stop(self, *, overlay: bool) -> str:
        """Ends and saves the recording, if there is one."""
        if self._match is None or not self.recording:
            return ""
        self._camera(self._match, _FILM, overlay).stop()
        return "saving the recording …"

    def news(self) -> str:
        """What there is to say, once: a clip that was saved, or why it was not."""
        return next((news for camera in self._cameras if (news := camera.news())), "")

    def finish(self) -> list[str]:
        """Waits for all clips that are still being written; gives what there is to say."""
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
