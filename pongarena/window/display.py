"""Open and close the display, or explain why there is none; save screenshots."""

import io
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import pygame

from pongarena.core import paths
from pongarena.core.errors import DisplayError, LibraryError
from pongarena.core.files import make_folder, write_atomically
from pongarena.window import block_font as lettering
from pongarena.window import paint, screens, timeline

__all__ = ["close_display", "open_display", "save_screenshot"]

_UNSEEN_DRIVERS = ("dummy", "offscreen")
"""SDL's drivers without a picture; allowed for tests that ask for them."""

_WAYS_OUT = (
    "play here in the terminal: add `--terminal`; or run it on the machine's own desktop, over `ssh -X`, "
    "in VNC or under `xvfb-run`; or let networks play without a picture: `pongarena eval MODEL`"
)


def open_display() -> None:
    """Start SDL's video.

    Raises:
        DisplayError: When there is no screen for a window.
    """
    asked = os.environ.get("SDL_VIDEODRIVER")
    os.environ["SDL_VIDEO_X11_WMCLASS"] = "pongarena"  # pygame's default is the script's name
    # otherwise Windows would enlarge and blur the window
    os.environ.setdefault("SDL_WINDOWS_DPI_AWARENESS", "permonitorv2")
    if not asked and sys.platform.startswith("linux"):
        screens = ("DISPLAY", "WAYLAND_DISPLAY")
        if not any(os.environ.get(name) for name in screens):
            raise DisplayError(
                f"expected a display for the match window, "
                f"found neither DISPLAY nor WAYLAND_DISPLAY set; {_WAYS_OUT}"
            )
    try:
        pygame.display.init()
    except pygame.error as error:
        raise DisplayError(
            f"expected a display for the match window, SDL says: {error}; {_WAYS_OUT}"
        ) from error
    driver = pygame.display.get_driver()
    if driver.lower() in _UNSEEN_DRIVERS and not asked:
        pygame.display.quit()
        raise DisplayError(
            f"expected a display for the match window, SDL only offers its {driver!r} driver; {_WAYS_OUT}"
        )
    if driver.lower() == "x11":
        # without a graphics card SDL would draw every frame with software OpenGL: 25 ms instead of 1
        os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", "0")
    pygame.font.init()
    pygame.joystick.init()


def close_display() -> None:
    """Close the window and end SDL."""
    paint.forget()
    lettering.forget()
    screens.forget()
    timeline.forget()
    pygame.quit()


def save_screenshot() -> Path:
    """Save the window's picture.

    Returns:
        The file.

    Raises:
        LibraryError: When it cannot be written.
    """
    path = paths.screenshots_dir() / datetime.now(UTC).strftime("pong-%Y%m%d-%H%M%S-%f.png")
    try:
        picture = io.BytesIO()
        pygame.image.save(pygame.display.get_surface(), picture, path.name)
        make_folder(path.parent)
        write_atomically(path, picture.getvalue())
    except (OSError, pygame.error) as error:
        raise LibraryError(
            f"cannot save the screenshot in {path.parent}: {error}; free some space"
        ) from error
    return path
