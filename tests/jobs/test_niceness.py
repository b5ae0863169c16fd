"""Background work lets everything else go first."""

import subprocess
import sys

import psutil
import pytest

from pongarena.jobs.niceness import step_back

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="niceness has numbers on POSIX")


def test_a_process_becomes_nice_and_never_less_so():
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        own = psutil.Process().nice()
        for asked, expected in ((5, max(own, 5)), (10, max(own, 10)), (3, max(own, 10))):
            step_back(asked, process.pid)
            assert psutil.Process(process.pid).nice() == expected
        assert psutil.Process().nice() == own
    finally:
        process.communicate(b"\n")
    step_back(5, process.pid)  # it is gone: nothing happens
