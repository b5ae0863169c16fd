"""The emulator's module, loaded while signals come."""

import os
import subprocess
import sys

import pytest

CODE = (
    "import os, sys, time\n"
    "from pongarena.core.interrupts import own_signals\n"
    "import numpy, ctypes, enum\n"
    "with own_signals():\n"
    " parent = os.getpid()\n"
    " if sys.argv[1:] and not os.fork():\n"
    "  time.sleep(float(sys.argv[1])); os.kill(parent, 15); os._exit(0)\n"
    " began = time.perf_counter()\n"
    " import pongarena.game.emulator\n"
    " print(time.perf_counter() - began, flush=True)\n"
    " if sys.argv[1:]: time.sleep(60)\n"
)


def load(*arguments):
    return subprocess.run(
        [sys.executable, "-c", CODE, *arguments], capture_output=True, text=True, check=False
    )


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
def test_a_signal_during_the_import_ends_the_process_in_order():
    """In C++, where it raised an exception, it ended by a signal of its own or by abort()."""
    took = float(load().stdout)
    for part in range(1, 21):
        done = load(str(took * part / 20))
        assert (done.returncode, done.stderr) == (128 + 15, "")
