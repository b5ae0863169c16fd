"""Clips by key: the last seconds, or from one press to the next; and what became of them."""

from importlib.util import find_spec

from pongarena.match.camera import CLIP_S, Camera
from pongarena.match.match import Match

__all__ = ["Filming"]

_FILM = ".mp4" if find_spec("imageio_ffmpeg") else ".gif"
"""What a recording becomes; it needs the extra `video` to be an MP4."""


class Filming:
    """One camera for each match at the table; those of earlier ones may still be at work."""

    def __init__(self) -> None:
        self._cameras: list[Camera] = []

    @property
    def recording(self) -> bool:
        """Whether a recording runs."""
        return bool(self._cameras) and self._cameras[-1].recording

    def point_at(self, match: Match) -> None:
        """Films this match from now on."""
        self._cameras = [camera for camera in self._cameras if camera.busy]
        self._cameras.append(Camera(match))
        self._match = match

    def save_last(self, *, overlay: bool) -> str:
        """Saves what has just been played; says so."""
        if not self._match.frames:
            return "nothing was played yet: no clip"
        self._camera(".gif", overlay).save_last()
        return f"saving the last {CLIP_S} s …"

    def toggle(self, *, overlay: bool) -> str:
        """Begins a recording, or ends and saves it; says so."""
        if self.recording:
            return self.stop(overlay=overlay)
        self._camera(_FILM, overlay).start()
        return ""

    def stop(self, *, overlay: bool) -> str:
        """Ends and saves the recording, if there is one."""
        if not self.recording:
            return ""
        self._camera(_FILM, overlay).stop()
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

    def _camera(self, kind: str, overlay: bool) -> Camera:
        camera = self._cameras[-1]
        camera.kind, camera.overlay = kind, overlay
        return camera
