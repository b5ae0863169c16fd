"""A thread by the bell wakes when it rings, and never sleeps again after the end."""

import threading

from pongarena.tui.data.wake_event import Bell


def sleeper(bell, times):
    def sleep():
        for _ in range(times):
            bell.sleep(600)

    thread = threading.Thread(target=sleep, daemon=True)
    thread.start()
    return thread


def test_a_ring_wakes_once():
    bell = Bell()
    bell.ring()
    bell.sleep(600)
    thread = sleeper(bell, 1)
    assert thread.is_alive()
    bell.ring()
    thread.join(60)
    assert not thread.is_alive()


def test_who_was_busy_at_the_end_does_not_sleep_afterwards():
    bell = Bell()
    bell.ring()
    bell.end()
    thread = sleeper(bell, 3)
    thread.join(60)
    assert not thread.is_alive()
    assert bell.ended
