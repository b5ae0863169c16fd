"""A match of the log played again, in a window that is a process of its own."""

import os
import sys
from collections.abc import Callable

from pongarena.core.errors import MatchError
from pongarena.tui.services.match_jobs import fault_of, missing_display, open_window

__all__ = ["no_window", "replay"]


def no_window(match: str) -> str:
    """Why a match cannot be seen again here, and what to do instead; empty when it probably can."""
    if reason := missing_display(os.environ, sys.platform):
        words = f"A match is played again in a window, and {reason}"
        return f"{words}; film it: pongarena replay {match} -o clip.gif"
    return ""


def replay(match: str, cancelled: Callable[[], bool]) -> str:
    """Open the window and wait until it is closed; when ``cancelled`` says so, it stays open alone.

    Args:
        match: The match's id.
        cancelled: Whether nobody waits any more.

    Returns:
        What the window said at the end; empty when nobody waits.

    Raises:
        MatchError: When the match cannot be played again, or the window cannot be opened.
    """
    ended = open_window(["replay", match], cancelled)
    if ended is None:
        return ""
    if fault := fault_of(ended):
        raise MatchError(fault)
    return ended.output.strip()
