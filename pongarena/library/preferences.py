"""The user's preferences: a small file in the data directory, which the app and the command line share.

A file that cannot be read never stops the program: the defaults apply, and ``fault`` says why. Writing new
preferences keeps such a file as ``preferences.json.old``. Entries that this version does not know are kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from pongarena.core.errors import InvalidNameError, InvalidSettingError, LibraryError
from pongarena.core.reading import read_json, reason
from pongarena.core.records import format_version
from pongarena.core.text import LONGEST_WORDS, printable

__all__ = ["FILE", "MOST_SESSIONS", "TELL", "Preferences", "read_preferences", "update_preferences"]

FILE = "preferences.json"
"""The file's name in the data directory."""

FORMAT_VERSION = 1
"""The version of the file."""

MOST_SESSIONS = 256
"""The largest session limit; a larger one is a typing error."""

TELL = ("app", "bell", "terminal", "off")
"""In the app only; with the terminal's bell; with a notification of the terminal as well; not at all."""

_NAMES = ("name", "other_name")

_LONGEST_COMMAND = 1000
"""Characters of a command."""

_LARGEST = 1 << 20
"""Bytes; a larger file is damage."""

_PATIENCE_S = 5.0

_LONGEST = 1000
"""Characters of a fault."""


@dataclass(frozen=True)
class Preferences:
    """The user's choices; None or empty where there is none.

    Attributes:
        session_limit: How many sessions train at once, 1 to `MOST_SESSIONS`; the others wait. None: half the
            processor's cores.
        theme: The app's colours.
        default_recipe: The recipe that the form of a new session offers first.
        tell: How the app announces milestones: one of `TELL`; empty: in the app only.
        tell_command: The command to run at milestones, by sessions too; see ``milestones``.
        name: What the person at this machine is called in matches; empty: "you".
        other_name: The second person of a match of two; empty: "left" or "right".
        others: Entries that this version does not know.
        fault: Why the file could not be read; empty when it could, or does not exist.
    """

    session_limit: int | None = None
    theme: str = ""
    default_recipe: str = ""
    tell: str = ""
    tell_command: str = ""
    name: str = ""
    other_name: str = ""
    others: Mapping[str, Any] = field(default_factory=dict)
    fault: str = ""


_KNOWN = tuple(each.name for each in fields(Preferences) if each.name not in ("others", "fault"))


def read_preferences(root: Path) -> Preferences:
    """Read the preferences in the data directory ``root``; never raises, whatever the file holds."""
    path = root / FILE
    try:
        record = read_json(path, limit=_LARGEST)
        format_version(record, FORMAT_VERSION)
    except (FileNotFoundError, NotADirectoryError):
        return Preferences()
    except (OSError, ValueError) as error:
        why = f"{path} cannot be read ({reason(error)}); the usual preferences are used"
        return Preferences(fault=printable(why, most=_LONGEST))
    known = {name: record[name] for name in _KNOWN if name in record and _admits(name, record[name])}
    others = {name: value for name, value in record.items() if name not in (*_KNOWN, "format_version")}
    return Preferences(**known, others=others)


def update_preferences(root: Path, **changes: object) -> Preferences:
    """Change some preferences and keep the others; several programs may do so at once.

    Args:
        root: The data directory; created if missing.
        **changes: Fields of `Preferences`; any other name is kept among the ``others``.

    Raises:
        InvalidSettingError: When a value is not valid.
        LibraryError: When the file cannot be written.
    """
    for name, value in changes.items():
        if name in _KNOWN and not _admits(name, value):
            expected = {
                "session_limit": f"a whole number from 1 to {MOST_SESSIONS}",
                "tell": f"one of {', '.join(TELL)}",
                **dict.fromkeys(_NAMES, "a short name, or an empty text"),
            }.get(name, "a text in one line")
            raise InvalidSettingError(f"expected {name} to be {expected}, got {value!r}")
    # the app reads preferences before its first paint; only writing needs these imports
    from pongarena.core.files import make_folder, write_json_atomically  # noqa: PLC0415
    from pongarena.core.system import rename  # noqa: PLC0415
    from pongarena.jobs.lock import held  # noqa: PLC0415

    taken = f"another program writes {root / FILE}; try again in a moment"
    try:
        make_folder(root)
        with held(root / f".{FILE}.lock", _PATIENCE_S, taken):
            before = read_preferences(root)
            if before.fault:  # perhaps a newer version wrote it
                rename(root / FILE, root / f"{FILE}.old")
            record = {name: getattr(before, name) for name in _KNOWN} | dict(before.others) | changes
            write_json_atomically(root / FILE, {"format_version": FORMAT_VERSION, **record})
    except OSError as error:
        raise LibraryError(
            f"cannot write {root / FILE}: {reason(error)}; make the folder writable, then try again"
        ) from error
    return read_preferences(root)


def _admits(name: str, value: object) -> bool:
    if name == "session_limit":
        return value is None or (type(value) is int and 1 <= value <= MOST_SESSIONS)
    if name == "tell":
        return value in ("", *TELL)
    if name in _NAMES:
        return isinstance(value, str) and _is_person(value)
    most = _LONGEST_COMMAND if name == "tell_command" else LONGEST_WORDS
    return isinstance(value, str) and value == printable(value, most=most)


def _is_person(name: str) -> bool:
    # only who has a name needs it before the first paint
    from pongarena.library.names import check_person  # noqa: PLC0415

    try:
        return check_person(name) == name
    except InvalidNameError:
        return False
