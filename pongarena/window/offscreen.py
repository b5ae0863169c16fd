"""Render the window's picture without a window, for clips."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import partial

import numpy as np
import pygame

from pongarena.core.errors import InvalidSettingError
from pongarena.game.rules import FRAME_RATE_HZ
from pongarena.match.match import Match
from pongarena.match.players import ModelPlayer
from pongarena.window import cards, paint, screens
from pongarena.window.arrangement import mind_size, window_size
from pongarena.window.clip import Picture
from pongarena.window.display import close_display, open_display
from pongarena.window.layout import ACCENTS, Layout, View
from pongarena.window.overlay import MindPanel
from pongarena.window.paint import Scale
from pongarena.window.screens import Sheet
from pongarena.window.soundtrack import Soundtrack

__all__ = ["Film", "Shown", "studio_lights"]

_DRIVERS = {"SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}

_TITLE_S, _END_S = 1.5, 2.5
"""How long the cards before and after a match are shown."""


class Shown(StrEnum):
    """The parts of a match that a clip shows."""

    FIELD = "field"
    BOTH = "field+mind"
    MIND = "mind"


@contextmanager
def studio_lights() -> Iterator[None]:
    """Use SDL without a screen, whatever the machine has; all drawing for clips happens inside."""
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


class _Minds:
    """Draws the networks' minds side by side, and nothing else."""

    def __init__(self, match: Match, surface: pygame.Surface, scale: Scale, size: tuple[int, int]) -> None:
        self._match, self._surface, self._scale = match, surface, scale
        self._size = size
        self._panels = {
            i: MindPanel(
                match.specs[i],
                player,
                size,
                scale,
                accent=ACCENTS[i],
                mute=partial(match.mute, player.side),
                hints=False,
            )
            for i, player in enumerate(match.players)
            if isinstance(player, ModelPlayer)
        }

    def draw(self, view: View) -> None:
        """Draw all minds, with a sheet over them if there is one."""
        margin = (self._surface.get_height() - self._size[1]) // 2
        self._surface.fill(paint.GROUND)
        for number, (i, panel) in enumerate(self._panels.items()):
            panel.update(self._match.decisions[i])
            self._surface.blit(panel.surface, (margin + number * (self._size[0] + margin), margin))
        if view.sheet is not None:
            whole = self._surface.get_rect()
            picture = screens.draw_sheet(view.sheet, whole.size, whole.size, self._scale)
            self._surface.blit(picture, picture.get_rect(center=whole.center))
        if view.status:
            at = self._surface.get_rect().midbottom
            paint.write(self._surface, view.status, at, self._scale.small, paint.DIM, anchor="midbottom")


class Film:
    """Renders clips: picture size, content and sound.

    Attributes:
        every: Frames per picture.
    """

    def __init__(
        self, *, scale: int, shown: Shown = Shown.BOTH, every: int = 2, sound: Soundtrack | None = None
    ) -> None:
        self.every = every
        self._scale, self._shown, self._sound = scale, shown, sound

    def card(self, match: Match, sheet: Sheet, seconds: float) -> Iterator[Picture]:
        """Yield pictures of a sheet for some time, in silence."""
        yield from self.still(_Renderer(match, self._scale, self._shown).picture(sheet=sheet), seconds)

    def still(self, picture: Picture, seconds: float) -> Iterator[Picture]:
        """Yield the same picture for some time, in silence."""
        count = round(seconds * FRAME_RATE_HZ / self.every)
        if self._sound is not None:
            self._sound.be_silent(count * self.every)
        for _ in range(count):
            yield picture

    def play(
        self, match: Match, *, first: int = 0, last: int | None = None, status: str = "", whole: bool = False
    ) -> Iterator[Picture]:
        """Play a match and yield a picture every `every` frames; use it inside `studio_lights`.

        Args:
            match: The match, played from its current frame to its end; it needs sound if the clip has sound.
            first: First frame to show.
            last: Last frame to play; None for the match's end.
            status: A line of text below the picture.
            whole: Whether to add a title card before and a result card after the match.

        Raises:
            InvalidSettingError: When only minds are to be shown, and there are none.
        """
        renderer = _Renderer(match, self._scale, self._shown)
        if whole:
            yield from self.still(renderer.picture(sheet=cards.clip_title(match)), _TITLE_S)
        while not match.over and (last is None or match.frames < last):
            match.step()
            if match.frames < first:
                continue
            if self._sound is not None:
                self._sound.add(match.audio())
            if (match.frames - first) % self.every == 0:
                yield renderer.picture(status=status)
        if whole and match.over:
            yield from self.still(renderer.picture(sheet=cards.clip_end(match)), _END_S)


class _Renderer:
    def __init__(self, match: Match, scale: int, shown: Shown) -> None:
        networks = sum(spec.traits.plays_checkpoint for spec in match.specs)
        self._scene: Layout | _Minds
        if shown is Shown.MIND:
            if not networks:
                raise InvalidSettingError(
                    "expected a network whose mind can be filmed, got none; put a model on one side, or film "
                    f"--layout {Shown.FIELD}"
                )
            of, panel, window = mind_size(scale, networks)
            self._surface = pygame.display.set_mode(window, 0, 32)
            self._scene = _Minds(match, self._surface, of, panel)
        else:
            minds = networks if shown is Shown.BOTH else 0
            self._surface = pygame.display.set_mode(window_size(scale, minds), 0, 32)
            self._scene = Layout(match, self._surface, overlay=minds > 0, scale=scale, hints=False)

    def picture(self, *, status: str = "", sheet: Sheet | None = None) -> Picture:
        """Draw the current frame, with a line below it, or a sheet over it."""
        self._scene.draw(View(status=status, sheet=sheet))
        width, pitch = self._surface.get_width(), self._surface.get_pitch()
        rows = np.frombuffer(self._surface.get_buffer().raw, np.uint32).reshape(-1, pitch // 4)
        return rows[:, :width] & np.uint32(0xFFFFFF)
