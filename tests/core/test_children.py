"""Processes that work for another one."""

import os
import signal
import sys

import pytest

from pongarena.core.children import start_child, work_in_processes
from pongarena.core.errors import PongArenaError
from pongarena.core.memory import require_memory

HERE = "tests.core.test_children"


def double(tell, number):
    tell(number)
    return 2 * number


def die(tell, number):
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def say_mask(line):
    os.kill(os.getpid(), signal.SIGINT)
    line.send("alive")
    line.recv()


def test_results_come_in_the_order_of_the_calls_and_progress_adds_up():
    done = []
    assert work_in_processes(f"{HERE}:double", [(3,), (5,)], done.append) == [6, 10]
    assert max(done) == 8


@pytest.mark.skipif(os.name != "posix", reason="kills")
def test_a_process_that_is_killed_is_told():
    with pytest.raises(PongArenaError, match="got one that was killed; free some memory"):
        work_in_processes(f"{HERE}:die", [(1,), (2,)], lambda _: None)


def test_one_that_cannot_load_its_work_ends_with_a_line(capfd):
    with pytest.raises(PongArenaError, match="free some memory"):
        work_in_processes("no.such.module:work", [(1,)], lambda _: None)
    said = capfd.readouterr().err
    assert "a helper process cannot work" in said and "Traceback" not in said


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
def test_a_child_is_deaf_to_the_terminals_ctrl_c():
    processes = []
    line = start_child(f"{HERE}:say_mask", into=processes)
    try:
        assert line.recv() == "alive"
    finally:
        line.close()
        processes[0].kill()
        processes[0].join()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems promise more than they have")
def test_memory_that_is_not_there_is_named():
    require_memory(1 << 20, "a little")
    with pytest.raises(PongArenaError, match="expected 1073741824 MB of memory for a lot, got less"):
        require_memory(1 << 50, "a lot")
