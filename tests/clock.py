"""A clock that goes on when it is told to, for what is due at its time."""


class FakeClock:
    def __init__(self):
        self.time = 100.0

    def __call__(self):
        return self.time

    def sleep(self, seconds):
        self.time += seconds
