"""Matches as processes of their own: started here, waited for in a thread, their result read."""

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pongarena.core import paths
from pongarena.core.errors import MatchError
from pongarena.core.files import make_folder, write_error
from pongarena.library.names import player_label
from pongarena.tui.services.children import Ended, run_command

_CLIP_S = 15
"""Of a clip: as much as the match window saves."""


@dataclass(frozen=True)
class MatchRequest:
    """Who plays whom, and how.

    Attributes:
        left: ``human``, ``ai``, or ``model@game``.
        right: The same.
        ball: ``constant`` or ``faster``.
        small: Which paddles have half of their height: ``none``, ``left``, ``right`` or ``both``.
        points: How many win.
        here: Whether it is shown in the terminal, not in a window.
        seed: Of the match; None draws one.
        greedy: Whether networks take the likelier move instead of sampling it.
    """

    left: str
    right: str
    ball: str = "constant"
    points: int = 21
    here: bool = False
    seed: int | None = None
    greedy: bool = False
    small: str = "none"

    def words(self) -> list[str]:
        """The command that opens the window."""
        rules = ["--ball", self.ball, "--small-paddles", self.small, "--points", str(self.points)]
        return ["play", self.left, self.right, *rules, "--json"]


@dataclass(frozen=True)
class MatchEnd:
    """How a match came out.

    Attributes:
        request: What was asked for.
        score: Points left and right, None when it failed.
        finished: Whether it was played to the end.
        error: Why there is no result, in the words of the process; empty when there is one.
    """

    request: MatchRequest
    score: tuple[int, int] | None = None
    finished: bool = False
    error: str = ""

    def words(self) -> str:
        """The result for a person: ``You won 21:13 against deep@400``."""
        from pongarena.match.result import call  # noqa: PLC0415

        if self.score is None:
            return self.error
        (left, right), names = self.score, (self.request.left, self.request.right)
        if not self.finished:
            first, second = call(*names)
            return f"{first} {left}:{right} {second}, left before the end"
        if names.count("human") == 1:
            mine, other = (left, right) if names[0] == "human" else (right, left)
            opponent = player_label(names[1] if names[0] == "human" else names[0])
            return f"You {'won' if mine > other else 'lost'} {mine}:{other} against {opponent}"
        side = "left" if left > right else "right"
        winner = call(*names)[0 if left > right else 1]
        winner = winner if winner == side else f"{winner} ({side})"
        return f"{winner} won {max(left, right)}:{min(left, right)}"


def missing_display(environment: Mapping[str, str], system: str) -> str:
    """Why no window can be opened from here; empty when one probably can."""
    if environment.get("SDL_VIDEODRIVER"):
        return ""
    if system.startswith("linux"):
        has = any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
        return "" if has else "this terminal has no display"
    return "this terminal is on another machine" if environment.get("SSH_CONNECTION") else ""


def play(request: MatchRequest, cancelled: Callable[[], bool]) -> MatchEnd | None:
    """Open the match window and wait until it is closed.

    The window is independent: when ``cancelled`` says that the app is leaving, it stays open.

    Returns:
        How it ended; None when the waiting was cancelled.

    Raises:
        MatchError: When the process cannot be started.
    """
    ended = open_window(request.words(), cancelled)
    return None if ended is None else _end(request, ended)


def open_window(words: Sequence[str], cancelled: Callable[[], bool]) -> Ended | None:
    """Run a command that opens the match window, and wait for its end; see ``run_command``.

    Raises:
        MatchError: When the process cannot be started.
    """
    try:
        return run_command(words, cancelled)
    except OSError as error:
        raise MatchError(
            f"cannot start the match window: {error.strerror or error}; see pongarena doctor"
        ) from error


def fault_of(window: Ended) -> str:
    """Why a window could not show its match; empty when it could."""
    if window.code == 0:
        return ""
    return window.last_words or f"the match window ended with exit code {window.code}; see pongarena doctor"


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


def save_clip(match: str, frames: int, cancelled: Callable[[], bool]) -> str:
    """Film the last seconds of a match that is in the log, without a window.

    Args:
        match: The match's id.
        frames: How many it has.
        cancelled: Whether nobody waits any more; it is filmed all the same.

    Returns:
        Where the clip is; empty when nobody waits.

    Raises:
        MatchError: When it cannot be filmed.
        LibraryError: When the folder of clips cannot be made.
    """
    from pongarena.game.rules import FRAME_RATE_HZ  # noqa: PLC0415

    path = paths.clips_dir() / f"{match}.gif"
    try:
        make_folder(path.parent)
    except OSError as error:
        raise write_error(path, error) from error
    first = max(0, frames - _CLIP_S * FRAME_RATE_HZ)
    ended = open_window(["replay", match, "-o", str(path), "--from", str(first), "--force"], cancelled)
    if ended is None:
        return ""
    if fault := fault_of(ended):
        raise MatchError(fault)
    return f"the clip is saved as {path}"


def _end(request: MatchRequest, ended: Ended) -> MatchEnd:
    result: dict[str, Any] | None = None
    for line in ended.output.splitlines():
        try:
            found = json.loads(line)
        except ValueError:
            continue
        result = found if isinstance(found, dict) and "score" in found else result
    if result is None:
        silent = "the match window closed without telling its result"
        return MatchEnd(request, error=fault_of(ended) or silent)
    left, right = result["score"]
    return MatchEnd(request, (int(left), int(right)), bool(result.get("finished")))
