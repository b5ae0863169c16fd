"""Settings that the match window saves: keys, buttons, volume and look."""

import sys
from contextlib import suppress
from dataclasses import dataclass, field, replace

from pongarena.core import paths
from pongarena.core.errors import LibraryError
from pongarena.core.files import make_folder, write_json_atomically
from pongarena.core.reading import reason
from pongarena.core.records import Count, Real, Word, Words, read_record
from pongarena.core.system import rename
from pongarena.window.look import Look, Palette

__all__ = ["MICE", "Memory", "Settings", "read_settings", "write_settings"]

_FORMAT_VERSION = 1

MICE = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0)
"""How far the mouse can be set to move the paddle."""

_LARGEST = 1 << 18
"""Bytes; larger settings are damage."""


@dataclass(frozen=True)
class Settings:
    """The window's settings.

    Attributes:
        volume: 0..1.
        crt: Whether the picture looks like that of an old television.
        keys: Action → key that the user chose; all other actions have their default keys.
        toured: Whether the tour of a first start was shown.
        buttons: Action → number of the gamepad button that the user chose.
        palette: The picture's `Palette`; empty for the default.
        phosphor: Whether moving objects leave a trail.
        mouse: How far the mouse moves the paddle, 1 for as far as on the screen.
        stick_is_speed: Whether a gamepad's stick sets the paddle's speed, else its height.
        asked: How many people were asked for their names, 0 to 2.
    """

    volume: Real = 0.8
    crt: bool = False
    keys: Words = field(default_factory=dict)
    toured: bool = False
    buttons: Words = field(default_factory=dict)
    palette: Word = ""
    phosphor: bool = False
    mouse: Real = 1.0
    stick_is_speed: bool = False
    asked: Count = 0

    @property
    def look(self) -> Look:
        """Palette and phosphor; an unknown palette means the default."""
        known = {str(each): each for each in Palette}
        return Look(known.get(self.palette, Palette.COLOUR), self.phosphor)


def read_settings() -> Settings:
    """Read the saved settings; the defaults if there are none.

    Raises:
        LibraryError: When the file cannot be read, or holds something else.
    """
    file = paths.settings_file()
    try:
        found = read_record(file, Settings, limit=_LARGEST, version=_FORMAT_VERSION)
    except (FileNotFoundError, NotADirectoryError):
        return Settings()
    except (OSError, ValueError) as error:
        raise LibraryError(
            f"expected the window's settings in {file}, got something else ({reason(error)}); "
            "the defaults are used; change a key to write a new file"
        ) from error
    return replace(
        found, volume=min(max(found.volume, 0.0), 1.0), mouse=min(max(found.mouse, MICE[0]), MICE[-1])
    )


def write_settings(settings: Settings) -> None:
    """Save the settings. Keep an unreadable file, perhaps of a newer program, as ``….old``.

    Raises:
        LibraryError: When the disk is full or the folder cannot be written.
    """
    file = paths.settings_file()
    try:
        make_folder(file.parent)
    except OSError as error:
        raise LibraryError(
            f"cannot make {file.parent}: {error.strerror}; make the folder writable; "
            "the settings last until the window is closed"
        ) from error
    try:
        read_settings()
    except LibraryError:
        with suppress(OSError):
            rename(file, file.with_name(f"{file.name}.old"))
    values = {
        "format_version": _FORMAT_VERSION,
        "volume": round(settings.volume, 2),
        "crt": settings.crt,
        "keys": settings.keys,
        "toured": settings.toured,
        "buttons": settings.buttons,
        "palette": settings.palette,
        "phosphor": settings.phosphor,
        "mouse": settings.mouse,
        "stick_is_speed": settings.stick_is_speed,
        "asked": settings.asked,
    }
    write_json_atomically(file, values)


class Memory:
    """The current settings, read once and written when they have changed; errors never stop the window.

    Attributes:
        settings: The current settings; replace them to change one.
        trouble: Why the saved settings could not be read; empty if they could.
    """

    def __init__(self) -> None:
        self.trouble = ""
        try:
            self.settings = read_settings()
        except LibraryError as error:
            print(error, file=sys.stderr)
            self.settings, self.trouble = Settings(), "the saved settings cannot be read: using the defaults"
        self._saved = self.settings

    def save(self) -> str:
        """Write the settings if they have changed.

        Returns:
            A message if that failed; else empty.
        """
        if self.settings == self._saved:
            return ""
        self._saved = self.settings
        try:
            write_settings(self.settings)
        except LibraryError as error:
            print(error, file=sys.stderr)
            return "the settings cannot be saved"
        return ""
