"""Watches what Python itself is asked to do, so that no reader runs code, or writes where it should not."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["watched"]

_RUNS_CODE = {
    "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.startfile", "os.system",
    "pickle.find_class", "pty.spawn", "socket.connect", "subprocess.Popen", "urllib.Request",
    "webbrowser.open",
}  # fmt: skip
"""Events of Python's audit that no file may cause."""

_CHANGES = {
    "os.chmod": 1, "os.chown": 1, "os.link": 2, "os.mkdir": 1, "os.remove": 1, "os.rename": 2, "os.rmdir": 1,
    "os.symlink": 2, "os.truncate": 1, "os.utime": 1,
}  # fmt: skip
"""Events that change a file, and how many paths they name."""

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC

_allowed: list[tuple[str, ...]] = []
_seen: list[str] = []


@contextlib.contextmanager
def watched(*places: Path) -> Iterator[list[str]]:
    """Notes what is done meanwhile and is not allowed: code that runs, files written outside of places."""
    _add_hook()
    _seen.clear()
    _allowed.append(tuple(os.path.realpath(place) for place in places))
    try:
        yield _seen
    finally:
        _allowed.pop()


def _add_hook() -> None:
    if not getattr(sys, "_pongarena_watched", False):  # a hook cannot be removed
        sys.addaudithook(_note)
        sys._pongarena_watched = True  # type: ignore[attr-defined]


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if not _allowed:
        return
    if event in _RUNS_CODE:
        _seen.append(f"{event} {arguments[:2]!r}")
    elif event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITES:
        _note_path(event, arguments[0], -1)
    elif event in _CHANGES:
        for path in arguments[: _CHANGES[event]]:
            _note_path(event, path, arguments[-1] if event != "os.truncate" else -1)


def _note_path(event: str, path: Any, folder: int) -> None:
    """Notes a path, of which ``folder`` is the open folder that it lies in, or -1."""
    if isinstance(path, int):  # it was opened before, and noted then
        return
    named = Path(os.fsdecode(path))
    if folder >= 0:
        named = Path(f"/proc/self/fd/{folder}").readlink() / named
    whole = Path(os.path.realpath(named.parent), named.name)  # a link itself, not where it leads
    if not any(whole.is_relative_to(place) for place in _allowed[-1]):
        _seen.append(f"{event} {whole}")
