"""What the outputs cannot say: letters outside of their encoding are replaced, never an error."""

import codecs
import io
import sys

__all__ = ["encoding_of", "replace_what_cannot_be_said"]

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
    """Letters that look like those that cannot be said: one each, so that columns stay in line."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end].translate(_LETTERS)
    return "".join(each if each.isascii() else "?" for each in text), error.end


def replace_what_cannot_be_said() -> None:
    """See to it that nothing printed raises an error, whatever the outputs' encoding."""
    codecs.register_error(_HANDLER, _alike)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_HANDLER)


def encoding_of(stream: object) -> str | None:
    """The encoding of an output that cannot say everything; None when it can."""
    name = getattr(stream, "encoding", None) or "ascii"
    try:
        known = codecs.lookup(name).name
    except LookupError:
        return str(name)
    return None if known.startswith("utf") else known
