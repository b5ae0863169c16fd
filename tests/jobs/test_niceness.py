"""Background work lets everything else go first."""

import subprocess
import sys
from pathlib import Path

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


@pytest.mark.skipif(not Path("/proc/self/autogroup").exists(), reason="needs a kernel that groups terminals")
@pytest.mark.parametrize("leads", [True, False])
def test_who_shares_a_terminal_leaves_its_share_of_the_processor_alone(leads):
    nicer = "from pongarena.jobs.niceness import step_back; step_back(7)"
    does = f"exec({nicer!r})" if leads else f"subprocess.run([sys.executable, '-c', {nicer!r}], check=True)"
    says = "print(open('/proc/self/autogroup').read())"
    told = subprocess.run(
        [sys.executable, "-c", f"import subprocess, sys; {says}; {does}; {says}"],
        capture_output=True,
        text=True,
        check=True,
        start_new_session=True,
    )
    before, after = (line.rpartition("nice ")[2] for line in told.stdout.split("\n") if line)
    assert (before, after) == ("0", "7" if leads else "0")
