"""Output in limited encodings: characters that cannot be encoded are replaced, never an error."""

import codecs
import io
import os
import sys

__all__ = ["encoding_of", "open_what_is_closed", "replace_what_cannot_be_said"]

_HANDLER = "pongarena.alike"

_ALIKE = {
    "−–—‐‑": "-",
    "→": ">",
    "←": "<",
    "×": "x",
    "·•●": "*",
    "…": ".",
    "“”„": '"',
    "‘’": "'",
    "≤": "<",
    "≥": ">",
    "±": "~",
    "━─╸╺╴╶": "-",
    "│┃": "|",
    "█▉▊▋▌▍▎▏▐▇▆▅▄▃▂▁▀": "#",
    "✓": "v",
    "▲△": "^",
    "▼▽": "v",
}
_LETTERS = str.maketrans({letter: like for letters, like in _ALIKE.items() for letter in letters})


def _alike(error: UnicodeError) -> tuple[str, int]:
    """Replace each character that cannot be encoded by one similar to it, so columns stay aligned."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end].translate(_LETTERS)
    return "".join(each if each.isascii() else "?" for each in text), error.end


def open_what_is_closed() -> None:
    """Open closed standard streams, so that no other file gets their numbers and receives what is printed."""
    handle = os.open(os.devnull, os.O_RDWR)
    while handle <= 2:
        handle = os.open(os.devnull, os.O_RDWR)
    os.close(handle)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:  # so Python says that it was closed
            stream = os.fdopen(number, "w" if number else "r", encoding="utf-8", closefd=False)
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)


def replace_what_cannot_be_said() -> None:
    """Make printing safe for stdout and stderr, whatever their encoding."""
    codecs.register_error(_HANDLER, _alike)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_HANDLER)


def encoding_of(stream: object) -> str | None:
    """Return the encoding of an output that is not Unicode; None when it is."""
    name = getattr(stream, "encoding", None) or "ascii"
    try:
        known = codecs.lookup(name).name
    except LookupError:
        return str(name)
    return None if known.startswith("utf") else known
