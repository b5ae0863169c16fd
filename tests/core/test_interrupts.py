"""Processes that signals end: quietly, all that they held put away, with the status that shells expect."""

import os
import signal
import subprocess
import sys

import pytest

from pongarena.core.interrupts import SIGNALS, Interrupted, Interruption, asking

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")

BEGIN = (
    "import os, signal, sys, threading, time\n"
    "from pongarena.core.interrupts import asking, own_signals, without_interrupts\n"
    "ME = os.getpid()\n"
    # a signal just before one long sleep would be noticed after it only
    "def nap():\n"
    " for _ in range(600): time.sleep(.1)\n"
)


def end(code, number, **options):
    """Runs code that says "ready", and sends it a signal."""
    command = [sys.executable, "-c", BEGIN + code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options) as process:
        assert process.stdout.readline() == b"ready\n", process.stderr.read()
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
        assert b"Traceback" not in err and b"Exception ignored" not in err, err
        return process.returncode, out


@pytest.mark.parametrize("number", SIGNALS)
def test_what_was_held_is_put_away_and_the_status_tells_the_signal(number):
    code = "with own_signals():\n try:\n  print('ready', flush=True); nap()\n finally: print('away')"
    assert end(code, number) == (128 + number, b"away\n")


@pytest.mark.parametrize(
    "code",
    [
        # Python drops what a collected object's end raises
        "class Slow:\n def __del__(self): print('ready', flush=True); nap()\n"
        "with own_signals():\n x = Slow(); del x; nap()",
        # and kills itself after a KeyboardInterrupt in there
        "with own_signals(): exec(\"print('ready', flush=True); nap()\")",
        # who stops in his own time
        "asked = []\nwith own_signals():\n with asking(asked.append):\n"
        "  print('ready', flush=True)\n  while not asked: time.sleep(.01)",
        # whose error is nothing but the signal's doing
        "with own_signals():\n try: print('ready', flush=True); nap()\n finally: 1 / 0",
        # who waits for a thread after its last instruction
        "with own_signals():\n threading.Thread(target=time.sleep, args=(60,)).start()\n"
        " threading.Timer(.1, print, ('ready',), {'flush': True}).start()",
        # in the middle of starting another process
        "with own_signals():\n with without_interrupts():\n  print('ready', flush=True)\n"
        "  for _ in range(20): time.sleep(.01)\n nap()",
    ],
    ids=["dropped", "exec", "asked", "error", "afterwards", "held"],
)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_no_moment_is_a_bad_one(code, number):
    assert end(code, number)[0] == 128 + number


@pytest.mark.parametrize("last", ["pass", "sys.exit(0)", "1 / 0"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_nor_is_the_last_moment(number, last):
    """The body is over, and the end has not begun: an own `__exit__` stands for contextlib's."""
    code = (
        "import contextlib\n"
        "class Slow(contextlib._GeneratorContextManager):\n"
        " def __exit__(self, *error):\n"
        "  print('ready', flush=True); nap()\n"
        "  return super().__exit__(*error)\n"
        "contextlib._GeneratorContextManager = Slow\n"
        "from pongarena.core import interrupts\nimport importlib\n"
        f"with importlib.reload(interrupts).own_signals(): {last}"
    )
    assert end(code, number)[0] == 128 + number


def test_a_signal_that_is_ignored_stays_so():
    code = (
        "with own_signals(), asking(print):\n"
        " print('ready', flush=True); time.sleep(.2); print('on', flush=True)"
    )
    ignore = {"preexec_fn": lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)}
    assert end(code, signal.SIGHUP, **ignore) == (0, b"on\n")


def test_a_status_of_its_own_is_kept_and_an_error_without_a_signal_is_none_of_ours():
    code = BEGIN + "with own_signals(): sys.exit(7)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 7
    code = BEGIN + "with own_signals(): raise ValueError('seen')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 1 and b"ValueError: seen" in done.stderr


def test_a_second_signal_at_once_does_not_disturb_the_tidying_up():
    handler = Interruption()
    with pytest.raises(Interrupted):
        handler(signal.SIGHUP, None)
    handler(signal.SIGTERM, None)
    assert handler.number == signal.SIGHUP


def test_taken_over_signals_come_back():
    before = [signal.getsignal(number) for number in SIGNALS]
    asked = []
    with asking(asked.append, ignored={signal.SIGHUP}):
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGHUP)
    assert asked == [signal.SIGTERM]
    assert [signal.getsignal(number) for number in SIGNALS] == before
