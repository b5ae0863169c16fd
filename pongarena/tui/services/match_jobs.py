"""Run matches as processes: start them, wait for them in a thread, and read their results."""

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pongarena.core import paths
from pongarena.core.errors import MatchError
from pongarena.core.text import printable
from pongarena.library.names import player_label
from pongarena.tui.services.children import Ended, run_command

_CLIP_S = 15
"""Length of a clip in seconds, as in the match window."""


@dataclass(frozen=True)
class MatchRequest:
    """The players and the rules of a match.

    Attributes:
        left: ``human``, ``ai``, or ``model@game``.
        right: The same.
        ball: ``constant`` or ``faster``.
        small: Which paddles have half their height: ``none``, ``left``, ``right`` or ``both``.
        points: How many points win.
        here: Whether to show it in the terminal instead of a window.
        seed: The seed of the match; None draws one.
        greedy: Whether networks take the most probable action instead of sampling one.
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
        """Return the arguments of the command that opens the window."""
        rules = ["--ball", self.ball, "--small-paddles", self.small, "--points", str(self.points)]
        return ["play", self.left, self.right, *rules, "--json"]


@dataclass(frozen=True)
class MatchEnd:
    """The result of a match.

    Attributes:
        request: The requested match.
        score: Points of the left and the right side; None when the match failed.
        finished: Whether it was played to the end.
        error: The error of the process; empty when there is a score.
        people: Names of the people left and right; empty for everybody else.
    """

    request: MatchRequest
    score: tuple[int, int] | None = None
    finished: bool = False
    error: str = ""
    people: tuple[str, str] = ("", "")

    def words(self) -> str:
        """Describe the result: ``You won 21:13 against deep@400``."""
        from pongarena.match.result import call  # noqa: PLC0415

        if self.score is None:
            return self.error
        (left, right), names = self.score, (self.request.left, self.request.right)
        if not self.finished:
            first, second = call(*names, self.people)
            return f"{first} {left}:{right} {second}, left before the end"
        if names.count("human") == 1:
            mine, other = (left, right) if names[0] == "human" else (right, left)
            opponent = player_label(names[1] if names[0] == "human" else names[0])
            return f"You {'won' if mine > other else 'lost'} {mine}:{other} against {opponent}"
        side = "left" if left > right else "right"
        winner = call(*names, self.people)[0 if left > right else 1]
        winner = winner if winner == side else f"{winner} ({side})"
        return f"{winner} won {max(left, right)}:{min(left, right)}"


def missing_display(environment: Mapping[str, str], system: str) -> str:
    """Return why no window can be opened; empty when one probably can."""
    if environment.get("SDL_VIDEODRIVER"):
        return ""
    if system.startswith("linux"):
        has = any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
        return "" if has else "this terminal has no display"
    return "this terminal is on another machine" if environment.get("SSH_CONNECTION") else ""


def play(request: MatchRequest, cancelled: Callable[[], bool]) -> MatchEnd | None:
    """Open the match window and wait until it is closed.

    The window is independent: when the app exits and ``cancelled`` returns True, it stays open.

    Returns:
        How the match ended; None when the wait was cancelled.

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
    """Return why a window could not show its match; empty when it could."""
    if window.code == 0:
        return ""
    return window.last_words or f"the match window ended with exit code {window.code}; see pongarena doctor"


def no_window(match: str) -> str:
    """Return why a match cannot be replayed here, and what to do instead; empty when it probably can."""
    if reason := missing_display(os.environ, sys.platform):
        words = f"A replay opens in a window, and {reason}"
        return f"{words}; film it: pongarena replay {match} -o clip.gif"
    return ""


def replay(match: str, cancelled: Callable[[], bool]) -> str:
    """Replay a match in a window and wait until it is closed; when the wait is cancelled, it stays open.

    Args:
        match: The id of the match.
        cancelled: Whether to stop waiting.

    Returns:
        The output of the window; empty when the wait was cancelled.

    Raises:
        MatchError: When the match cannot be replayed, or the window cannot be opened.
    """
    ended = open_window(["replay", match], cancelled)
    if ended is None:
        return ""
    if fault := fault_of(ended):
        raise MatchError(fault)
    return ended.output.strip()


def save_clip(match: str, frames: int, cancelled: Callable[[], bool]) -> str:
    """Save the last seconds of a logged match as a clip, without a window.

    Args:
        match: The id of the match.
        frames: Its number of frames.
        cancelled: Whether to stop waiting; the clip is made all the same.

    Returns:
        A message that names the file; empty when the wait was cancelled.

    Raises:
        MatchError: When the clip cannot be made.
        LibraryError: When the folder of clips cannot be made.
    """
    from pongarena.core.files import make_folder, write_error  # noqa: PLC0415 (the first paint needs neither)
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
    return f"the clip is saved as {printable(str(path))}"


def _end(request: MatchRequest, ended: Ended) -> MatchEnd:
    result: dict[str, Any] | None = None
    for line in ended.output.splitlines():
        try:
            found = json.loads(line)
        except ValueError:
            continue
        result = found if isinstance(found, dict) and "score" in found else result
    if result is None:
        silent = "the match window closed without reporting its result"
        return MatchEnd(request, error=fault_of(ended) or silent)
    left, right = result["score"]
    first, second = map(str, result.get("people", ("", "")))
    return MatchEnd(request, (int(left), int(right)), bool(result.get("finished")), people=(first, second))
