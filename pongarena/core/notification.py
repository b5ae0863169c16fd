"""A notification that the terminal hands on to the desktop, as a sequence to write to it.

What it says may hold a model's name, which anybody may have chosen: nothing in it can end the sequence.
"""

from collections.abc import Mapping

from pongarena.core.text import printable

__all__ = ["BELL", "notification"]

BELL = "\x07"

_LONGEST = 200
"""Characters; desktops show fewer."""

_TITLE = "pongarena"

_OF_777 = ("rxvt", "foot")
"""Terminals, by the beginning of their ``TERM``, that know OSC 777; those of VTE do, too."""


def notification(words: str, environment: Mapping[str, str]) -> str:
    r"""OSC 777 for the terminals that know it, OSC 9 for all others; passed on by a tmux that allows it.

    Args:
        words: Anything; of several lines one is made, and semicolons, which separate fields, become commas.
        environment: The terminal's, ``os.environ``.

    >>> notification("ada: 25 % of points", {"TERM": "xterm-256color"})
    '\x1b]9;pongarena: ada: 25 % of points\x07'
    """
    said = printable(words, most=_LONGEST).replace(";", ",")
    if environment.get("TERM", "").startswith(_OF_777) or "VTE_VERSION" in environment:
        sequence = f"\x1b]777;notify;{_TITLE};{said}{BELL}"
    else:
        # with a word before it, for ConEmu takes a number here for a command
        sequence = f"\x1b]9;{_TITLE}: {said}{BELL}"
    if "TMUX" in environment:
        doubled = sequence.replace("\x1b", "\x1b\x1b")
        return f"\x1bPtmux;{doubled}\x1b\\"
    return sequence
