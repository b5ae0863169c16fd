"""What crashes and untrue reports leave of the app, its terminal and its exit status."""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import NamedTuple

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

ROWS, COLUMNS = 40, 120

NOTHING = bytes(4)
"""What the system answers when nothing typed is unread."""

PAINTED = b"Quit"
"""The line of keys: the last that an app paints."""

SIZES = [
    b"\x1b[48;1000;1000;1;1t",
    b"\x1b[48;24;1000000;1;1t",
    b"\x1b[48;1000000;80;1;1t",
    b"\x1b[48;24;99999999999;0;0t",
    b"\x1b[48;0;0;0;0t",
]
"""Reports of a size in the terminal's input that are not true."""


WORDS = pytest.mark.parametrize("words", [[], ["watch", "ai", "champion"]], ids=["app", "watch"])


class Ended(NamedTuple):
    """How a process ended, what is wrong with its terminal, what that has shown, the most memory it had."""

    status: int
    wrong: list[str]
    shown: bytes
    memory_mb: int


def peak_mb(pid):
    """The most memory that a process held, without that of the one that it was forked from."""
    with contextlib.suppress(OSError):  # elsewhere nobody tells
        words = Path(f"/proc/{pid}/status").read_text().split()
        return int(words[words.index("VmHWM:") + 1]) >> 10
    return 0


@pytest.fixture
def drive(monkeypatch, home):
    """Run a command in a terminal to its end, reading what it shows.

    Args:
        words: The command.
        steps: What the terminal has to receive, and then what to type or which signal to send.
        first: Code that the process runs before.
        size: Of the terminal, in rows and columns; zeros when the system does not know it.
    """
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent.parent))
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.delenv("LINES", raising=False)
    master, slave = pty.openpty()
    before = termios.tcgetattr(slave)

    def run(words, steps, first="", size=(ROWS, COLUMNS)):
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
        code = (
            f"import sys; sys.argv = ['pongarena', *{words}]\n{first}\n"
            "from pongarena.__main__ import main; main()"
        )
        shown, seen, steps, memory_mb = b"", 0, list(steps), 0
        process = subprocess.Popen(
            [sys.executable, "-c", code], stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
            env=dict(os.environ),  # without the size that readline sets behind Python's back
        )  # fmt: skip
        limit = time.monotonic() + PATIENCE_S
        while process.poll() is None:
            assert time.monotonic() < limit, process.kill()
            if select.select([master], [], [], 0.02)[0]:
                shown += os.read(master, 65536)
            unread = fcntl.ioctl(slave, termios.FIONREAD, NOTHING) != NOTHING
            if steps and steps[0][0] in shown[seen:] and not unread:
                seen = len(shown)
                what = steps.pop(0)[1]
                if isinstance(what, bytes):
                    os.write(master, what)
                else:
                    memory_mb = peak_mb(process.pid)
                    os.kill(process.pid, what)
        while select.select([master], [], [], 0)[0]:
            shown += os.read(master, 65536)
        assert not steps, (steps, shown[-900:])
        return Ended(process.returncode, unusable(slave, before, shown), shown, memory_mb)

    yield run
    os.close(master)
    os.close(slave)


@pytest.mark.parametrize("how", CRASHES)
@pytest.mark.parametrize(
    "words",
    [[], ["watch", "ai", "champion"], ["play", "ai", "champion", "--terminal"]],
    ids=["app", "watch", "play"],
)
def test_a_crash_shows_where_and_says_what_to_do(words, how, drive):
    status, wrong, shown, _ = drive(words, [(PAINTED, F9)], CRASHES[how])
    after = shown[shown.rfind(b"\x1b[?1049l") :].decode()
    lines = re.sub(r"\x1b\[[\d;?<>]*\w", "", after).split("\r\n")
    assert (status, wrong) == (1, []), shown[-900:]
    assert any("RuntimeError: the paddle came off" in line for line in lines)
    assert lines[-2].startswith("pongarena ended because of the error above; start it again"), lines[-5:]
    assert lines[-1] == ""


def painted(shown):
    """Return the last row and the last column where anything was written."""
    places = re.findall(rb"\x1b\[(\d+);(\d+)H", shown)
    return max(int(row) for row, _ in places), max(int(column) for _, column in places)


@WORDS
@pytest.mark.parametrize("report", SIZES, ids=[each.decode()[2:] for each in SIZES])
def test_a_terminal_that_reports_a_size_that_it_has_not_is_not_believed(words, report, drive):
    steps = [
        (PAINTED, report + b"\x1b[<0;5;5M\x1b[<0;5;5m"),
        (PAINTED, b"?"),
        (b"Leave the app", signal.SIGTERM),
    ]
    status, wrong, shown, memory_mb = drive(words, steps)
    assert (status, wrong) == (128 + signal.SIGTERM, []), shown[-900:]
    assert b"Traceback" not in shown
    rows, columns = painted(shown)
    assert rows <= ROWS and columns <= COLUMNS
    assert memory_mb < 500


@WORDS
def test_a_terminal_that_shows_nothing_more_is_restored(words, monkeypatch, home):
    """As over a slow line: the output is backed up when the signal comes."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent.parent))
    monkeypatch.setenv("TERM", "xterm-256color")
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    before = termios.tcgetattr(slave)
    command, shown = [sys.executable, "-m", "pongarena", *words], b""
    with subprocess.Popen(
        command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
    ) as process:
        while PAINTED not in shown:
            shown += os.read(master, 65536)
        while select.select([], [slave], [], 0)[1]:  # it still takes output
            os.write(master, b"?")  # opens the help, and closes it
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        status = process.wait(PATIENCE_S)
    while select.select([master], [], [], 0)[0]:
        shown += os.read(master, 65536)
    wrong = unusable(slave, before, shown)
    assert (status, wrong) == (128 + signal.SIGTERM, []), shown[-900:]
    assert b"Traceback" not in shown
    assert os.get_blocking(slave)  # the shell has the same one
    os.close(master)
    os.close(slave)


def test_of_a_terminal_without_a_size_only_a_possible_report_is_believed(drive):
    steps = [
        (PAINTED, b"\x1b[48;50;90;1;1t"),
        (b"\x1b[50;", b"\x1b[48;24;1000000;1;1t"),
        (b"", b"?"),
        (b"Leave the app", signal.SIGTERM),
    ]
    status, wrong, shown, memory_mb = drive([], steps, size=(0, 0))
    assert (status, wrong) == (128 + signal.SIGTERM, []), shown[-900:]
    rows, columns = painted(shown)
    assert rows == 50 and columns <= 90
    assert memory_mb < 500
