"""Whoever moves a paddle: a person, the cartridge's own AI, or a network.

Every player sees itself on the right: a network on the left is shown the mirrored screen, so the same weights
play either side.
"""

from collections import deque
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from pongarena.agent.checkpoint import Checkpoint
from pongarena.agent.policy import PolicyNetwork
from pongarena.errors import MatchError
from pongarena.game.cartridge import Control, Side
from pongarena.game.paddle import Move
from pongarena.game.rules import FRAME_SKIP
from pongarena.game.vision import Eye, FloatArray, SparseFrames, UInt8Array, mirror

__all__ = [
    "HISTORY",
    "CartridgeAI",
    "HumanPlayer",
    "ModelPlayer",
    "Player",
    "PlayerSpec",
    "Thought",
]

HISTORY = 150
"""Decisions that are remembered for display: 10 s."""


@dataclass(frozen=True)
class PlayerSpec:
    """Who is to hold a paddle.

    Attributes:
        kind: A person, the cartridge's own AI, or a network.
        name: What the window and the result call the player.
        checkpoint: The network; needed for, and only for, the kind "model".
        greedy: Whether the network takes its likelier action instead of drawing it with P(UP).
    """

    kind: Literal["human", "ai", "model"]
    name: str
    checkpoint: Checkpoint | None = None
    greedy: bool = False

    def __post_init__(self) -> None:
        if (self.kind == "model") != (self.checkpoint is not None):
            raise MatchError(
                f"expected a checkpoint for a model and for nobody else, got kind {self.kind!r} "
                f"{'without' if self.checkpoint is None else 'with'} one; "
                "name a model, or 'human', or 'ai'"
            )

    @classmethod
    def human(cls, name: str = "human") -> "PlayerSpec":
        """A person at this machine."""
        return cls("human", name)

    @classmethod
    def ai(cls) -> "PlayerSpec":
        """The cartridge's own computer player."""
        return cls("ai", "ai")

    @classmethod
    def model(cls, checkpoint: Checkpoint, *, greedy: bool = False) -> "PlayerSpec":
        """A network, named ``model@episode``."""
        card = checkpoint.card
        return cls("model", f"{card.model}@{card.episode}", checkpoint, greedy)


@dataclass(frozen=True)
class Thought:
    """One decision of a network.

    Attributes:
        number: Counts the decisions of a game from 1.
        p_up: P(UP), 0..1.
        action: What was drawn from it.
        hidden: Shape (hidden,), float32: the activations.
        seen: What the network was shown, one difference frame, as from the right side.
        history: The latest decisions as (P(UP), action), this one last; grows on while the game goes on.
    """

    number: int
    p_up: float
    action: Move
    hidden: FloatArray
    seen: SparseFrames
    history: deque[tuple[float, Move]]


class Player(Protocol):
    """Moves one paddle, frame by frame."""

    def reset(self, seed: int) -> None:
        """Begins a new game; the same seed and the same screens give the same play."""

    def act(self, screen: UInt8Array) -> Control:
        """What to do in the coming frame.

        Args:
            screen: The present screen, shape (210, 160), as the players see it; not kept, not changed.
        """


class HumanPlayer:
    """A person: repeats what the window last set.

    Attributes:
        control: The direction held, or the knob's position.
    """

    def __init__(self) -> None:
        self.control: Control = Move.STAY

    def reset(self, seed: int) -> None:
        """Lets go of everything."""
        self.control = Move.STAY

    def act(self, screen: UInt8Array) -> Control:
        """The latest input; the picture is for the person's eyes."""
        return self.control


class CartridgeAI:
    """Stands where the cartridge plays by itself; what it returns is ignored."""

    def reset(self, seed: int) -> None:
        """Nothing to forget: the cartridge's reset does it."""

    def act(self, screen: UInt8Array) -> Control:
        """Nothing to do."""
        return Move.STAY


class ModelPlayer:
    """A network: decides in every 4th frame on what changed since its last decision, and holds on to it.

    Attributes:
        policy: The network.
        side: The paddle that it holds.
        thought: Its latest decision; None before the first.
    """

    def __init__(self, policy: PolicyNetwork, side: Side, *, greedy: bool = False) -> None:
        self.policy = policy
        self.side = side
        self.thought: Thought | None = None
        self._greedy = greedy
        self._eye = Eye()
        self.reset(0)

    def reset(self, seed: int) -> None:
        """Forgets the game; the next screen is the first of a new one."""
        self._rng = np.random.default_rng(seed)
        self._eye.reset()
        self._frames_held = 0
        self._history: deque[tuple[float, Move]] = deque(maxlen=HISTORY)
        self.thought = None

    def act(self, screen: UInt8Array) -> Control:
        """Decides when it is time, else repeats the decision."""
        if self.thought is None or self._frames_held == FRAME_SKIP:
            self.thought = self._decide(mirror(screen) if self.side is Side.LEFT else screen)
            self._frames_held = 0
        self._frames_held += 1
        return self.thought.action

    def _decide(self, screen: UInt8Array) -> Thought:
        seen = self._eye.look(screen)
        forward = self.policy.forward(seen)
        p_up = float(forward.up[0])
        # drawn even when it is not needed, so that greedy play consumes the same numbers
        drawn = float(self._rng.random())
        up = p_up >= 0.5 if self._greedy else drawn < p_up
        action = Move.UP if up else Move.DOWN
        self._history.append((p_up, action))
        number = 1 if self.thought is None else self.thought.number + 1
        return Thought(number, p_up, action, forward.hidden[0], seen, self._history)
