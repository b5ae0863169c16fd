"""What a crash leaves of the terminal, and of the exit status."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from tests.torture.conftest import unusable
from tests.waiting import PATIENCE_S

pytestmark = [pytest.mark.skipif(os.name != "posix", reason="terminals are POSIX's"), pytest.mark.slow]

CRASHES = {
    # a widget's method, called by the key F9
    "widget": (
        "from pongarena.tui.screens.base import ArcadeScreen\n"
        "def fail(self): raise RuntimeError('the paddle came off')\n"
        "ArcadeScreen.key_f9 = fail\n"
    ),
    # the thread that reads the keys
    "keys": (
        "from textual.drivers.linux_driver import LinuxDriver\n"
        "process_message = LinuxDriver.process_message\n"
        "def fail(self, message):\n"
        "    if getattr(message, 'key', '') == 'f9': raise RuntimeError('the paddle came off')\n"
        "    process_message(self, message)\n"
        "LinuxDriver.process_message = fail\n"
    ),
}
"""What the process does before it starts: the key F9 makes it crash."""

F9 = b"\x1b[20~"


def crash(words, how):
    """Run a command in a terminal, press F9, and return its status, what is wrong, and all it has shown."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    before = termios.tcgetattr(slave)
    code = (
        f"import sys; sys.argv = ['pongarena', *{words}]\n{CRASHES[how]}"
        "from pongarena.__main__ import main; main()"
    )
    shown, pressed, limit = b"", False, time.monotonic() + PATIENCE_S
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        env=os.environ | {"TERM": "xterm-256color"},
    ) as process:
        while process.poll() is None and time.monotonic() < limit:
            if select.select([master], [], [], 0.02)[0]:
                shown += os.read(master, 65536)
            if not pressed and b"Quit" in shown:  # the line of keys is painted
                os.write(master, F9)
                pressed = True
        process.kill()
    while select.select([master], [], [], 0)[0]:
        shown += os.read(master, 65536)
    wrong = unusable(slave, before, shown)
    os.close(master)
    os.close(slave)
    return process.returncode, wrong, shown


@pytest.mark.parametrize("how", CRASHES)
@pytest.mark.parametrize(
    "words",
    [[], ["watch", "ai", "champion"], ["play", "ai", "champion", "--terminal"]],
    ids=["app", "watch", "play"],
)
def test_a_crash_shows_where_and_says_what_to_do(words, how, monkeypatch, home):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent.parent))
    status, wrong, shown = crash(words, how)
    after = shown[shown.rfind(b"\x1b[?1049l") :].decode()
    lines = re.sub(r"\x1b\[[\d;?<>]*\w", "", after).split("\r\n")
    assert (status, wrong) == (1, []), shown[-900:]
    assert any("RuntimeError: the paddle came off" in line for line in lines)
    assert lines[-2].startswith("pongarena ended because of the error above; start it again"), lines[-5:]
    assert lines[-1] == ""
