"""Whoever moves a paddle: a person, the cartridge's own AI, or a network.

Every player sees itself on the right: a network on the left is shown the mirrored screen, so the same weights
play either side.
"""

import copy
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

from pongarena.core.arrays import BoolArray, FloatArray, UInt8Array
from pongarena.core.errors import MatchError
from pongarena.envs.observation import FrameDifferencer, SparseFrames, mirror
from pongarena.game.cartridge import Control, Side
from pongarena.game.paddle import Move
from pongarena.match.result import call
from pongarena.nn.checkpoint import Checkpoint
from pongarena.nn.distributions import draw, likeliest
from pongarena.nn.policy import Forward, PolicyNetwork

__all__ = [
    "HISTORY",
    "LONGEST_RALLY",
    "CartridgeAI",
    "Decision",
    "HumanPlayer",
    "ModelPlayer",
    "ModelState",
    "Player",
    "PlayerSpec",
    "Rally",
    "RallyStep",
    "called",
]

HISTORY = 150
"""Decisions that are remembered for display: 10 s."""

LONGEST_RALLY = 2048
"""Decisions of one rally that are kept: 137 s. Earlier ones have no share in a point: 0.99²⁰⁴⁸ < 10⁻⁸."""


@dataclass(frozen=True)
class PlayerSpec:
    """Who is to hold a paddle.

    Attributes:
        kind: A person, the cartridge's own AI, a network, or a recording: in a match played again, somebody
            who is not here any more.
        name: What the window and the result call the player.
        checkpoint: The network; needed for, and only for, the kind "model".
        greedy: Whether the network takes its likelier action instead of drawing it with P(UP).
    """

    kind: Literal["human", "ai", "model", "recording"]
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
    def recording(cls, name: str) -> "PlayerSpec":
        """Whoever it was, of whom only the moves are left."""
        return cls("recording", name)

    @classmethod
    def model(cls, checkpoint: Checkpoint, *, greedy: bool = False) -> "PlayerSpec":
        """A network, named ``model@episode``."""
        card = checkpoint.card
        return cls("model", str(card), checkpoint, greedy)


def called(specs: Sequence[PlayerSpec], names: Sequence[str] | None = None) -> tuple[str, str]:
    """What left and right are called on a screen: a single person is you, two have a side each.

    Args:
        specs: The players.
        names: Of the networks and the AI as they are now, if not those of the specs.
    """
    names = names or [spec.name for spec in specs]
    return call(*("human" if spec.kind == "human" else n for spec, n in zip(specs, names, strict=True)))


@dataclass(frozen=True, eq=False)
class Decision:
    """One decision of a network; equal only to itself.

    Attributes:
        number: Counts the decisions of a game from 1.
        p_up: P(UP), 0..1.
        action: What was drawn.
        hidden: Shape (hidden,), float32: the activations of the first layer.
        seen: What the network was shown, one difference frame, as from the right side.
        history: The latest decisions as (P(UP), action), this one last.
        logit: What the units' votes add up to: log P(UP) − log P(DOWN).
        past: The activations of the same decisions as in `history`.
        probabilities: Of its actions, in the order of `AgentSpec.moves`.
    """

    number: int
    p_up: float
    action: Move
    hidden: FloatArray
    seen: SparseFrames
    history: tuple[tuple[float, Move], ...]
    logit: float
    past: tuple[FloatArray, ...]
    probabilities: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class RallyStep:
    """What is kept of a decision until its rally has an outcome.

    Attributes:
        p_up: P(UP), 0..1.
        up: Whether UP was drawn.
    """

    p_up: float
    up: bool


@dataclass(frozen=True)
class Rally:
    """The decisions of one network from one point to the next.

    Attributes:
        decisions: In their order; of an endless rally the last ones.
        outcome: +1 when the network made the point, −1 when it was made against it.
    """

    decisions: tuple[RallyStep, ...]
    outcome: int


