"""Whether this process has a terminal that can draw."""

import os
import sys
from collections.abc import Mapping

__all__ = ["why_no_terminal"]


def why_no_terminal(environment: Mapping[str, str]) -> str:
    """Why nothing can be drawn here, as the end of a sentence; empty when it can.

    Args:
        environment: Of the process, ``os.environ``.
    """
    # a process may have been started without them
    if not (sys.stdin and sys.stdin.isatty() and sys.stdout and sys.stdout.isatty()):
        return "needs a terminal, and the output goes elsewhere; open a terminal and type pongarena"
    name = environment.get("TERM", "")
    if name in ("dumb", "unknown") and os.name != "nt":
        return (
            f"needs a terminal that can draw, and this one says that it cannot (TERM={name}); "
            "open another one"
        )
    return ""
