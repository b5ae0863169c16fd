"""Requests to a session: empty files in ``models/<name>/requests/``, named ``<time>-<pid>.<verb>``.

Files work alike on every system, and wait while a session is busy. They are empty, so creating one is
atomic. A verb that needs a number has it in the name, as a whole number and a power of ten:
``….learning_rate=3e-4``. The session serves known verbs only and removes anything else unread. It removes
a request's file once it has served it.
"""

import math
import os
import re
import time
from contextlib import suppress
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from pongarena.core.errors import LibraryError

__all__ = ["Request", "Verb", "clear_requests", "pending_requests", "submit_request"]

_NUMBER = re.compile(r"\d{1,20}e[+-]?\d{1,3}", re.ASCII)


class Verb(StrEnum):
    """What one can ask of a session."""

    PAUSE = "pause"
    RESUME = "resume"
    CHECKPOINT = "checkpoint"
    STOP = "stop"
    LEARNING_RATE = "learning_rate"
    """Takes a number: the new rate, or 0 for the recipe's own schedule."""


class Request(NamedTuple):
    """One pending request."""

    verb: Verb
    path: Path
    value: float | None = None
    """The number of a verb that takes one, else None."""


def submit_request(folder: Path, verb: Verb, value: float | None = None) -> Path:
    """Write a request into the model's ``folder``; return its file, which disappears once it is served.

    Args:
        folder: The model's folder.
        verb: What to ask for.
        value: The number of a verb that takes one: finite, 0 or more.

    Raises:
        LibraryError: When the folder cannot be written.
    """
    words = verb if value is None else f"{verb}={_exactly(value)}"
    path = folder / "requests" / f"{time.time_ns():020d}-{os.getpid()}.{words}"
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with suppress(FileExistsError):  # asked for twice within a tick of the clock
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise LibraryError(
            f"cannot write {path}: {error.strerror or error}; free some space or make the folder writable"
        ) from error
    return path


def pending_requests(folder: Path) -> list[Request]:
    """Return the pending requests, oldest first.

    Note: removes everything else in the folder, such as unknown verbs and links. When the folder itself is a
    link, nothing is read or removed.
    """
    if (folder / "requests").is_symlink():
        return []
    try:
        with os.scandir(folder / "requests") as entries:
            plain = {entry.name: entry.is_file(follow_symlinks=False) for entry in entries}
    except OSError:
        return []
    found = []
    for name in sorted(plain):
        path = folder / "requests" / name
        try:
            if not plain[name]:
                raise ValueError("no plain file")
            found.append(_parse(path))
        except ValueError:
            with suppress(OSError):
                path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    return found


def clear_requests(folder: Path) -> None:
    """Remove the requests that an ended session left unserved."""
    for request in pending_requests(folder):
        with suppress(OSError):
            request.path.unlink()


def _parse(path: Path) -> Request:
    word, equals, number = path.name.rpartition(".")[2].partition("=")
    verb = Verb(word)
    if (verb is Verb.LEARNING_RATE) != bool(equals):
        raise ValueError("a number too many, or one too few")
    if not equals:
        return Request(verb, path)
    if not _NUMBER.fullmatch(number) or not math.isfinite(float(number)):
        raise ValueError("no number")
    return Request(verb, path, float(number))


def _exactly(value: float) -> str:
    """Write a number without a dot, because the verb follows the last dot: 0.00025 is ``25e-5``."""
    _, digits, exponent = Decimal(repr(float(value))).as_tuple()
    return f"{''.join(map(str, digits))}e{exponent}"
