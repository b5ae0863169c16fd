"""Signals, closed terminals, stopped clocks: what happens to processes that run for nights."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import psutil
import pytest

from pongarena.core.errors import SessionError
from pongarena.jobs.process import birth_of, is_alive
from pongarena.jobs.status import read_status
from pongarena.library.sessions.client import State, request, start_session
from tests.torture.conftest import LONG, QUICK, everything, require_readable, unusable
from tests.waiting import PATIENCE_S, wait_for, wait_until, wait_until_served

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")

SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT") if os.name == "posix"]


def read_master(master, log):
    """What the terminal shows; programs block when nobody reads."""
    os.set_blocking(master, False)
    try:
        log += os.read(master, 65536)
    except BlockingIOError:
        time.sleep(0.02)
    return log


@pytest.mark.parametrize("farewell", ["hang up", "break"])
def test_training_in_a_terminal_that_is_closed_ends_with_everything_saved(library, tally, spawn, farewell):
    model = library.create("deep", QUICK, 7)
    command = [sys.executable, "-m", "pongarena", "train", "deep"]
    if farewell == "hang up":
        master, slave = pty.openpty()
        # the child's own session; what it opens first there becomes its terminal
        opener = (
            f"import os; os.open({os.ttyname(slave)!r}, os.O_RDWR); os.execv({sys.executable!r}, {command})"
        )
        process = spawn(
            [sys.executable, "-c", opener], stdin=slave, stdout=slave, stderr=slave, start_new_session=True
        )
        os.close(slave)
        shown = b""
        wait_until(lambda: read_master(master, shown) is None or model.status().episode >= 3, "it trained")
        os.close(master)
    else:  # its output goes through a pipe to a program that ends
        process = spawn(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        wait_until(lambda: model.status().episode >= 3, "it trained")
        process.stdout.close()
        process.stderr.close()
        process.send_signal(signal.SIGHUP)
    process.wait(PATIENCE_S)
    tally["terminals closed"] += 1
    status = model.status()
    assert status.state is State.STOPPED, status
    assert status.episode == model.checkpoints()[-1] >= 2
    require_readable(library)


def test_a_suspended_session_goes_on_where_it_was(library, tally):
    model = library.create("deep", QUICK, 7)
    pid = start_session(model).pid
    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: psutil.Process(pid).status() == psutil.STATUS_STOPPED, "it was suspended")
    path, episode = request(model, "checkpoint"), model.status().episode
    assert model.status().active
    assert path.exists()
    for wait in (lambda: wait_until_served(model, path), lambda: wait_for(model, {State.STOPPED})):
        with pytest.raises(SessionError, match=rf"is suspended .* continue it: kill -CONT {pid}"):
            wait()
    os.kill(pid, signal.SIGCONT)
    tally["suspended and continued"] += 1
    assert wait_until_served(model, path).state is State.RUNNING
    wait_until(lambda: model.status().episode > episode, "it went on")
    request(model, "stop")
    wait_for(model, {State.STOPPED})


def test_a_clock_that_is_set_back_changes_no_weight(sabotage, library, tally):
    for name, back in (("whole", 0), ("victim", 86_400)):
        library.create(name, QUICK, 7)
        said = sabotage("session", model=name, episodes=8, clock_back_s=back)
        assert said["state"] == "finished"
    tally["clock set back"] += 1
    require_readable(library)
    assert everything(library.model("whole")) == everything(library.model("victim"))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system remembers the wall clock's time")
def test_a_clock_that_is_set_makes_no_living_session_dead(library, tally, tmp_path, monkeypatch):
    """Linux tells when a process began by counting back from the present clock."""
    model = library.create("deep", QUICK, 7)
    pid = start_session(model).pid
    set_back = tmp_path / "proc"
    set_back.mkdir()
    for name in ("meminfo", str(pid), "sys"):
        (set_back / name).symlink_to(f"/proc/{name}")
    lines = Path("/proc/stat").read_text().splitlines()
    moved = [f"btime {int(line.split()[1]) - 3600}" if line.startswith("btime") else line for line in lines]
    (set_back / "stat").write_text("\n".join(moved) + "\n")
    monkeypatch.setattr(psutil, "PROCFS_PATH", str(set_back))
    assert abs(psutil.Process(pid).create_time() - model.status().created) > 3500
    tally["clock set back"] += 1
    assert model.status().active
    monkeypatch.undo()


def test_a_number_that_another_process_has_now_is_no_living_session(library, tally):
    """As after a restart of the machine, when the numbers are given out anew."""
    model = library.create("deep", QUICK, 7)
    start_session(model, episodes=2)
    wait_for(model, {State.FINISHED})
    path = model.path / "status.json"
    me, words = psutil.Process(), path.read_text().replace('"finished"', '"running"')
    was = read_status(path)
    assert not is_alive(me.pid, was.created, was.birth)
    for old, new in (
        (f'"pid": {was.pid}', f'"pid": {me.pid}'),
        # the same tick after another boot, at the same time of day
        (was.birth, f"{'0' * 36}/{birth_of(me.pid).rpartition('/')[2]}" if was.birth else "-"),
    ):
        words = words.replace(old, new)
    path.write_text(words)
    tally["process numbers used again"] += 1
    assert model.status().state is State.CRASHED
    library.delete("deep")


def end_in_a_terminal(words, number, begun, after_s, typed=(), *, send=os.kill, brief=False):
    """Runs a command in a terminal, sends it a signal some time after it began, and looks at what it left.

    Args:
        words: The command.
        number: The signal.
        begun: What the terminal has been sent when it began.
        after_s: How long after that.
        typed: What arrives at its input by then, piece by piece.
        send: How it is sent: `os.killpg` to its helpers as well, as a terminal does it.
        brief: Whether the command may have ended by then, well or with an error that it explains.

    Returns:
        What is wrong; empty when nothing is.
    """
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    before = termios.tcgetattr(slave)
    command = [sys.executable, "-m", "pongarena", *words]
    environment = os.environ | {"TERM": "xterm-256color"}
    with subprocess.Popen(
        command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True, env=environment
    ) as process:
        shown, since, limit = b"", None, time.monotonic() + 90
        while process.poll() is None and time.monotonic() < limit:
            if select.select([master], [], [], 0.02)[0]:
                shown += os.read(master, 65536)
            if since is None and begun in shown:
                since = time.monotonic()
                for piece in typed:
                    os.write(master, piece)
                    time.sleep(0.05)
            if since and time.monotonic() >= since + after_s:
                send(process.pid, number)
                since = limit  # only once
        if process.poll() is None:
            process.kill()
    while select.select([master], [], [], 0)[0]:
        shown += os.read(master, 65536)
    expected = {128 + number, -number, 0, 2} if brief else {128 + number}
    wrong = [] if process.returncode in expected else [f"status {process.returncode}"]
    wrong += unusable(slave, before, shown)
    os.close(master)
    os.close(slave)
    unwanted = (b"Traceback", b"Exception ignored", b"leaked") + (b"Error:",) * (not brief)
    wrong += [each.decode() for each in unwanted if each in shown]
    return (
        f"{words} {signal.Signals(number).name} after {after_s:.2f} s: {wrong}\n{shown[-900:]!r}"
        if wrong
        else ""
    )


# each takes much longer than the longest wait before a signal
ENDED = (
    ([], b"\x1b[?1049h"),
    (["watch", "ai", "champion"], b"\x1b[?1049h"),
    (["record", "ai", "champion", "-o", "x.gif", "--points", "21", "--seconds", "600"], b"x.gif"),
    (["reel", "champion", "-o", "y.gif", "--seconds", "60"], b"y.gif"),
    (["eval", "champion", "--games", "400"], b"champion"),
    (["tournament", "start", "champion", "master", "--rounds", "20"], b"matches"),
    (["train", "new"], b"new"),
    (["train", "--recipe", "karpathy"], b"karpathy"),
    (["population", "turbo", "best", "--seeds", "2", "--minutes", "5"], b"trainings"),
)

BRIEF = (
    "models list", "models show champion", "models duplicate champion twin", "models trash", "sessions",
    "jobs", "ladder", "ratings", "replay --list", "tournament list", "tournament show", "lab list",
    "lab run tight-crop", "estimate", "doctor", "completion bash", "export champion out.npz",
    "models export champion", "import out.npz --name came", "docs manual", "bench match", "bench same",
    "train other --background", "lesson export champion", "ladder --scores", "learning-rate new 0.1",
    "stop new", "resume nobody",
)  # fmt: skip
"""Commands that may have ended before the signal."""


@pytest.mark.slow
@pytest.mark.timeout(5400 if LONG else 180)
def test_signals_at_any_moment_leave_a_usable_terminal_and_nothing_half_done(
    dice, tally, tmp_path, monkeypatch, home
):
    """In the short form each command gets one of the signals."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent.parent))
    tries = [(each, number) for each in ENDED for number in SIGNALS] * 6 if LONG else []
    for (words, begun), number in tries or [(each, dice.choice(SIGNALS)) for each in ENDED]:
        send = dice.choice([os.kill, os.killpg])
        assert end_in_a_terminal(words, number, begun, dice.uniform(0, 2.5), send=send) == ""
        tally["commands ended by a signal"] += 1
        assert not [each for each in tmp_path.glob(".*") if each.is_file()]
        assert not list(tmp_path.glob("*.gif"))


