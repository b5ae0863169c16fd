"""Processes that work for another one."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pongarena.core.errors import MatchError, PongArenaError
from pongarena.core.memory import require_memory
from pongarena.jobs.executor import ProcessExecutor, WorkerDiedError, tell_progress


def double(number):
    tell_progress(number)
    return 2 * number


def refuse(number):
    if number == 2:
        raise MatchError("expected 1, got 2")
    return number


def stumble():
    class OurError(Exception):  # cannot be sent
        pass

    raise OurError("somewhere")


def die(number):
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def own_pid():
    return os.getpid()


def live_on_after_ctrl_c():
    os.kill(os.getpid(), signal.SIGINT)
    return "alive"


class Unloadable:
    """Cannot be loaded by whoever gets it."""

    def __reduce__(self):
        return __import__, ("no.such.module",)


def test_results_come_in_the_order_of_the_calls_and_progress_adds_up():
    done = []
    with ProcessExecutor(2) as executor:
        assert executor.run_all(double, [(3,), (5,), (7,)], done.append) == [6, 10, 14]
    assert done == sorted(done) and done[-1] == 15


def test_what_a_task_raises_is_raised():
    with ProcessExecutor(1) as executor:
        with pytest.raises(MatchError, match="expected 1, got 2") as caught:
            executor.run_all(refuse, [(1,), (2,)], lambda _: None)
        assert "in refuse" in caught.value.__notes__[0]
        with pytest.raises(RuntimeError, match="somewhere"):
            executor.submit(stumble).result()
        assert executor.submit(refuse, 1).result() == 1


@pytest.mark.skipif(os.name != "posix", reason="kills")
def test_a_process_that_is_killed_is_told_and_replaced():
    with ProcessExecutor(1) as executor:
        before = executor.submit(own_pid).result()
        assert executor.submit(own_pid).result() == before
        with pytest.raises(WorkerDiedError, match="got one that was killed; free some memory"):
            executor.run_all(die, [(1,), (2,)], lambda _: None)
        assert executor.submit(own_pid).result() != before


def test_one_that_cannot_load_its_work_ends_with_a_line(capfd):
    with (
        ProcessExecutor(1) as executor,
        pytest.raises(PongArenaError, match="see what it said above"),
    ):
        executor.submit(double, Unloadable()).result()
    said = capfd.readouterr().err
    assert "a helper process cannot work" in said and "Traceback" not in said


def test_a_script_that_forgot_its_guard_is_told_of_it(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "from pongarena.jobs.executor import ProcessExecutor\n"
        "with ProcessExecutor(1) as executor: executor.submit(abs, -1).result()\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "WorkerDiedError" in done.stderr and '__name__ == "__main__"' in done.stderr.splitlines()[-1]


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
def test_a_process_is_deaf_to_the_terminals_ctrl_c():
    with ProcessExecutor(1) as executor:
        assert executor.submit(live_on_after_ctrl_c).result() == "alive"


@pytest.mark.skipif(sys.platform != "linux", reason="where processes are listed as files")
def test_leaving_ends_all_processes_in_the_middle_of_their_work():
    with ProcessExecutor(2, niceness=7) as executor:
        pid = executor.submit(own_pid).result()
        assert os.getpriority(os.PRIO_PROCESS, pid) >= 7
        signal_of_work = [executor.submit(signal.pause) for _ in range(3)]
    assert all(each.done() for each in signal_of_work)
    assert not Path(f"/proc/{pid}").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems promise more than they have")
def test_memory_that_is_not_there_is_named():
    require_memory(1 << 20, "a little")
    with pytest.raises(PongArenaError, match="expected 1073741824 MB of memory for a lot, got less"):
        require_memory(1 << 50, "a lot")


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="signals are blocked on POSIX only")
def test_ctrl_c_reaches_no_helper_not_even_the_first():
    """The first one starts multiprocessing's tracker as well, which unblocks what was blocked."""
    code = (
        "import signal\nfrom pongarena.jobs.executor import ProcessExecutor\n"
        "if __name__ == '__main__':\n"
        "    with ProcessExecutor(1) as executor:\n"
        "        print(executor.submit(signal.pthread_sigmask, signal.SIG_BLOCK, ()).result())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "SIGINT" in done.stdout
