"""Check the names of models: valid as a folder on every system, and not the word for another player."""

import difflib
import itertools
import re
from collections.abc import Collection, Iterable

from pongarena.core.errors import InvalidNameError
from pongarena.core.text import printable

__all__ = [
    "MAX_NAME_LENGTH",
    "MAX_PERSON_LENGTH",
    "check_name",
    "check_person",
    "check_state",
    "did_you_mean",
    "fresh_name",
    "player_label",
    "player_word",
]

MAX_NAME_LENGTH = 40
"""Characters; longer names would not fit into a table beside their numbers."""

_STATE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 _-]*[A-Za-z0-9_-])?", re.ASCII)

MAX_PERSON_LENGTH = 16
"""Characters of a person's name; longer ones would not fit beside the score."""

_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*", re.ASCII)

_CARTRIDGE = "ai"
"""The cartridge's own player in files and older commands."""

_CPU = "CPU"
"""The same player as shown to people, who may type it in either case."""

_RESERVED = frozenset({"human", _CARTRIDGE})
"""The players that are not models."""

_RESERVED_FOR_NEW = _RESERVED | {_CPU.lower()}
"""Names that a new model may not have; an older model called cpu keeps its name."""

_WORDS_FOR_SIDES = _RESERVED_FOR_NEW | {"you", "left", "right"}
"""What screens call players without a name."""

_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{port}{digit}" for port in ("com", "lpt") for digit in range(10)}
)
"""Names that Windows keeps for devices, with any extension and in any case."""


def player_label(name: str) -> str:
    """Return the label of a player that files call ``name``."""
    return _CPU if name == _CARTRIDGE else name


def player_word(typed: str) -> str:
    """Return the word that files use for a player: ``cpu`` is ``ai``."""
    return _CARTRIDGE if typed.lower() == _CPU.lower() else typed


def check_name(name: str, *, new: bool = True) -> str:
    """Return ``name`` if it is a valid name for a model.

    Args:
        name: What the user typed; valid are 1 to 40 ASCII letters, digits, ``-`` and ``_``, starting with a
            letter or digit.
        new: Whether it is for a new model; an existing model may be called ``cpu``.

    Raises:
        InvalidNameError: For any other name, for another player's word, and for a device of Windows.
    """
    shown = repr(name) if len(name) <= MAX_NAME_LENGTH else repr(name[:MAX_NAME_LENGTH]) + "…"
    if not name:
        raise InvalidNameError("expected a name, got an empty one; type 1 to 40 letters, digits, '-' or '_'")
    if len(name) > MAX_NAME_LENGTH:
        raise InvalidNameError(
            f"expected a name of at most {MAX_NAME_LENGTH} characters, got {len(name)} ({shown}); choose a "
            "shorter one"
        )
    if not _PATTERN.fullmatch(name):
        raise InvalidNameError(
            f"expected a name of letters, digits, '-' and '_' that starts with a letter or digit, got "
            f"{shown}; leave the other characters out"
        )
    if name.lower() in (_RESERVED_FOR_NEW if new else _RESERVED):
        raise InvalidNameError(
            f"{shown} is the word for another player (human, ai, cpu); choose another name"
        )
    if name.lower() in _DEVICES:
        raise InvalidNameError(f"{shown} is the name of a device on Windows; choose another name")
    return name


def check_person(name: str) -> str:
    """Return what a person wants to be called, without spaces around it; empty for no name.

    Raises:
        InvalidNameError: When it is too long, cannot be shown, or is the word for another player.
    """
    name = " ".join(name.split())
    if len(name) > MAX_PERSON_LENGTH:
        raise InvalidNameError(
            f"expected a player's name of at most {MAX_PERSON_LENGTH} characters, got {len(name)}; "
            "choose a shorter one"
        )
    if name != printable(name) or not name.isprintable():
        raise InvalidNameError(f"expected a player's name that can be shown, got {name!r}; type it anew")
    if name.lower() in _WORDS_FOR_SIDES:
        raise InvalidNameError(f"{name!r} is what the screens call another player; choose another name")
    return name


def check_state(name: str) -> str:
    """Return the name of a saved state of a match, without spaces around it, if a file can be called so.

    Raises:
        InvalidNameError: When it is empty, too long, a device of Windows, or has other characters.
    """
    name = name.strip()
    if not name or len(name) > MAX_NAME_LENGTH or not _STATE.fullmatch(name):
        raise InvalidNameError(
            f"expected a name of 1 to {MAX_NAME_LENGTH} letters (A to Z), digits, spaces, '-' and '_' that "
            "starts with a letter or digit; leave the other characters out"
        )
    if name.lower() in _DEVICES:
        raise InvalidNameError(f"{name!r} is the name of a device on Windows; choose another name")
    return name


def fresh_name(wish: str, taken: Collection[str]) -> str:
    """Return a valid name like ``wish`` that no model has.

    Args:
        wish: Any text.
        taken: The models' names in lower case.
    """
    letters = "".join(
        letter if letter.isascii() and (letter.isalnum() or letter in "-_") else "-" for letter in wish[:200]
    )
    base = letters.strip("-_")[:30] or "model"
    names = (base if number == 1 else f"{base}-{number}" for number in itertools.count(1))
    return next(name for name in names if name.lower() not in {*taken, *_RESERVED_FOR_NEW, *_DEVICES})


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a hint with the names nearest to a mistyped one, to end a message: ``"; did you mean 'deep'?"``.

    Returns an empty string when nothing is near.
    """
    by_lower = {each.lower(): each for each in known}
    near = difflib.get_close_matches(name.lower(), by_lower, n=3, cutoff=0.6)
    return f"; did you mean {' or '.join(repr(by_lower[each]) for each in near)}?" if near else ""
