"""Keeps the developer's own machine out of the tests: data, screen, sound and left-over processes."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data directory of the test's own, no window, no sound; sessions that it leaves running are killed.

    Note: the directory does not exist yet, as on a fresh machine. Child processes inherit all of it.
    """
    data = tmp_path / "home"
    monkeypatch.setenv("PONGARENA_HOME", str(data))
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    yield data
    for status in data.glob("models/*/status.json"):
        _kill_session(status)


def _kill_session(status: Path) -> None:
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, psutil.Error):
        record = json.loads(status.read_bytes())
        process = psutil.Process(record["pid"])
        # a pid alone may meanwhile be somebody else's
        if abs(process.create_time() - record["created"]) < 1.0 and "session" in process.cmdline():
            process.kill()
            process.wait(timeout=5)
