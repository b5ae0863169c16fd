"""What Windows does otherwise: its branches, with the system's calls replaced."""

import ast
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

import pongarena
from pongarena.core import system
from pongarena.core.errors import LibraryError, SessionError
from pongarena.core.files import write_atomically
from pongarena.jobs import process
from pongarena.library.preferences import update_preferences
from pongarena.window.settings import Settings, write_settings

PACKAGE = Path(pongarena.__file__).parent


class BusyFile:
    """The system's ``os.replace`` where another process reads the target a few times."""

    def __init__(self, times):
        self.times, self._replace = times, os.replace

    def __call__(self, source, target):
        self.times -= 1
        if self.times >= 0:
            raise PermissionError(13, "Access is denied", os.fspath(source), 5, os.fspath(target))
        self._replace(source, target)


def test_a_file_that_is_being_read_is_replaced_when_it_was_read_on_windows(tmp_path, monkeypatch):
    (tmp_path / "a").write_bytes(b"old")
    monkeypatch.setattr(system, "WINDOWS", True)
    monkeypatch.setattr(os, "replace", BusyFile(3))
    write_atomically(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"new"


@pytest.mark.parametrize("windows", [True, False])
def test_one_that_stays_closed_is_refused_in_words_and_nothing_is_left(tmp_path, monkeypatch, windows):
    (tmp_path / "a").write_bytes(b"old")
    busy = BusyFile(1 << 30)
    monkeypatch.setattr(system, "WINDOWS", windows)
    monkeypatch.setattr(system, "_PATIENCE_S", 0.1)
    monkeypatch.setattr(os, "replace", busy)
    with pytest.raises(LibraryError, match="Access is denied"):
        write_atomically(tmp_path / "a", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (busy.times < (1 << 30) - 1) == windows  # elsewhere the first answer is the last


def test_a_process_in_the_background_has_a_hidden_console_of_its_own_on_windows(monkeypatch):
    monkeypatch.setattr(system, "WINDOWS", True)
    flags = system.detached()["creationflags"]
    assert flags == 0x0800_0000 | 0x0000_0200
    assert not flags & 0x0000_0008, "DETACHED_PROCESS: its children would open windows"


@pytest.mark.skipif(os.name != "posix", reason="sessions are POSIX's")
def test_a_process_in_the_background_leads_its_own_session_elsewhere():
    asks = [sys.executable, "-c", "import os; print(os.getsid(0) == os.getpid())"]
    assert subprocess.check_output(asks, text=True, **system.detached()).strip() == "True"


def test_damaged_files_that_are_being_read_are_put_aside_on_windows(home, monkeypatch):
    home.mkdir(parents=True, exist_ok=True)
    for file, write in (
        ("preferences.json", lambda: update_preferences(home, session_limit=2)),
        ("settings.json", lambda: write_settings(Settings())),
    ):
        (home / file).write_text("[")
        with monkeypatch.context() as patched:
            patched.setattr(system, "WINDOWS", True)
            patched.setattr(os, "replace", BusyFile(1))
            write()
        assert (home / f"{file}.old").read_text() == "["


@pytest.mark.parametrize("windows", [True, False])
def test_an_interrupt_reaches_its_handler(monkeypatch, windows):
    monkeypatch.setattr(system, "WINDOWS", windows)
    if windows:
        monkeypatch.setattr(os, "kill", lambda *_: pytest.fail("this ends the process on Windows"))
    came = []
    before = signal.signal(signal.SIGINT, lambda number, _frame: came.append(number))
    try:
        system.interrupt(signal.SIGINT)
        time.sleep(0)
    finally:
        signal.signal(signal.SIGINT, before)
    assert came == [signal.SIGINT]


@pytest.mark.skipif(os.name != "posix", reason="suspends with a signal")
@pytest.mark.parametrize("windows", [True, False])
def test_the_advice_for_a_suspended_process_is_of_its_system(monkeypatch, windows):
    monkeypatch.setattr(process, "WINDOWS", windows)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        try:
            child.send_signal(signal.SIGSTOP)
            while psutil.Process(child.pid).status() != psutil.STATUS_STOPPED:
                time.sleep(0.01)
            with pytest.raises(SessionError, match="is suspended") as caught:
                process.require_awake(child.pid, "it")
        finally:
            child.kill()
    assert ("kill -CONT" in str(caught.value)) != windows


def by_hand(source):
    """The calls in a module's text that `pongarena.core.system` has its own function for."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            called, given = ast.unparse(node.func), (len(node.args), len(node.keywords))
            if called in {"os.replace", "os.rename", "shutil.move", "os.setsid"}:
                yield called
            if called.endswith(".replace") and given == (1, 0):
                yield called  # a text takes two arguments, a record or a time keywords
            yield from (each.arg for each in node.keywords if each.arg == "start_new_session")
            if called == "os.kill" and node.args and ast.unparse(node.args[0]) == "os.getpid()":
                yield called


def test_nobody_but_one_module_decides_what_windows_does_otherwise():
    found = {
        path.relative_to(PACKAGE).as_posix(): set(by_hand(path.read_text("utf-8")))
        for path in PACKAGE.rglob("*.py")
    }
    del found["core/system.py"]
    assert found.pop("match/match.py") == {"self.player(side).replace"}  # a player's network, no file
    assert {name: calls for name, calls in found.items() if calls} == {}, "use pongarena.core.system"


def test_calls_by_hand_are_recognised():
    wrong = "p.replace(q); os.rename(a, b); Popen(x, start_new_session=alone); os.kill(os.getpid(), 2)"
    assert list(by_hand(wrong)) == ["p.replace", "os.rename", "start_new_session", "os.kill"]
    assert not list(by_hand("'a'.replace('b', 'c'); now.replace(tzinfo=UTC); os.kill(pid, 9)"))