@dataclass(frozen=True)
class ModelState:
    """A network in the middle of a game, for going back to. Nothing in it changes any more.

    Attributes:
        rng: State of the random numbers.
        eye: What it last saw.
        frames_held: For how many frames the decision has been held.
        decision: The latest decision.
        history: The latest decisions as (P(UP), action).
        past: Their activations.
        decisions: Of the present rally.
        rallies: Those before it.
    """

    rng: dict[str, Any]
    eye: FrameDifferencer
    frames_held: int
    decision: Decision | None
    history: tuple[tuple[float, Move], ...]
    past: tuple[FloatArray, ...]
    decisions: tuple[RallyStep, ...]
    rallies: tuple[Rally, ...]


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
    """A network: decides every few frames on what changed since its last decision, and holds on to it.

    Attributes:
        policy: The network.
        side: The paddle that it holds.
        muted: Shape (hidden,): the units whose activation counts as 0; may be changed at any time, and
            stays as it is in a new game.
        altered: Whether a decision of this game was made while units were muted.
        decision: Its latest decision; None before the first.
        decisions: Those of the present rally.
        rallies: The rallies of this game that have ended.
    """

    def __init__(self, policy: PolicyNetwork, side: Side, *, greedy: bool = False) -> None:
        self.policy = policy
        self.side = side
        self.muted: BoolArray = np.zeros(policy.hidden_units, np.bool_)
        self.decision: Decision | None = None
        self._greedy = greedy
        self._eye = FrameDifferencer(policy.spec.observation)
        self.reset(0)

    def reset(self, seed: int) -> None:
        """Forgets the game; the next screen is the first of a new one."""
        self._rng = np.random.default_rng(seed)
        self._eye.reset()
        self._frames_held = 0
        self._history: deque[tuple[float, Move]] = deque(maxlen=HISTORY)
        self._past: deque[FloatArray] = deque(maxlen=HISTORY)
        self.altered = False
        self.decision = None
        self.decisions: deque[RallyStep] = deque(maxlen=LONGEST_RALLY)
        self.rallies: list[Rally] = []

    def act(self, screen: UInt8Array) -> Control:
        """Decides when it is time, else repeats the decision."""
        if self.decision is None or self._frames_held == self.policy.spec.frame_skip:
            self.decision = self._decide(mirror(screen) if self.side is Side.LEFT else screen)
            self._frames_held = 0
        self._frames_held += 1
        return self.decision.action

    def end_rally(self, outcome: int) -> None:
        """Moves the decisions of the rally to `rallies`; to be called at every point.

        Args:
            outcome: +1 for a point of this network, −1 for one against it.
        """
        self.rallies.append(Rally(tuple(self.decisions), outcome))
        self.decisions.clear()

    def state(self) -> ModelState:
        """All that the coming decisions depend on, and what is shown and credited; not what is muted."""
        return ModelState(
            dict(self._rng.bit_generator.state),
            copy.copy(self._eye),
            self._frames_held,
            self.decision,
            tuple(self._history),
            tuple(self._past),
            tuple(self.decisions),
            tuple(self.rallies),
        )

    def restore(self, state: ModelState) -> None:
        """Goes back to what `state` gave: the same screens will bring the same decisions again."""
        self._rng.bit_generator.state = state.rng
        self._eye = copy.copy(state.eye)
        self._frames_held = state.frames_held
        self._history = deque(state.history, maxlen=HISTORY)
        self._past = deque(state.past, maxlen=HISTORY)
        self.decision = state.decision
        self.decisions = deque(state.decisions, maxlen=LONGEST_RALLY)
        self.rallies = list(state.rallies)

    def _decide(self, screen: UInt8Array) -> Decision:
        seen = self._eye.look(screen)
        forward = self._think(seen)
        # drawn even when it is not needed, so that greedy play consumes the same numbers
        noise = np.array([self._rng.random()])
        shares = forward.probabilities
        chosen = int((likeliest(shares) if self._greedy else draw(shares, noise))[0])
        action, p_up = self.policy.spec.moves[chosen], float(forward.up[0])
        self._history.append((p_up, action))
        self._past.append(forward.hidden[0])
        self.decisions.append(RallyStep(p_up, action is Move.UP))
        return Decision(
            1 if self.decision is None else self.decision.number + 1,
            p_up,
            action,
            forward.hidden[0],
            seen,
            tuple(self._history),
            float(forward.lean[0]),
            tuple(self._past),
            tuple(shares[0].tolist()),
        )

    def _think(self, seen: SparseFrames) -> Forward:
        """What the network makes of a frame, with nothing from the muted units."""
        forward = self.policy.forward(seen)
        if not self.muted.any():
            return forward
        self.altered = True
        forward.hidden[:, self.muted] = 0
        return self.policy.from_hidden(forward.hidden)
