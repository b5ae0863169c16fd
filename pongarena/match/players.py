"""The kinds of players: a person, the cartridge's own, a network, somebody else's, a recording.

To add one, write a `Player` with `reset` and `act`, and put its `PlayerKind` in at the end of this file.
"""

from pongarena.core.arrays import UInt8Array
from pongarena.game.cartridge import Control
from pongarena.game.paddle import Move
from pongarena.match.decision import HISTORY, LONGEST_RALLY, Decision, Rally, RallyStep
from pongarena.match.foreign_player import ForeignPlayer
from pongarena.match.model_player import ModelPlayer, ModelState
from pongarena.match.player import KINDS, Player, PlayerKind, PlayerSpec, called, check_meeting

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
]


class HumanPlayer(Player):
    """A person: repeats what was last set.

    Attributes:
        control: The direction held, or the knob's position.
    """

    control: Control = Move.STAY

    def __init__(self, spec: PlayerSpec) -> None:
        self.spec = spec

    def reset(self, seed: int) -> None:
        """Lets go of everything."""
        self.control = Move.STAY

    def act(self, screen: UInt8Array) -> Control:
        """The latest input; the picture is for the person's eyes."""
        return self.control


class CartridgeAI(Player):
    """Stands where the cartridge plays by itself."""

    def __init__(self, spec: PlayerSpec) -> None:
        self.spec = spec

    def reset(self, seed: int) -> None:
        """Nothing to forget: the cartridge's reset does it."""

    def act(self, screen: UInt8Array) -> None:
        """Leaves it to the cartridge."""


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
