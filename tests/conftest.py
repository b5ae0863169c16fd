"""Keeps the developer's own machine out of the tests: data, screen, sound and left-over processes."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data directory of the test's own, no window, no sound; what it leaves running is killed.

    Note: the directory does not exist yet, as on a fresh machine. Child processes inherit all of it.
    """
    data = tmp_path / "home"
    monkeypatch.setenv("PONGARENA_HOME", str(data))
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    yield data
    for status in data.glob("models/*/status.json"):
        _kill_session(status)
    for child in psutil.Process().children(recursive=True):
        _kill_if_of(data, child)


def _kill_session(status: Path) -> None:
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, psutil.Error):
        record = json.loads(status.read_bytes())
        process = psutil.Process(record["pid"])
        # a pid alone may meanwhile be somebody else's
        if abs(process.create_time() - record["created"]) < 1.0 and "session" in process.cmdline():
            process.kill()
            process.wait(timeout=5)


def _kill_if_of(data: Path, child: psutil.Process) -> None:
    """Kill a process that works in ``data``: a session that has not said so yet, a match window."""
    with contextlib.suppress(OSError, psutil.Error):
        if child.environ().get("PONGARENA_HOME") == str(data):
            child.kill()
            child.wait(timeout=5)
