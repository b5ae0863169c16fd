"""Time that is worked and time that is rested."""

import pytest

from pongarena.jobs.throttle import Stopwatch, Throttle
from tests.clock import FakeClock


def test_a_stopwatch_counts_only_while_it_runs():
    clock = FakeClock()
    watch = Stopwatch(now=clock)
    assert watch.seconds() == 0
    watch.start()
    clock.sleep(2)
    watch.start()
    assert watch.seconds() == 2
    watch.stop()
    clock.sleep(3)
    watch.stop()
    assert watch.seconds() == 2


def rested(share, work_s=0.005, turns=20):
    clock = FakeClock()
    throttle, rest = Throttle(share, now=clock, sleep=clock.sleep), 0.0
    for _ in range(turns):
        clock.sleep(work_s)
        begin = clock()
        throttle.work()
        while throttle.rest():
            pass
        rest += clock() - begin
    return rest


@pytest.mark.parametrize(("share", "expected"), [(0.5, 0.1), (0.25, 0.3), (1.0, 0.0)])
def test_a_share_rests_for_as_long_as_it_has_to_and_a_whole_one_never(share, expected):
    assert rested(share) == pytest.approx(expected, abs=0.011)


def test_it_rests_by_the_real_clock_too():
    throttle = Throttle(0.5)
    throttle._owed_s = 0.02
    assert throttle.rest() and not throttle.rest()


def test_what_was_no_work_earns_no_rest():
    clock = FakeClock()
    throttle = Throttle(0.1, now=clock, sleep=clock.sleep)
    clock.sleep(5)
    throttle.restart()
    throttle.work()
    assert not throttle.rest()


def test_long_work_is_paid_in_full_with_time_to_look_up_in_between():
    # a rollout of a second came with a rest of 0.3 s, whatever the share
    assert rested(0.5, work_s=0.5, turns=1) == pytest.approx(0.5)
    clock = FakeClock()
    throttle = Throttle(0.5, now=clock, sleep=clock.sleep)
    clock.sleep(0.5)
    throttle.work()
    begin = clock()
    assert throttle.rest()
    assert clock() - begin == pytest.approx(0.1)


def test_what_a_caller_does_between_two_rests_is_no_work():
    clock = FakeClock()
    throttle = Throttle(0.5, now=clock, sleep=clock.sleep)
    clock.sleep(0.2)
    throttle.work()
    rests = 0
    while throttle.rest():
        clock.sleep(0.05)
        rests += 1
    assert rests == 2
