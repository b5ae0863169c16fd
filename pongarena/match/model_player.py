"""A network as a player: every few frames it decides on what changed since its last decision."""

import copy
import dataclasses
from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np

from pongarena.core.arrays import BoolArray, FloatArray, UInt8Array
from pongarena.core.errors import MatchError
from pongarena.envs.observation import FrameDifferencer, SparseFrames
from pongarena.game.cartridge import Control
from pongarena.game.paddle import Move
from pongarena.match.decision import HISTORY, LONGEST_RALLY, Decision, Rally, RallyStep
from pongarena.match.player import Player, PlayerSpec
from pongarena.nn.checkpoint import Checkpoint
from pongarena.nn.distributions import draw, likeliest
from pongarena.nn.policy import Forward

__all__ = ["ModelPlayer", "ModelState"]


@dataclass(frozen=True)
class ModelState:
    """A network player's state at one moment; immutable.

    Attributes:
        rng: State of the random generator.
        eye: The view of the last decision.
        frames_held: For how many frames the decision has been held.
        decision: The latest decision.
        history: The latest decisions as (P(UP), action).
        past: Their activations.
        decisions: The decisions of the current rally.
        rallies: The earlier rallies.
        moved: Its move in the last frame.
    """

    rng: dict[str, Any]
    eye: FrameDifferencer
    frames_held: int
    decision: Decision | None
    history: tuple[tuple[float, Move], ...]
    past: tuple[FloatArray, ...]
    decisions: tuple[RallyStep, ...]
    rallies: tuple[Rally, ...]
    moved: Move = Move.STAY


class ModelPlayer(Player):
    """A network.

    Attributes:
        policy: The network.
        muted: Shape (hidden,): the units whose activation counts as 0. Read-only; `mute` changes it, and a
            new game keeps it.
        decisions: The decisions of the current rally.
        rallies: The rallies of this game that have ended.
    """

    muted: BoolArray

    def __init__(self, spec: PlayerSpec) -> None:
        """Create a player from a spec with a checkpoint."""
        if spec.checkpoint is None:
            raise MatchError(f"expected a checkpoint for the network {spec.name}, got none; name a model")
        self.spec = spec
        self.policy = spec.checkpoint.policy
        self._eye = FrameDifferencer(self.policy.spec.observation)
        self.mute(np.zeros(self.policy.hidden_units, np.bool_))
        self.reset(0)

    def reset(self, seed: int) -> None:
        """Forget the game; the next screen starts a new one."""
        self._rng = np.random.default_rng(seed)
        self._eye.reset()
        self._frames_held = 0
        self._moved = Move.STAY
        self._history: deque[tuple[float, Move]] = deque(maxlen=HISTORY)
        self._past: deque[FloatArray] = deque(maxlen=HISTORY)
        self.decision = None
        self.decisions: deque[RallyStep] = deque(maxlen=LONGEST_RALLY)
        self.rallies: list[Rally] = []

    def act(self, screen: UInt8Array) -> Control:
        """Decide when a decision is due, else repeat the last one."""
        if self.decision is None or self._frames_held == self.policy.spec.frame_skip:
            self.decision = self._decide(screen)
            self._frames_held = 0
        self._frames_held += 1
        if not self.spec.sticky or self._rng.random() >= self.spec.sticky:
            self._moved = self.decision.action
        return self._moved

    def end_rally(self, outcome: int) -> None:
        """Move the decisions of the rally to `rallies`."""
        self.rallies.append(Rally(tuple(self.decisions), outcome))
        self.decisions.clear()

    def mute(self, units: BoolArray) -> None:
        """Set the activations of exactly these units to 0: shape (hidden,)."""
        if units.shape != (self.policy.hidden_units,):
            raise MatchError(
                f"expected a mask of {self.policy.hidden_units} hidden units, got shape {units.shape}"
            )
        self.muted = units.astype(np.bool_)
        self.muted.flags.writeable = False

    def replace(self, checkpoint: Checkpoint) -> None:
        """Take the weights and the name of another checkpoint of the same shape."""
        new, old = checkpoint.policy, self.policy
        if (new.hidden_units, new.spec) != (old.hidden_units, old.spec):
            raise MatchError(
                f"expected a network of {old.hidden_units} hidden units that {old.spec}, got one of "
                f"{new.hidden_units} that {new.spec}; start a new match with it"
            )
        self.policy = new
        self.spec = dataclasses.replace(self.spec, name=str(checkpoint.card), checkpoint=checkpoint)

    def state(self) -> ModelState:
        """Save all that later decisions, the display and the credit depend on, except what is muted."""
        return ModelState(
            dict(self._rng.bit_generator.state),
            copy.copy(self._eye),
            self._frames_held,
            self.decision,
            tuple(self._history),
            tuple(self._past),
            tuple(self.decisions),
            tuple(self.rallies),
            self._moved,
        )

    def restore(self, state: ModelState) -> None:
        """Go back to a saved state: the same screens then lead to the same decisions."""
        self._rng.bit_generator.state = state.rng
        self._eye = copy.copy(state.eye)
        self._frames_held = state.frames_held
        self._history = deque(state.history, maxlen=HISTORY)
        self._past = deque(state.past, maxlen=HISTORY)
        self.decision = state.decision
        self.decisions = deque(state.decisions, maxlen=LONGEST_RALLY)
        self.rallies = list(state.rallies)
        self._moved = state.moved

    def _decide(self, screen: UInt8Array) -> Decision:
        seen = self._eye.look(screen)
        forward = self._think(seen)
        # drawn even when it is not needed, so that greedy play consumes the same numbers
        noise = np.array([self._rng.random()])
        shares = forward.probabilities
        chosen = int((likeliest(shares) if self.spec.greedy else draw(shares, noise))[0])
        action, p_up = self.policy.spec.moves[chosen], float(forward.up[0])
        self._history.append((p_up, action))
        self._past.append(forward.hidden[0])
        p_taken = float(shares[0, chosen]) if len(self.policy.spec.moves) > 2 else None
        self.decisions.append(RallyStep(p_up, action is Move.UP, action is Move.STAY, p_taken))
        return Decision(
            number=1 if self.decision is None else self.decision.number + 1,
            p_up=p_up,
            probabilities=tuple(shares[0].tolist()),
            action=action,
            hidden=forward.hidden[0],
            seen=seen,
            history=tuple(self._history),
            logit=float(forward.lean[0]),
            past=tuple(self._past),
        )

    def _think(self, seen: SparseFrames) -> Forward:
        """Evaluate the network on a frame, without the muted units."""
        forward = self.policy.forward(seen)
        if not self.muted.any():
            return forward
        forward.hidden[:, self.muted] = 0
        return self.policy.from_hidden(forward.hidden)
