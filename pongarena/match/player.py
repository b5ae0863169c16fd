"""What a player is, whatever its kind; and the kinds that are known.

A match asks a `Player` what to do and never what kind it is of. A `PlayerSpec` says who is to play and makes
the player; everything that differs from kind to kind is in its `PlayerKind`, in `KINDS`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from pongarena.core.arrays import BoolArray, UInt8Array
from pongarena.core.errors import MatchError
from pongarena.game.cartridge import Control, Side
from pongarena.match.decision import Decision
from pongarena.match.result import call
from pongarena.nn.checkpoint import Checkpoint

if TYPE_CHECKING:
    from pongarena.match.foreign import ForeignSource

__all__ = ["KINDS", "Player", "PlayerKind", "PlayerSpec", "called", "check_meeting"]


@dataclass(frozen=True)
class PlayerSpec:
    """Who is to hold a paddle; any number of players can be made of one.

    Attributes:
        kind: A word of `KINDS`.
        name: What the screens, the log and the ratings call the player.
        checkpoint: The network; needed for, and only for, kinds that play one.
        greedy: Whether the network takes its likelier action instead of drawing it with P(UP).
        sticky: Probability that a network's last move is repeated in a frame.
        source: The file of a player from outside.

    Raises:
        MatchError: When there is no such kind, or the checkpoint does not fit it.
    """

    kind: str
    name: str
    checkpoint: Checkpoint | None = None
    greedy: bool = False
    sticky: float = 0.0
    source: "ForeignSource | None" = None

    def __post_init__(self) -> None:
        """Refuses what cannot play."""
        if self.kind not in KINDS:
            raise MatchError(
                f"expected a kind of player, one of {', '.join(KINDS)}, got {self.kind!r}; "
                "install what brings it"
            )
        if self.traits.plays_checkpoint != (self.checkpoint is not None):
            raise MatchError(
                f"expected a checkpoint for a model and for nobody else, got kind {self.kind!r} "
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
        """A new player."""
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
        """Whoever it was, of whom only the moves are left."""
        return cls("recording", name)

    @classmethod
    def model(cls, checkpoint: Checkpoint, *, greedy: bool = False) -> "PlayerSpec":
        """A network, named ``model@game``."""
        return cls("model", str(checkpoint.card), checkpoint, greedy)


def called(specs: Sequence[PlayerSpec], names: Sequence[str] | None = None) -> tuple[str, str]:
    """What left and right are called on a screen: a single person is you, two have a side each.

    Args:
        specs: The players.
        names: Of all others as they are now, if not those of the specs.
    """
    names = names or [spec.name for spec in specs]
    return call(*("human" if spec.is_person else n for spec, n in zip(specs, names, strict=True)))


def check_meeting(*specs: PlayerSpec) -> None:
    """Sees to it that two can meet, before anything is set up for them.

    Raises:
        MatchError: When both are to be moved by the cartridge.
    """
    if all(spec.traits.by_cartridge for spec in specs):
        raise MatchError(
            f"expected at most one player to be {specs[0].name!r}, got two: the cartridge's CPU holds one "
            "paddle only and cannot play against itself; put a model on one side, or play yourself: "
            "pongarena play human ai"
        )


class Player(Protocol):
    """Moves one paddle, frame by frame, and sees itself on the right whichever paddle that is.

    Derive from it: `reset` and `act` are all that a player needs, the rest is for those that can be shown,
    looked into, or changed during a match.

    Attributes:
        spec: Who it is.
        side: The paddle that it holds; the match sets it.
        decision: Its latest decision; None for those that show none, and before the first.
        muted: Shape (hidden,): the units of its network whose activation counts as 0; None without one.
    """

    spec: PlayerSpec
    side: Side = Side.RIGHT
    decision: Decision | None = None
    muted: BoolArray | None = None

    def reset(self, seed: int) -> None:
        """Begins a new game; the same seed and the same screens give the same play."""

    def act(self, screen: UInt8Array) -> Control | None:
        """What to do in the coming frame; None where the cartridge itself plays.

        Args:
            screen: The present one, shape (210, 160), with this player on the right; not kept, not changed.
        """

    def close(self) -> None:
        """Frees what it holds; the match is over for it."""

    def end_rally(self, outcome: int) -> None:
        """Learns who made the point: +1 for this player, −1 for the other."""

    def state(self) -> Any:  # noqa: ANN401 - each kind's own
        """All that the coming frames depend on, but for what is muted; nothing in it may change."""
        return None

    def restore(self, state: Any) -> None:  # noqa: ANN401
        """Goes back to what `state` gave: the same screens will bring the same play again."""

    def mute(self, units: BoolArray) -> None:
        """Lets the activation of these units, and of no others, count as 0: shape (hidden,).

        Raises:
            MatchError: When there is no network, or one of another size.
        """
        raise self._no_network()

    def replace(self, checkpoint: Checkpoint) -> None:
        """Takes other weights in the middle of a game.

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
        word: Its name, in the match log too.
        about: What it is, in a few words.
        make: Makes a player of a spec.
        choice: What forms offer it as; empty for those that cannot be asked for by the word alone.
        is_person: Whether a person at this machine moves the paddle.
        by_cartridge: Whether the cartridge itself plays; it can do so on one side only.
        absent: Whether nobody plays: only a match that is played again can have such a player.
        plays_checkpoint: Whether it is a network.
        from_file: Whether it is somebody else's: its spec has the file.
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
"""Every kind by its word, in the order of forms; `match.players` puts in the built-in ones."""
