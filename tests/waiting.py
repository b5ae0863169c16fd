"""Waiting for what comes in its own time, on a busy machine too."""

import time


def wait_until(condition, what="it happened", timeout_s=60.0):
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.01)
