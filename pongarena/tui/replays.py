"""A match of the log played again, in a window that is a process of its own."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable

from pongarena.errors import MatchError
from pongarena.tui.jobs import missing_display

__all__ = ["no_window", "replay"]

_LOOK_EVERY_S = 0.2


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
    command = [sys.executable, "-m", "pongarena", "replay", match]
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        try:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors, start_new_session=True
            )
        except OSError as error:
            raise MatchError(
                f"cannot start the match window: {error.strerror or error}; see pongarena doctor"
            ) from error
        while True:
            try:
                code = process.wait(_LOOK_EVERY_S)
                break
            except subprocess.TimeoutExpired:
                if cancelled():
                    return ""
        output.seek(0)
        errors.seek(0)
        if code != 0:
            reason = errors.read().decode(errors="replace").strip()
            ended = f"the match window ended with exit code {code}; see pongarena doctor"
            raise MatchError("\n".join(reason.splitlines()[-12:]) or ended)
        return output.read().decode(errors="replace").strip()
