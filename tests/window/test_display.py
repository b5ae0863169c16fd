"""Opening the window, or saying why there is none."""

import subprocess
import sys

import pytest

from pongarena.core.errors import DisplayError
from pongarena.window.display import open_display


def test_no_display_names_the_ways_out(monkeypatch):
    for name in ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    code = "from pongarena.window.display import open_display; open_display()"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "DisplayError" in run.stderr
    assert "ssh -X" in run.stderr
    with pytest.raises(DisplayError, match="pongarena eval"):
        open_display()