@pytest.mark.slow
@pytest.mark.timeout(3600 if LONG else 180)
def test_signals_end_a_brief_command_quietly(dice, tally, tmp_path, monkeypatch, home):
    """In the short form six commands get one of the signals."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent.parent))
    for line in BRIEF if LONG else dice.sample(BRIEF, 6):
        for number in SIGNALS if LONG else [dice.choice(SIGNALS)]:
            # before that Python itself is not up
            wrong = end_in_a_terminal(
                line.split(), number, b"", dice.uniform(0.1, 1), send=os.killpg, brief=True
            )
            assert wrong == ""
            tally["brief commands hit by a signal"] += 1
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.slow
@pytest.mark.parametrize("words", [[], ["watch", "ai", "champion"]], ids=["app", "match"])
def test_whatever_bytes_arrive_the_app_lives_on(dice, tally, words, monkeypatch, home):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent.parent))
    # no letters and no keys that could be a command; reports of the mouse and the terminal that none sends
    strange = [
        b"\xff\xfe", b"\xc3(", b"\x80" * 50, b"\x1b[<999;999M", b"\x1b[<;;M", b"\x1b[?9999;9999$y",
        b"\x1b[1;", b"\x1b[48;24;1000000;1;1t", b"\x1b[48;1000000;80;1;1t", b"\x1b[48;24;99999999999;0;0t",
    ]  # fmt: skip
    typed = [dice.choice(strange) for _ in range(20)]
    tally["pieces of nonsense typed"] += len(typed)
    assert end_in_a_terminal(words, signal.SIGTERM, b"\x1b[?1049h", 1.5, typed) == ""
