"""What is in the box: the opponents change with every training, the tests do not."""

import json

from pongarena.core import paths
from pongarena.library.models import Library


def built_in(name):
    """An opponent's latest checkpoint, as it is named: ``"rallier@201"``."""
    return str(Library().checkpoint(name))


def rungs():
    """The opponents' names, from the weakest to the strongest."""
    return json.loads((paths.assets_dir() / "opponents" / "ladder.json").read_text())["opponents"]
