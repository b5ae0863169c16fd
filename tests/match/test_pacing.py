"""The schedule of frames: never early, and what is long past is not made up for."""

import time

import pytest

from pongarena.match.pacing import Pacer


@pytest.mark.parametrize("spin_s", [0.0, 0.001])
def test_frames_never_come_early(spin_s):
    start = time.perf_counter()
    pacer = Pacer(500, spin_s=spin_s)
    late = [pacer.wait() for _ in range(10)]
    assert time.perf_counter() - start >= 10 / 500
    assert min(late) >= 0


def test_a_long_stop_is_told_and_not_made_up_for():
    pacer = Pacer(1000)
    stopped = time.perf_counter()
    while time.perf_counter() < stopped + 0.012:
        pass
    resumed = time.perf_counter()
    assert pacer.wait() > 0.005
    pacer.wait()
    assert time.perf_counter() - resumed >= 0.001


def test_a_schedule_that_begins_anew_is_not_late():
    pacer = Pacer(200)
    for _ in range(3):
        pacer.wait()
    begun = time.perf_counter()
    pacer.restart()
    pacer.wait()
    assert time.perf_counter() - begun >= 1 / 200
