"""Waiting for what comes in its own time, on a machine twenty times too busy, too."""

import time
from functools import partial

from pongarena.library.sessions import client

PATIENCE_S = 240.0
"""How long anything may take: who waits in vain is seldom, so that it may be long."""

wait_for = partial(client.wait_for, timeout_s=PATIENCE_S)
wait_until_served = partial(client.wait_until_served, timeout_s=PATIENCE_S)


def wait_until(condition, what="it happened", timeout_s=PATIENCE_S):
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.01)
