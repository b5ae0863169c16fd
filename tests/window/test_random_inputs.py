"""A clumsy person at the window: keys, clicks, sizes, focus and gamepads at random.

``PONGARENA_RANDOM_INPUTS=10000`` makes it as many inputs instead of 600, ``PONGARENA_RANDOM_SEED`` others.
"""

import os
from collections import Counter

import numpy as np
import pygame
import pytest

from pongarena.match.log import read_log
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.match.variant import PLAIN
from pongarena.window.app import play
from pongarena.window.attract import Attract
from pongarena.window.keys import YES
from tests.window.script import Script, post, press, release

HUMAN, AI = PlayerSpec.human(), PlayerSpec.ai()

_A_FRAME = 6
_SIZES = [(640, 480), (1024, 600), (1366, 768), (160, 120), (500, 900), (1500, 300)]
_LEFT_OUT = {
    *(pygame.K_q, pygame.K_RETURN, pygame.K_KP_ENTER),  # leave, and yes
    *(pygame.K_F9, pygame.K_F10, pygame.K_F12),  # write files
}
_KEYS = [key for key in (*range(32, 127), *range(pygame.K_F1, pygame.K_F12 + 1)) if key not in _LEFT_OUT]
_KEYS += [pygame.K_LEFT, pygame.K_RIGHT, pygame.K_UP, pygame.K_DOWN, pygame.K_ESCAPE, pygame.K_TAB]
_WINDOW = [
    *(pygame.WINDOWFOCUSLOST, pygame.WINDOWFOCUSGAINED, pygame.WINDOWMINIMIZED, pygame.WINDOWRESTORED),
    *(pygame.WINDOWEXPOSED, pygame.WINDOWLEAVE),
]


class Clumsy:
    """Makes inputs, and counts them by kind."""

    def __init__(self, seed):
        self.counts = Counter()
        self._rng = np.random.default_rng(seed)
        self._kinds = {"key": 10, "mouse": 5, "focus": 1, "size": 0.3, "pad": 2}

    def input(self):
        names, weights = zip(*self._kinds.items(), strict=True)
        kind = str(self._rng.choice(names, p=np.array(weights) / sum(weights)))
        self.counts[kind] += 1
        return getattr(self, f"_{kind}")()

    def _one_of(self, values):
        return values[int(self._rng.integers(len(values)))]

    def _key(self):
        return self._one_of([press, press, release])(self._one_of(_KEYS))

    def _mouse(self):
        at = int(self._rng.integers(1400)), int(self._rng.integers(800))
        if self._rng.random() < 0.5:
            return post(pygame.MOUSEBUTTONDOWN, pos=at, button=self._one_of([1, 2, 3]))
        return post(pygame.MOUSEMOTION, pos=at, rel=(0, 0), buttons=(int(self._rng.integers(2)), 0, 0))

    def _focus(self):
        return post(self._one_of(_WINDOW))

    def _size(self):
        size = self._one_of(_SIZES)

        def resize():
            pygame.display.set_mode(size, pygame.RESIZABLE)
            post(pygame.VIDEORESIZE, size=size)()

        return resize

    def _pad(self):
        button = self._one_of([each for each in range(16) if each != YES])
        kinds = (
            post(pygame.JOYAXISMOTION, instance_id=3, axis=1, value=float(self._rng.uniform(-1, 1))),
            post(pygame.JOYHATMOTION, instance_id=3, hat=0, value=(0, self._one_of([-1, 0, 1]))),
            post(self._one_of([pygame.JOYBUTTONDOWN, pygame.JOYBUTTONUP]), instance_id=3, button=button),
            post(pygame.JOYDEVICEREMOVED, instance_id=3),
        )
        return self._one_of(kinds)


def check(results):
    """A match that would be rated was not spoiled: nobody has said yes."""
    for result in results:
        spoiled = result.rewound, *result.altered, *result.taken_over
        assert result.variant != PLAIN or not any(spoiled), result


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_random_inputs_break_nothing_and_spoil_no_rated_match_without_a_question(model):
    """The one yes, Enter or the gamepad's, is left out: so nothing that was asked may happen."""
    count = int(os.environ.get("PONGARENA_RANDOM_INPUTS", "600"))
    clumsy = Clumsy(int(os.environ.get("PONGARENA_RANDOM_SEED", "5")))
    networks = model(hidden=8), model(1, hidden=50)
    pairings = [(networks[0], HUMAN), (HUMAN, HUMAN), networks, (HUMAN, AI)]
    longest = -(-count // _A_FRAME // len(pairings))
    windows, given = 0, 0

    def next_opponent(result):
        return (model(result.seed % 9, hidden=8), HUMAN) if result.seed % 3 else (HUMAN, AI)

    def give(how_many):
        nonlocal given
        for _ in range(how_many):
            given += 1
            clumsy.input()()

    while given < count:  # Esc on a title or an end closes the window
        match, seen = Match(*pairings[windows % len(pairings)], seed=windows, sound=True), []
        script = {frame: [lambda: give(_A_FRAME)] for frame in range(5, 5 + longest)}
        script[7 + longest] = [lambda seen=seen, match=match: seen.append(match.result())]
        attract = Attract(lambda: (AI, model(hidden=8)), after_s=0.05)
        person = Script(script, last=9 + longest)
        play(match, title=windows % 2 > 0, attract=attract, next_opponent=next_opponent, recorder=person)
        check(seen)
        windows += 1
    results = read_log().results
    check(results)
    print(f"{given:,} inputs {dict(clumsy.counts)} at {windows} windows, {len(results):,} matches")
