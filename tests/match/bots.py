"""Players as somebody else would bring them: see `test_foreign.py`."""

import os
import time

import numpy as np


class Chaser:
    """Runs after the ball, and says how sure it is."""

    observation = "view"
    actions = ("up", "stay", "down")

    def __init__(self):
        self.games = 0

    def reset(self, seed):
        self.games += 1

    def predict(self, observation):
        print("this is no answer")
        assert observation.shape == (80, 80) and observation.dtype == np.uint8 and self.games
        ball, own = np.nonzero(observation[:, 10:66])[0], np.nonzero(observation[:, 66:76])[0]
        if not len(ball) or not len(own):
            return [0.25, 0.5, 0.25]
        return [0.9, 0.0, 0.1] if ball.mean() < own.mean() else [0.1, 0.0, 0.9]


make_player = Chaser


class Seer:
    """Sees in colour, and moves up while its own paddle is green and on the right."""

    observation = "rgb"
    frame_skip = 1

    def predict(self, observation, state=None, deterministic=False):
        green = (observation == (92, 186, 92)).all(axis=2)
        assert observation.shape == (210, 160, 3) and not green[34:194, :140].any()
        return np.array(1), state


class Broken:
    """Does what it is told to once a match is under way."""

    def __init__(self, fault):
        self.fault, self.asked = fault, 0

    def predict(self, observation):
        self.asked += 1
        return self.fault() if self.asked > 2 else 0


def raising():
    def fault():
        raise KeyError("no such weight")

    return Broken(fault)


def hanging():
    return Broken(lambda: time.sleep(600))


def ending():
    return Broken(lambda: os._exit(3))


def guessing():
    return Broken(lambda: [float("nan"), 0.5])


def deaf():
    return object()


class Wishful:
    observation = "memory"

    def predict(self, observation):
        return 0
