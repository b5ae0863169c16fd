"""What is in the box: the opponents change with every training, the tests do not."""

from pongarena.library.models import Library


def built_in(name):
    """An opponent's latest checkpoint, as it is named: ``"rallier@201"``."""
    return str(Library().checkpoint(name))
