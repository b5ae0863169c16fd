"""The window's picture without a window: for clips."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pygame

from pongarena.match.match import Match
from pongarena.window.arrangement import window_size
from pongarena.window.clip import Picture
from pongarena.window.display import close_display, open_display
from pongarena.window.layout import Layout, View

__all__ = ["OffscreenRenderer", "film", "studio_lights"]

_DRIVERS = {"SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}


@contextmanager
def studio_lights() -> Iterator[None]:
    """SDL without a screen, whatever the machine has; all drawing for clips happens inside."""
    before = {name: os.environ.get(name) for name in _DRIVERS}
    os.environ.update(_DRIVERS)
    try:
        open_display()
        yield
    finally:
        close_display()
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


class OffscreenRenderer:
    """Draws one match; only inside `studio_lights`."""

    def __init__(self, match: Match, *, scale: int, overlay: bool) -> None:
        networks = sum(spec.traits.plays_checkpoint for spec in match.specs) if overlay else 0
        self._surface = pygame.display.set_mode(window_size(scale, networks), 0, 32)
        self._scene = Layout(match, self._surface, overlay=overlay, scale=scale)

    def picture(self, status: str = "") -> Picture:
        """The present moment, with a line below it."""
        self._scene.draw(View(status=status))
        width, pitch = self._surface.get_width(), self._surface.get_pitch()
        rows = np.frombuffer(self._surface.get_buffer().raw, np.uint32).reshape(-1, pitch // 4)
        return rows[:, :width] & np.uint32(0xFFFFFF)


def film(
    match: Match,
    *,
    scale: int,
    overlay: bool,
    every: int,
    first: int = 0,
    last: int | None = None,
    status: str = "",
) -> Iterator[Picture]:
    """Plays a match and shows every so many frames of it.

    Args:
        match: Played on from where it stands, to its end.
        scale: Size of the picture.
        overlay: Whether the networks' minds are shown.
        every: Frames from one picture to the next.
        first: Shows nothing before this frame.
        last: Ends here even if the match does not.
        status: A line of text below the picture.
    """
    studio = OffscreenRenderer(match, scale=scale, overlay=overlay)
    while not match.over and (last is None or match.frames < last):
        match.step()
        if match.frames >= first and (match.frames - first) % every == 0:
            yield studio.picture(status)
