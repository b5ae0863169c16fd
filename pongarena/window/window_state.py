"""What the window looks like: its size and mode, minds on or off, sharp pixels or an old television."""

import pygame

from pongarena.core.errors import LibraryError
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.window.display import save_screenshot
from pongarena.window.layout import Layout, best_scale, window_size

__all__ = ["WindowState"]

_DESKTOP_MARGIN = 48
"""Room for the window's title and the task bar."""

_LARGEST = 4
"""Scale at which a window opens at most; it can be made larger."""


class WindowState:
    """The window and the scene in it.

    Attributes:
        overlay: Whether the networks' minds are shown.
        crt: Whether the picture looks like an old television's.
        scene: Draws the match at the table.
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
    ) -> None:
        """Opens the window, in a size that fits these players' minds."""
        networks = sum(spec.traits.plays_checkpoint for spec in specs) if overlay else 0
        desktop = pygame.display.get_desktop_sizes()[0]
        fitting = best_scale((desktop[0], desktop[1] - _DESKTOP_MARGIN), networks)
        self._size = window_size(scale or min(fitting, _LARGEST), networks)
        self._scale, self._fullscreen = scale, fullscreen
        self.overlay, self.crt = overlay, crt
        self._set_mode()

    def show(self, match: Match) -> None:
        """Makes the scene of a match."""
        pygame.display.set_caption(f"{match.specs[0].name} – {match.specs[1].name} · pongarena")
        surface = pygame.display.get_surface()
        self.scene = Layout(match, surface, overlay=self.overlay, scale=self._scale, crt=self.crt)

    def take(self, event: pygame.event.Event) -> None:
        """Follows the window's size, and draws again what was covered."""
        if event.type in (pygame.VIDEORESIZE, pygame.WINDOWSIZECHANGED):
            self._lay_out()
        elif event.type == pygame.WINDOWEXPOSED:
            self.scene.refresh()

    def toggle_minds(self) -> str:
        """Minds on or off; tells when there are none."""
        self.overlay = self.scene.overlay = not self.overlay
        self._lay_out()
        return "" if self.scene.networks else "no network plays: nothing to look into"

    def toggle_crt(self) -> str:
        """Sharp pixels or an old television; tells which."""
        self.crt = self.scene.crt = not self.crt
        self._lay_out()
        return "old television" if self.crt else "sharp pixels"

    def toggle_fullscreen(self) -> str:
        """Full screen or a window."""
        self._fullscreen = not self._fullscreen
        self._set_mode()
        self._lay_out()
        return ""

    def save_screenshot(self) -> str:
        """Saves what is seen; tells where, or why not."""
        try:
            return f"saved {save_screenshot()}"
        except LibraryError as error:
            return str(error)

    def _lay_out(self) -> None:
        self.scene.lay_out(pygame.display.get_surface())

    def _set_mode(self) -> None:
        if self._fullscreen:
            pygame.display.set_mode((0, 0), pygame.FULLSCREEN)
        else:
            pygame.display.set_mode(self._size, pygame.RESIZABLE)
