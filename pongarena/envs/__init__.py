"""What an agent sees: observations, many games at once, Gymnasium, PettingZoo; and that both games are one.

Importing this package registers its environments with Gymnasium. Only the program itself, which needs none of
them, does without: it would begin a tenth of a second later.
"""

import sys

if "pongarena.cli" not in sys.modules:
    from pongarena.envs import registration as _registration

    _registration.register()
