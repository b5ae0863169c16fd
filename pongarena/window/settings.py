"""What the match window remembers from one day to the next: keys, volume, the look of the tube."""

import sys
from contextlib import suppress
from dataclasses import dataclass, field, replace

from pongarena.core import paths
from pongarena.core.errors import LibraryError
from pongarena.core.files import make_folder, write_json_atomically
from pongarena.core.reading import reason
from pongarena.core.records import Real, Word, Words, read_record
from pongarena.window.look import Look, Palette

__all__ = ["Memory", "Settings", "read_settings", "write_settings"]

_FORMAT_VERSION = 1

_LARGEST = 1 << 18
"""Bytes; larger settings are damage."""


@dataclass(frozen=True)
class Settings:
    """The window's memory.

    Attributes:
        volume: 0..1.
        crt: Whether the picture looks like an old television's.
        keys: Names of actions with the names of the keys that a person gave them; what is not here has the
            keys it was born with.
        toured: Whether the tour of a first start was shown.
        buttons: The same as `keys` for a gamepad: names of actions, and buttons' numbers.
        palette: Of the picture, see `Palette`; empty for the usual one.
        phosphor: Whether what moves leaves a trail.
    """

    volume: Real = 0.8
    crt: bool = False
    keys: Words = field(default_factory=dict)
    toured: bool = False
    buttons: Words = field(default_factory=dict)
    palette: Word = ""
    phosphor: bool = False

    @property
    def look(self) -> Look:
        """Palette and phosphor; a palette that is not known is the usual one."""
        known = {str(each): each for each in Palette}
        return Look(known.get(self.palette, Palette.COLOUR), self.phosphor)


def read_settings() -> Settings:
    """The saved settings, or those of a fresh machine.

    Raises:
        LibraryError: When there is a file and it cannot be read, or holds something else.
    """
    file = paths.settings_file()
    try:
        found = read_record(file, Settings, limit=_LARGEST, version=_FORMAT_VERSION)
    except (FileNotFoundError, NotADirectoryError):
        return Settings()
    except (OSError, ValueError) as error:
        raise LibraryError(
            f"expected the window's settings in {file}, got something else ({reason(error)}); "
            "the usual keys are used; change a key to write the file anew"
        ) from error
    return replace(found, volume=min(max(found.volume, 0.0), 1.0))


def write_settings(settings: Settings) -> None:
    """Saves the settings; a file that cannot be read, a newer program's perhaps, is kept as ``….old``.

    Raises:
        LibraryError: When the disk is full or the folder cannot be written.
    """
    file = paths.settings_file()
    try:
        make_folder(file.parent)
    except OSError as error:
        raise LibraryError(
            f"cannot make {file.parent}: {error.strerror}; make the folder writable; "
            "the settings hold until the window is closed"
        ) from error
    try:
        read_settings()
    except LibraryError:
        with suppress(OSError):
            file.replace(file.with_name(f"{file.name}.old"))
    values = {
        "format_version": _FORMAT_VERSION,
        "volume": round(settings.volume, 2),
        "crt": settings.crt,
        "keys": settings.keys,
        "toured": settings.toured,
        "buttons": settings.buttons,
        "palette": settings.palette,
        "phosphor": settings.phosphor,
    }
    write_json_atomically(file, values)


class Memory:
    """The settings in use, read once and written when they have changed; never in the way of playing.

    Attributes:
        settings: Those in use; replace them to change one.
        trouble: Why the saved ones could not be read; empty if they could.
    """

    def __init__(self) -> None:
        self.trouble = ""
        try:
            self.settings = read_settings()
        except LibraryError as error:
            print(error, file=sys.stderr)
            self.settings, self.trouble = Settings(), "the saved settings cannot be read: the usual ones hold"
        self._saved = self.settings

    def save(self) -> str:
        """Writes the settings if they have changed.

        Returns:
            Why that failed; empty if it did not.
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
