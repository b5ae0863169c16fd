"""The window's appearance: size and mode, minds on or off, sharp pixels or an old television."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from typing import Any, Protocol

import pygame

from pongarena.core.errors import LibraryError
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec, called
from pongarena.window import paint
from pongarena.window.arrangement import arrange, window_size
from pongarena.window.display import save_screenshot
from pongarena.window.layout import Layout
from pongarena.window.look import USUAL_LOOK, Look, Palette

__all__ = ["WindowState", "draw_icon"]

_FRAME = (16, 48)
"""Width of the window's frame, and height of its title and the task bar."""


class WindowState:
    """The window and the scene in it.

    Attributes:
        overlay: Whether the networks' minds are shown.
        crt: Whether the picture looks like that of an old television.
        look: Palette and phosphor.
        scene: Draws the current match.
        visible: Whether the window is visible.
    """

    scene: Layout

    def __init__(
        self,
        specs: tuple[PlayerSpec, PlayerSpec],
        *,
        scale: int | None,
        overlay: bool,
        crt: bool,
        fullscreen: bool,
        permit: Callable[[Callable[[], None]], None] | None = None,
        look: Look = USUAL_LOOK,
    ) -> None:
        """Open the window, in a size that fits these players' minds and the screen."""
        minds = tuple(i for i in (0, 1) if overlay and specs[i].traits.plays_checkpoint)
        self._size = _opening_size(minds, scale)
        self._place: tuple[int, int] | None = None
        self._scale, self._fullscreen = scale, fullscreen
        self._permit = permit
        self.overlay, self.crt, self.look = overlay, crt, look
        self.visible = True
        pygame.display.set_icon(draw_icon(64))
        self._set_mode()
        self._handle: _Placed | None = None

    def show(self, match: Match, *, overlay: bool | None = None) -> None:
        """Create the scene of a match, with minds as chosen unless `overlay` is given."""
        _name_window(match)
        surface = pygame.display.get_surface()
        self.scene = Layout(
            match,
            surface,
            overlay=self.overlay if overlay is None else overlay,
            scale=self._scale,
            crt=self.crt,
            permit=self._permit,
            look=self.look,
        )

    def rename(self, match: Match) -> None:
        """Show the players' new names."""
        _name_window(match)
        self.scene.refresh()

    def take(self, event: pygame.event.Event) -> None:
        """Handle an event: adapt to the window's size, and redraw what was covered."""
        if event.type in (pygame.VIDEORESIZE, pygame.WINDOWSIZECHANGED):
            self._lay_out()
        elif event.type in (pygame.WINDOWEXPOSED, pygame.WINDOWRESTORED, pygame.WINDOWSHOWN):
            self.visible = True
            self.scene.refresh()
        elif event.type in (pygame.WINDOWMINIMIZED, pygame.WINDOWHIDDEN):
            self.visible = False

    def toggle_minds(self) -> str:
        """Toggle minds, or go back to them from the connections; return why there are none to show."""
        if self.scene.hide_connections():
            self.overlay = False  # toggled on below
        self.overlay = self.scene.overlay = not self.overlay
        self._lay_out()
        if not self.scene.networks:
            return "no network plays: nothing to look into"
        if self.overlay and not self.scene.minds_shown:
            return "no room for minds: make the window larger"
        return ""

    def toggle_crt(self) -> str:
        """Toggle between sharp pixels and an old television; return which is on."""
        self.crt = self.scene.crt = not self.crt
        self._lay_out()
        return "old television" if self.crt else "sharp pixels"

    def turn_palette(self) -> str:
        """Select the next palette; return its name."""
        palettes = list(Palette)
        following = palettes[(palettes.index(self.look.palette) + 1) % len(palettes)]
        self.look = replace(self.look, palette=following)
        self.scene.set_look(self.look)
        return following

    def toggle_phosphor(self) -> str:
        """Toggle the afterglowing phosphor; return a message."""
        self.look = replace(self.look, phosphor=not self.look.phosphor)
        self.scene.set_look(self.look)
        return "phosphor: what moves leaves a trail" if self.look.phosphor else "no phosphor"

    def toggle_fullscreen(self) -> str:
        """Toggle between full screen and the window as it was before."""
        if not self._fullscreen:
            self._size = pygame.display.get_window_size()
            self._handle = self._handle or _find_window()
            self._place = self._handle.position if self._handle else None
        self._fullscreen = not self._fullscreen
        self._set_mode()
        if not self._fullscreen:
            self._move_back()
        self._lay_out()
        return ""

    def save_screenshot(self) -> str:
        """Save a screenshot; return a message about where, or why not."""
        try:
            return f"saved {save_screenshot()}"
        except LibraryError as error:
            return str(error)

    def _move_back(self) -> None:
        """Move the window to where it was, but keep all of it on the screen."""
        if self._handle is None or self._place is None:
            return
        desktop = pygame.display.get_desktop_sizes()[0]
        left, top = (max(0, min(self._place[i], desktop[i] - self._size[i])) for i in (0, 1))
        self._handle.position = left, top

    def _lay_out(self) -> None:
        self.scene.lay_out(pygame.display.get_surface())

    def _set_mode(self) -> None:
        if self._fullscreen:
            pygame.display.set_mode((0, 0), pygame.FULLSCREEN)
        else:
            pygame.display.set_mode(self._size, pygame.RESIZABLE)
            if pygame.display.get_window_size() != self._size:  # some drivers only leave full screen at first
                pygame.display.set_mode(self._size, pygame.RESIZABLE)


def _name_window(match: Match) -> None:
    left, right = called(match.specs)
    pygame.display.set_caption(f"{left} – {right} · {'replay · ' if match.replays else ''}pongarena")


class _Placed(Protocol):
    """A window with a position on the desktop."""

    position: tuple[int, int]


def _opening_size(minds: tuple[int, ...], scale: int | None) -> tuple[int, int]:
    """The size that a scale needs, or the best one for this screen; never larger than the screen."""
    desktop = pygame.display.get_desktop_sizes()[0]
    room = max(desktop[0] - _FRAME[0], 160), max(desktop[1] - _FRAME[1], 120)
    width, height = window_size(scale, len(minds)) if scale else arrange(room, minds).size
    return min(width, room[0]), min(height, room[1])


class _DisplayPlace:
    """The window's position in pygame-ce, whose display module has functions for it."""

    _display: Any = pygame.display  # pygame's own has no such functions

    @property
    def position(self) -> tuple[int, int]:
        place: tuple[int, int] = self._display.get_window_position()
        return place

    @position.setter
    def position(self, place: tuple[int, int]) -> None:
        self._display.set_window_position(place)


def _find_window() -> _Placed | None:
    """Find the window object, which pygame's display module does not expose.

    Note: The caller must keep it, because pygame uses it without holding a reference.
    """
    if hasattr(pygame.display, "set_window_position"):
        return _DisplayPlace()
    with suppress(pygame.error, ImportError):
        window: _Placed = import_module("pygame._sdl2.video").Window.from_display_module()
        return window
    return None


def draw_icon(side: int) -> pygame.Surface:
    """Draw the icon: two paddles and a ball on the field's brown."""
    icon = pygame.Surface((side, side), pygame.SRCALPHA)
    unit = side // 16
    pygame.draw.rect(icon, (144, 72, 17), icon.get_rect(), border_radius=3 * unit)
    for left, top, size, colour in (
        (2, 7, (2, 6), paint.ORANGE),
        (12, 3, (2, 6), paint.GREEN),
        (8, 5, (2, 2), paint.INK),
    ):
        icon.fill(colour, (left * unit, top * unit, size[0] * unit, size[1] * unit))
    return icon
