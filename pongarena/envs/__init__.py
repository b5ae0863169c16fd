"""Environments: observations, vectors of games, Gymnasium, PettingZoo, and checks of the compiled game.

Importing this package registers its environments with Gymnasium. The command line does not need them and
skips this, to start a tenth of a second earlier.
"""

import sys

if "pongarena.cli" not in sys.modules:
    from pongarena.envs import registration as _registration

    _registration.register()
