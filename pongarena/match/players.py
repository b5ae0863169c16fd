"""The built-in kinds of players: a person, the cartridge's own, a network, a file, a recording.

To add one, write a `Player` with `reset` and `act`, and add its `PlayerKind` at the end of this file.
"""

from pongarena.core.arrays import UInt8Array
from pongarena.game.cartridge import Control
from pongarena.game.paddle import Move
from pongarena.match.decision import HISTORY, LONGEST_RALLY, Decision, Rally, RallyStep
from pongarena.match.foreign_player import ForeignPlayer
from pongarena.match.model_player import ModelPlayer, ModelState
from pongarena.match.player import (
    KINDS,
    Player,
    PlayerKind,
    PlayerSpec,
    called,
    check_meeting,
    name_people,
    nicknames,
)

__all__ = [
    "HISTORY",
    "KINDS",
    "LONGEST_RALLY",
    "CartridgeAI",
    "Decision",
    "HumanPlayer",
    "ModelPlayer",
    "ModelState",
    "Player",
    "PlayerKind",
    "PlayerSpec",
    "Rally",
    "RallyStep",
    "called",
    "check_meeting",
    "name_people",
    "nicknames",
]


class HumanPlayer(Player):
    """A person.

    Attributes:
        control: The direction held, or the knob's position; it applies until the next change.
    """

    control: Control = Move.STAY

    def __init__(self, spec: PlayerSpec) -> None:
        self.spec = spec

    def reset(self, seed: int) -> None:
        """Release all controls."""
        self.control = Move.STAY

    def act(self, screen: UInt8Array) -> Control:
        """Return the current control."""
        return self.control


class CartridgeAI(Player):
    """Placeholder for the cartridge's own player."""

    def __init__(self, spec: PlayerSpec) -> None:
        self.spec = spec

    def reset(self, seed: int) -> None:
        """Do nothing: the cartridge resets its own player."""

    def act(self, screen: UInt8Array) -> None:
        """Leave the paddle to the cartridge."""


_BUILT_IN = (
    PlayerKind("human", "at this machine", HumanPlayer, choice="you", is_person=True),
    PlayerKind(
        "ai", "the game's own player", CartridgeAI, choice="CPU (the cartridge's own)", by_cartridge=True
    ),
    PlayerKind("model", "a network", ModelPlayer, plays_checkpoint=True),
    PlayerKind("foreign", "from a file", ForeignPlayer, from_file=True),
    PlayerKind("recording", "its moves, as recorded", HumanPlayer, absent=True),
)
KINDS.update((kind.word, kind) for kind in _BUILT_IN)
