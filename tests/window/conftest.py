"""What the tests of the window share."""

import pytest

from pongarena.window.display import close_display, open_display
from tests.window.mind import Mind


@pytest.fixture
def display():
    """A display, closed in the end."""
    open_display()
    yield
    close_display()


@pytest.fixture
def mind(model):
    made = []

    def make(hidden=40, height=630, **settings):
        made.append(Mind(model(1, hidden), height, **settings))
        return made[-1]

    yield make
    for each in made:
        each.match.close()
