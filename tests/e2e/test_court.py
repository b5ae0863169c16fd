"""Matches in a real terminal: what they cost the line, and a person's match by mouse."""

import json
import os
import signal
import time
from functools import partial

import numpy as np
import pexpect
import pyte
import pytest

from pongarena.match.log import read_log, read_recording
from tests.waiting import PATIENCE_S, wait_until

pytestmark = pytest.mark.slow

HOME = b"\x1b[1;1H"
"""Every update ends with it."""


class Pty:
    """A terminal of our own, with the app in it."""

    def __init__(self, spawn_app, *arguments, columns=80, lines=24):
        environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONUTF8": "1"}
        self.child = spawn_app(*arguments, env=environment, dimensions=(lines, columns))
        self.sent = bytearray()
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)

    def read(self, seconds):
        """Read for so long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                data = self.child.read_nonblocking(1 << 16, timeout=0.05)
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF:
                return
            self.sent += data
            self._stream.feed(data)

    def text(self):
        """What is on the screen."""
        return "\n".join(self._screen.display)

    def until(self, words, timeout_s=PATIENCE_S):
        """Read until the screen shows the words."""
        end = time.monotonic() + timeout_s
        while words not in self.text():
            assert time.monotonic() < end and self.child.isalive(), self.text()
            self.read(0.2)

    def until_drawn_anew(self, updates=10):
        """Read until so many more updates have come."""
        most = self.sent.count(HOME) + updates
        wait_until(lambda: self.read(0.1) or self.sent.count(HOME) >= most, "it drew")

    def mouse(self, x, y, *, click=False):
        """Move the mouse to a cell, from 1; press and let go there."""
        self.child.send(f"\x1b[<35;{x};{y}M")
        if click:
            self.child.send(f"\x1b[<0;{x};{y}M\x1b[<0;{x};{y}m")

    def leave(self):
        """Press q, and read what was printed in the end."""
        self.child.send("q")
        start = len(self.sent)
        while self.child.isalive():
            self.read(0.1)
        self.read(0.1)
        self.child.close()
        return self.sent[start:].decode(errors="replace")


@pytest.fixture
def open_pty(spawn_app):
    return partial(Pty, spawn_app)


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (140, 45)])
def test_a_match_of_networks_fits_through_a_thin_line(open_pty, columns, lines):
    """At most 60 kB for a second of the game's time, whatever this machine has of its own."""
    terminal = open_pty("watch", "ai", "champion", "--seed", "1", "--json", columns=columns, lines=lines)
    terminal.until("fps")
    sent, pictures, start = len(terminal.sent), terminal.sent.count(HOME), time.monotonic()
    terminal.until_drawn_anew(60)
    sent, pictures = len(terminal.sent) - sent, terminal.sent.count(HOME) - pictures
    seconds = time.monotonic() - start
    said = terminal.leave()
    result = json.loads(said[said.index('{"format_version') :].splitlines()[0])
    assert result["kinds"] == ["ai", "model"] and result["frames"] > 60
    assert sent / seconds <= 60_000
    assert sent / pictures <= 3_000
    # a picture every second frame; a busy machine may show fewer, and far more would be a waste
    assert pictures / seconds <= 2.5 * 30


def test_a_person_plays_a_match_by_mouse_and_it_is_logged(open_pty):
    terminal = open_pty("play", "ai", "human", "--terminal", "--points", "1")
    terminal.until("You hold the right paddle")
    terminal.mouse(40, 12, click=True)
    for turn in range(400):
        terminal.mouse(40, 4 + turn % 16)
        terminal.read(0.1)
        if "wins 1 : 0" in terminal.text():
            break
    assert "Enter or a click plays again" in terminal.text()
    said = terminal.leave()
    (result,) = read_log().results
    assert result.finished and result.kinds == ("ai", "human")
    assert f"CPU {result.score[0]} : {result.score[1]} you" in said
    knobs = read_recording(result.id).input_log.to_array()[:, 1]
    assert len(np.unique(knobs[knobs >= 38])) > 8


def test_a_terminal_that_shrinks_and_grows_loses_nothing(open_pty):
    terminal = open_pty("watch", "ai", "champion", columns=100, lines=30)
    terminal.until("P(UP)")
    for columns, lines in ((20, 5), (120, 40), (80, 24)):
        terminal._screen.resize(lines, columns)
        terminal.child.setwinsize(lines, columns)
        terminal.until_drawn_anew()
    terminal.until("P(UP)")
    assert "champion@" in terminal.leave()


def test_what_a_terminal_cut_off_comes_back_even_when_nobody_saw_it_shrink(open_pty):
    terminal = open_pty("watch", "ai", "champion")
    terminal.until("fps")
    terminal.until("library")
    os.kill(terminal.child.pid, signal.SIGSTOP)
    for columns, lines in ((20, 5), (80, 24)):
        terminal._screen.resize(lines, columns)
        terminal.child.setwinsize(lines, columns)
    assert "library" not in terminal.text()
    os.kill(terminal.child.pid, signal.SIGCONT)
    terminal.until("library")
    terminal.leave()


def test_what_cannot_be_played_is_refused_before_the_screen_is_cleared(open_pty):
    for arguments, words in (
        (("watch", "ai", "ai"), "cannot play against itself"),
        (("watch", "ai", "nobody"), "nobody"),
        (("watch", "ai"), "two players"),
    ):
        terminal = open_pty(*arguments)
        terminal.child.expect(pexpect.EOF)
        terminal.child.close()
        assert terminal.child.exitstatus == 2
        assert words in terminal.child.before.decode()


def test_a_terminal_that_takes_nothing_misses_pictures_and_not_the_game_s_time(open_pty):
    terminal = open_pty("watch", "ai", "champion", "--points", "1", "--json", columns=140, lines=45)
    terminal.until("fps")
    pictures = terminal.sent.count(HOME)
    wait_until(lambda: read_log().results, "the match ended although nobody read")
    terminal.read(1)
    shown = terminal.sent.count(HOME) - pictures
    said = terminal.leave()
    result = json.loads(said[said.index('{"format_version') :].splitlines()[0])
    assert result["finished"]
    assert shown < 0.8 * result["frames"] / 2
