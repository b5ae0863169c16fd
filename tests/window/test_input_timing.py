"""How long an input takes to the picture, beyond the console's own delay."""

import time

import pygame

from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.window.app import play
from pongarena.window.input_timing import InputDelays, InputTimes

LATE = 3


class Enough(InputTimes):
    """Closes the window when some keys and motions of the mouse were measured."""

    def end(self, work_s):
        super().end(work_s)
        if min(len(self.delays.keys), len(self.delays.mouse)) >= 3 or len(self.work_s) > 2000:
            pygame.event.post(pygame.event.Event(pygame.QUIT))


def measured(deliver):
    match, delays = Match(PlayerSpec.human(), PlayerSpec.human()), InputDelays()
    times = Enough(match, delays, seed=3, rate_hz=500, deliver=lambda event: deliver(times, event))
    play(match, log=False, mute=True, crt=False, recorder=times)
    times.close()
    return delays.keys + delays.mouse


def test_keys_and_the_mouse_are_seen_within_a_frame():
    delays = measured(lambda times, event: pygame.event.post(event))
    assert len(delays) >= 6
    assert sorted(delays)[len(delays) // 2] == 0
    assert max(delays) <= 1


def test_an_input_that_comes_late_is_measured_as_late():
    def late(times, event):
        due = len(times.start_s) + LATE
        while len(times.start_s) < due and len(times.work_s) < 2000:
            time.sleep(0.001)
        pygame.event.post(event)

    delays = measured(late)
    assert len(delays) >= 6
    assert min(delays) >= LATE - 1
