"""A session and a match window together for a long time: memory and file handles stay flat, frames in time.

Seconds by default; ``PONGARENA_SOAK_MINUTES=30`` for the long form.
"""

import json
import os
import sys
import time

import numpy as np
import psutil
import pytest

from pongarena.library.sessions.client import State, request, start_session
from pongarena.training.registry import recipe
from tests.torture.conftest import ROOT
from tests.waiting import wait_for, wait_until

MINUTES = float(os.environ.get("PONGARENA_SOAK_MINUTES", "0"))
SECONDS = 60 * MINUTES or 6.0

_WINDOW = """
import gc, json, sys, time
from functools import partial
from pongarena.bench.window import _play, _with_display

end, seed, rates = time.monotonic() + float(sys.argv[1]), 0, []
while (left := end - time.monotonic()) > 1:
    times = _with_display(partial(_play, min(left, 15), 200, seed))
    rates.append((len(times.start_s) - 1) / (times.start_s[-1] - times.start_s[0]))
    seed += 1
    gc.collect()  # a window that was closed goes in one piece, when its cycles are found
print(json.dumps(rates))
"""
"""Matches one after another; tells the frames a second of each."""


def slope_mb_per_minute(samples):
    """Of the second half: the first one fills caches."""
    half = np.array(samples[len(samples) // 2 :])
    return float(np.polyfit(half[:, 0] / 60, half[:, 1] / 1e6, 1)[0]) if len(half) > 2 else 0.0


@pytest.mark.slow
@pytest.mark.timeout(int(SECONDS) + 900)
def test_a_session_and_a_window_for_a_long_time(library, tally, tmp_path, spawn):
    # long games cut short: many updates and checkpoints in the time there is
    model = library.create("deep", recipe("karpathy", max_frames=1200, checkpoint_every=10), 7)
    session = psutil.Process(start_session(model).pid)
    wait_until(lambda: len(model.checkpoints()) > 1, "it trained")
    with (tmp_path / "window").open("w") as output:
        child = spawn(
            [sys.executable, "-c", _WINDOW, str(SECONDS)],
            stdout=output,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
    window = psutil.Process(child.pid)
    samples = {process: [] for process in (session, window)}
    handles = {process: [] for process in (session, window)}
    loads = []
    begin = time.monotonic()
    while child.poll() is None and time.monotonic() - begin < SECONDS:
        now = time.monotonic() - begin
        for process in (session, window):
            try:
                samples[process].append((now, process.memory_info().rss))
                handles[process].append(process.num_fds() if os.name == "posix" else process.num_handles())
            except psutil.NoSuchProcess:
                assert process is window
        loads.append(os.getloadavg()[0])
        time.sleep(min(5.0, SECONDS / 50))
    assert session.is_running()
    assert not [each for each in session.children(recursive=True) if each.status() == psutil.STATUS_ZOMBIE]
    assert child.wait() == 0
    rates = json.loads((tmp_path / "window").read_text())
    wait_until(lambda: model.status().episode > 0, "a game was played")
    request(model, "stop")
    assert wait_for(model, {State.STOPPED}).episode > 0
    tally["seconds of a session and a window together"] += int(SECONDS)
    for process, name in ((session, "session"), (window, "window")):
        slope = slope_mb_per_minute(samples[process])
        early, late = handles[process][len(handles[process]) // 3], handles[process][-1]
        print(f"{name}: {slope:+.2f} MB a minute, {early} → {late} handles")
        assert late <= early + 8, f"{name}: {early} → {late} file handles"
        if MINUTES >= 5:
            assert slope < 1.0, f"{name} grows by {slope:.2f} MB a minute"
        else:
            assert samples[process][-1][1] < 600e6
    usual, load = float(np.median(rates)), float(np.mean(loads))
    print(
        f"window: {len(rates)} matches, {usual:.1f} frames a second, the slowest {min(rates):.1f}; "
        f"load {load:.1f}, at most {max(loads):.1f}, on {os.cpu_count()} cores"
    )
    # a few seconds, or minutes in which others took the processor, tell nothing about punctuality
    if MINUTES >= 5 and max(loads) > 2 * (os.cpu_count() or 1):
        print("frames not judged: other programs took the processor")
    assert min(rates) > (58 if MINUTES >= 5 and max(loads) <= 2 * (os.cpu_count() or 1) else 1)
