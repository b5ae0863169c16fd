"""A thread by the bell wakes when it rings, and never sleeps again after the end."""

import threading

from pongarena.tui.data.wake_event import WakeEvent


def sleeper(wake_event, times):
    def sleep():
        for _ in range(times):
            wake_event.sleep(600)

    thread = threading.Thread(target=sleep, daemon=True)
    thread.start()
    return thread


def test_a_ring_wakes_once():
    wake_event = WakeEvent()
    wake_event.ring()
    wake_event.sleep(600)
    thread = sleeper(wake_event, 1)
    assert thread.is_alive()
    wake_event.ring()
    thread.join(60)
    assert not thread.is_alive()


def test_who_was_busy_at_the_end_does_not_sleep_afterwards():
    wake_event = WakeEvent()
    wake_event.ring()
    wake_event.end()
    thread = sleeper(wake_event, 3)
    thread.join(60)
    assert not thread.is_alive()
    assert wake_event.ended
