"""Time that is worked and time that is rested."""

import time

from pongarena.jobs.throttle import Stopwatch, Throttle


def test_a_stopwatch_counts_only_while_it_runs():
    watch = Stopwatch()
    assert watch.seconds() == 0
    watch.start()
    time.sleep(0.02)
    watch.start()
    watch.stop()
    shown = watch.seconds()
    assert shown >= 0.02
    time.sleep(0.02)
    watch.stop()
    assert watch.seconds() == shown


def rested(share, work_s=0.005, turns=20):
    allowance, rest = Throttle(share), 0.0
    for _ in range(turns):
        end = time.process_time() + work_s
        while time.process_time() < end:
            pass
        begin = time.monotonic()
        allowance.work()
        while allowance.rest():
            pass
        rest += time.monotonic() - begin
    return rest


def test_half_a_share_rests_at_least_as_long_as_it_works_and_a_whole_one_never():
    assert rested(0.5) > 0.08
    assert rested(0.25) > 2 * 0.1
    assert rested(1.0) < 0.05


def test_what_was_no_work_earns_no_rest():
    allowance = Throttle(0.1)
    time.sleep(0.1)
    allowance.restart()
    allowance.work()
    assert not allowance.rest()


def test_long_work_is_paid_in_full_with_time_to_look_up_in_between():
    # a rollout of a second came with a rest of 0.3 s, whatever the share
    assert rested(0.5, work_s=0.5, turns=1) > 0.45
    allowance = Throttle(0.5)
    time.sleep(0.5)
    allowance.work()
    begin = time.monotonic()
    assert allowance.rest()
    assert time.monotonic() - begin < 0.3


def test_what_a_caller_does_between_two_rests_is_no_work():
    allowance = Throttle(0.5)
    time.sleep(0.2)
    allowance.work()
    rests = 0
    while allowance.rest():
        time.sleep(0.05)
        rests += 1
    assert rests < 4
