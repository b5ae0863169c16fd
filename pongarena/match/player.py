"""The interface of players, and the registry of their kinds.

A match asks a `Player` for its controls, never for its kind. A `PlayerSpec` names a player and creates it.
Everything that differs between kinds is in the `PlayerKind`, in `KINDS`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from pongarena.core.arrays import BoolArray, UInt8Array
from pongarena.core.errors import MatchError
from pongarena.game.cartridge import Control, Side
from pongarena.match.decision import Decision
from pongarena.match.result import call
from pongarena.nn.checkpoint import Checkpoint

if TYPE_CHECKING:
    from pongarena.match.foreign import ForeignSource

__all__ = [
    "KINDS",
    "Player",
    "PlayerKind",
    "PlayerSpec",
    "called",
    "check_meeting",
    "name_people",
    "nicknames",
]


@dataclass(frozen=True)
class PlayerSpec:
    """Describes a player; any number of players can be created from one spec.

    Attributes:
        kind: A key of `KINDS`.
        name: The player's name on screens, in the log and in the ratings.
        checkpoint: The network; required for kinds that play one, forbidden for others.
        greedy: Whether the network takes its likeliest action instead of sampling.
        sticky: Probability that a network's last move is repeated in a frame.
        source: The file of a player from a file.
        nickname: What a person is called on screens and in the log; empty for "you".

    Raises:
        MatchError: When there is no such kind, or the checkpoint does not fit it.
    """

    kind: str
    name: str
    checkpoint: Checkpoint | None = None
    greedy: bool = False
    sticky: float = 0.0
    source: "ForeignSource | None" = None
    nickname: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise MatchError(
                f"expected a kind of player, one of {', '.join(KINDS)}, got {self.kind!r}; "
                "install the package that provides it"
            )
        if self.traits.plays_checkpoint != (self.checkpoint is not None):
            raise MatchError(
                f"expected a checkpoint for a model and for no other kind, got kind {self.kind!r} "
                f"{'without' if self.checkpoint is None else 'with'} one; "
                "name a model, or 'human', or 'ai'"
            )

    @property
    def traits(self) -> "PlayerKind":
        """What all players of this kind have in common."""
        return KINDS[self.kind]

    @property
    def is_person(self) -> bool:
        """Whether a person at this machine moves the paddle."""
        return self.traits.is_person

    def player(self) -> "Player":
        """Create a new player."""
        return self.traits.make(self)

    @classmethod
    def human(cls, name: str = "human") -> "PlayerSpec":
        """A person at this machine."""
        return cls("human", name)

    @classmethod
    def ai(cls) -> "PlayerSpec":
        """The cartridge's own computer player."""
        return cls("ai", "ai")

    @classmethod
    def recording(cls, name: str) -> "PlayerSpec":
        """A player of a recorded match of whom only the moves are left."""
        return cls("recording", name)

    @classmethod
    def model(cls, checkpoint: Checkpoint, *, greedy: bool = False) -> "PlayerSpec":
        """A network, named ``model@game``."""
        return cls("model", str(checkpoint.card), checkpoint, greedy)


def called(specs: Sequence[PlayerSpec], names: Sequence[str] | None = None) -> tuple[str, str]:
    """Return the display names of left and right: people by their names, else "you", or their sides.

    Args:
        specs: The players.
        names: Current names of the players, if they differ from the specs.
    """
    names = names or [spec.name for spec in specs]
    left, right = ("human" if spec.is_person else n for spec, n in zip(specs, names, strict=True))
    return call(left, right, nicknames(specs))


def nicknames(specs: Sequence[PlayerSpec]) -> tuple[str, str]:
    """The names of the people among two players; empty for everybody else."""
    left, right = (spec.nickname if spec.is_person else "" for spec in specs)
    return left, right


def name_people(specs: Sequence[PlayerSpec], names: Sequence[str]) -> tuple[PlayerSpec, PlayerSpec]:
    """Give the people among two players their names.

    Args:
        specs: The left and the right player.
        names: Of one person, or of two, the left one's first; missing and empty ones name nobody.
    """
    left_to_give = [*names, "", ""]
    left, right = (replace(spec, nickname=left_to_give.pop(0)) if spec.is_person else spec for spec in specs)
    return left, right


def check_meeting(*specs: PlayerSpec) -> None:
    """Check that two players can meet.

    Raises:
        MatchError: When the cartridge would have to move both paddles.
    """
    if all(spec.traits.by_cartridge for spec in specs):
        raise MatchError(
            f"expected at most one player to be {specs[0].name!r}, got two: the cartridge's CPU holds one "
            "paddle only and cannot play against itself; put a model on one side, or play yourself: "
            "pongarena play human ai"
        )


class Player(Protocol):
    """Moves one paddle, frame by frame, and always sees itself on the right.

    Derive from it. A player needs `reset` and `act` only; the rest is for players that can be inspected or
    changed during a match.

    Attributes:
        spec: Its spec.
        side: The side that it plays; set by the match.
        decision: Its latest decision; None for players that show none, and before the first.
        muted: Shape (hidden,): the units of its network whose activation counts as 0; None without a network.
    """

    spec: PlayerSpec
    side: Side = Side.RIGHT
    decision: Decision | None = None
    muted: BoolArray | None = None

    def reset(self, seed: int) -> None:
        """Start a new game; the same seed and the same screens give the same play."""

    def act(self, screen: UInt8Array) -> Control | None:
        """Choose the control for the next frame; None where the cartridge itself plays.

        Args:
            screen: The current screen, shape (210, 160), with this player on the right; do not keep or
                change it.
        """

    def close(self) -> None:
        """Release resources at the end of the match."""

    def end_rally(self, outcome: int) -> None:
        """Note who won the point: +1 for this player, −1 for the other."""

    def state(self) -> Any:  # noqa: ANN401 - each kind's own
        """Save all that later frames depend on, except what is muted, as an immutable object."""
        return None

    def restore(self, state: Any) -> None:  # noqa: ANN401
        """Go back to a saved state: the same screens then lead to the same play."""

    def mute(self, units: BoolArray) -> None:
        """Set the activations of exactly these units to 0: shape (hidden,).

        Raises:
            MatchError: When there is no network, or one of another size.
        """
        raise self._no_network()

    def replace(self, checkpoint: Checkpoint) -> None:
        """Take other weights during a game.

        Raises:
            MatchError: When there is no network, or one of another shape.
        """
        raise self._no_network()

    def _no_network(self) -> MatchError:
        return MatchError(f"expected a network on the {self.side}, got {self.spec.name}")


@dataclass(frozen=True)
class PlayerKind:
    """What all players of one kind have in common.

    Attributes:
        word: Its name, also in the match log.
        about: A short description.
        make: Creates a player from a spec.
        choice: Its label in forms; empty for kinds that need more than the word.
        is_person: Whether a person at this machine moves the paddle.
        by_cartridge: Whether the cartridge itself plays, which it can do on one side only.
        absent: Whether nobody plays; only replays can have such a player.
        plays_checkpoint: Whether it plays a checkpoint.
        from_file: Whether it comes from a file, named in its spec.
    """

    word: str
    about: str
    make: Callable[[PlayerSpec], Player]
    choice: str = ""
    is_person: bool = False
    by_cartridge: bool = False
    absent: bool = False
    plays_checkpoint: bool = False
    from_file: bool = False


KINDS: dict[str, PlayerKind] = {}
"""All kinds by their word, in the order of forms; `match.players` adds the built-in ones."""
