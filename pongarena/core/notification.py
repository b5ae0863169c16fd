"""Desktop notifications, sent as an escape sequence to the terminal.

The text may hold a model's name, which anybody may have chosen: no character in it can end the sequence.
"""

from collections.abc import Mapping

from pongarena.core.text import printable

__all__ = ["BELL", "notification"]

BELL = "\x07"

_LONGEST = 200
"""In characters; desktops show fewer."""

_TITLE = "pongarena"

_OF_777 = ("rxvt", "foot")
"""Prefixes of ``TERM`` of terminals that support OSC 777; those based on VTE do, too."""


def notification(words: str, environment: Mapping[str, str]) -> str:
    r"""Build an OSC 777 sequence for terminals that support it, else OSC 9, wrapped for tmux inside tmux.

    Args:
        words: Any text. Lines are joined, and semicolons, which separate fields, become commas.
        environment: The terminal's, usually ``os.environ``.

    >>> notification("ada: 25 % of points", {"TERM": "xterm-256color"})
    '\x1b]9;pongarena: ada: 25 % of points\x07'
    """
    said = printable(words, most=_LONGEST).replace(";", ",")
    if environment.get("TERM", "").startswith(_OF_777) or "VTE_VERSION" in environment:
        sequence = f"\x1b]777;notify;{_TITLE};{said}{BELL}"
    else:
        # starts with a word, because ConEmu takes a number here for a command
        sequence = f"\x1b]9;{_TITLE}: {said}{BELL}"
    if "TMUX" in environment:
        doubled = sequence.replace("\x1b", "\x1b\x1b")
        return f"\x1bPtmux;{doubled}\x1b\\"
    return sequence
