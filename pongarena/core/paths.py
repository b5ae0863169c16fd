"""Every directory that pongarena reads or writes.

``PONGARENA_HOME`` redirects the whole data directory; by default it is the system's place for user data.
Nothing is created here: a folder is created by the code that first writes into it.
"""

import os
from contextlib import suppress
from pathlib import Path

import platformdirs

from pongarena.core.errors import LibraryError

HOME_VARIABLE = "PONGARENA_HOME"

_LONGEST_QUOTE = 300
"""In characters."""


def data_dir() -> Path:
    """The user's data directory; it may not exist yet.

    Raises:
        LibraryError: When the variable names an unknown user, or a loop of links.
    """
    home = os.environ.get(HOME_VARIABLE)
    if not home:
        return platformdirs.user_data_path("pongarena", appauthor=False)
    try:
        path = Path(home).expanduser().resolve()
        with suppress(FileNotFoundError, NotADirectoryError, PermissionError):
            path.stat()  # newer Pythons resolve a loop to itself
        return path
    except (RuntimeError, OSError, ValueError) as error:
        raise LibraryError(
            f"{HOME_VARIABLE} is {_short(repr(home))}, which leads nowhere ({_short(str(error))}); "
            "set it to a folder, or unset it"
        ) from error


def _short(text: str) -> str:
    """Cut a text that would take the advice after it off the message."""
    return text if len(text) <= _LONGEST_QUOTE else f"{text[: _LONGEST_QUOTE - 1]}…"


def models_dir() -> Path:
    """The library: one folder per model."""
    return data_dir() / "models"


def screenshots_dir() -> Path:
    """Where the match window saves screenshots."""
    return data_dir() / "screenshots"


def matches_log() -> Path:
    """The append-only log of all matches, one JSON object per line."""
    return data_dir() / "matches.jsonl"


def settings_file() -> Path:
    """The match window's settings: keys, volume, appearance."""
    return data_dir() / "settings.json"


def matches_dir() -> Path:
    """Replays, one file per match."""
    return data_dir() / "matches"


def unfinished_matches_dir() -> Path:
    """Matches still in progress, one file per match."""
    return matches_dir() / "unfinished"


def states_dir() -> Path:
    """Saved states of matches, to go on from, one file a state."""
    return data_dir() / "states"


def tournaments_dir() -> Path:
    """All tournaments, one folder per tournament."""
    return data_dir() / "tournaments"


def clips_dir() -> Path:
    """Where clips are saved that were given no other place."""
    return data_dir() / "clips"


def lab_dir() -> Path:
    """The lab's experiments, one folder per run."""
    return data_dir() / "lab"


def sweeps_dir() -> Path:
    """All sweeps over settings, one folder per sweep."""
    return data_dir() / "sweeps"


def assets_dir() -> Path:
    """The bundled files: in the installed package, or the checkout's ``assets/`` in an editable install."""
    package = Path(__file__).parent.parent
    installed = package / "assets"
    return installed if installed.is_dir() else package.parent / "assets"
