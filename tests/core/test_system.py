"""What Windows does otherwise: its branches, with the system's calls replaced."""

import os
import subprocess
import sys

import pytest

from pongarena.core import system
from pongarena.core.errors import LibraryError
from pongarena.core.files import write_atomically


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
