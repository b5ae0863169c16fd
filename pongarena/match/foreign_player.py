"""Let a player from a file play a match, with the observation that it asks for, as in `PongEnv`."""

import copy
from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pongarena.core.arrays import UInt8Array
from pongarena.core.errors import MatchError
from pongarena.envs.colours import colours_of, mirror_picture
from pongarena.envs.observation import VIEW_SHAPE, FrameDifferencer, Observation, SparseFrames, crop
from pongarena.game.cartridge import Control, Side
from pongarena.game.paddle import Move
from pongarena.match.decision import HISTORY, Decision
from pongarena.match.foreign_agents import ACTIONS
from pongarena.match.player import Player, PlayerSpec
from pongarena.nn.distributions import draw, likeliest

__all__ = ["ForeignPlayer"]

_MOVES = {"up": Move.UP, "down": Move.DOWN, "stay": Move.STAY}
_ORDER = (Move.UP, Move.STAY, Move.DOWN)
"""The order of `AgentSpec.moves`."""


@dataclass(frozen=True)
class _State:
    """A moment of a game, without the player's own state."""

    rng: dict[str, Any]
    eye: FrameDifferencer
    frames_held: int
    move: Move | None
    number: int
    decision: Decision | None
    history: tuple[tuple[float, Move], ...]


class ForeignPlayer(Player):
    """A player from a file, in its own process.

    Its decisions should depend on the observation alone: it is not told when the match is rewound.
    """

    def __init__(self, spec: PlayerSpec) -> None:
        """Start the player of a spec with a source.

        Raises:
            MatchError: When it cannot play.
        """
        if spec.source is None:
            raise MatchError(
                f"expected the file of {spec.name}, got none; name it: pongarena play human FILE"
            )
        self.spec = spec
        self._agent = spec.source.process()
        self._eye = FrameDifferencer(Observation(fade=self._agent.fade))
        self._begin(0)

    def reset(self, seed: int) -> None:
        """Start a game. If it gives probabilities, we sample with our own generator."""
        self._agent.reset(seed)
        self._begin(seed)

    def _begin(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._eye.reset()
        self._frames_held = self._number = 0
        self._move: Move | None = None
        self._history: deque[tuple[float, Move]] = deque(maxlen=HISTORY)
        self.decision = None

    def act(self, screen: UInt8Array) -> Control:
        """Ask for a decision when one is due, else repeat the last one."""
        if self._move is None or self._frames_held == self._agent.frame_skip:
            self._move = self._decide(screen)
            self._frames_held = 0
        self._frames_held += 1
        return self._move

    def close(self) -> None:
        """End its process."""
        self._agent.close()

    def state(self) -> _State:
        """Save the state on our side."""
        return _State(
            dict(self._rng.bit_generator.state),
            copy.copy(self._eye),
            self._frames_held,
            self._move,
            self._number,
            self.decision,
            tuple(self._history),
        )

    def restore(self, state: _State) -> None:
        """Go back to a saved state."""
        self._rng.bit_generator.state = state.rng
        self._eye = copy.copy(state.eye)
        self._frames_held, self._move, self._number = state.frames_held, state.move, state.number
        self.decision = state.decision
        self._history = deque(state.history, maxlen=HISTORY)

    def _decide(self, screen: UInt8Array) -> Move:
        frames = self._eye.look(screen)
        action, shares = self._agent.decide(self._shown(screen, frames), greedy=self.spec.greedy)
        names = self._agent.actions or ACTIONS[len(shares) or max(ACTIONS)]
        # drawn even when it is not needed, so that greedy play consumes the same numbers
        noise = np.array([self._rng.random()])
        if not shares:
            return _MOVES[names[action]]
        known = {_MOVES[name]: share for name, share in zip(names, shares, strict=True)}
        moves = [move for move in _ORDER if move in known]
        row = np.array([[known[move] for move in moves]], np.float32)
        move = moves[int((likeliest(row) if self.spec.greedy else draw(row, noise))[0])]
        self._show(frames, row[0], move)
        return move

    def _shown(self, screen: UInt8Array, frames: SparseFrames) -> NDArray[Any]:
        if self._agent.observation == "difference":
            return frames.dense().reshape(VIEW_SHAPE)
        if self._agent.observation == "view":
            return crop(screen).astype(np.uint8)
        if self.side is Side.LEFT:  # shown as on the right: green, and with readable digits
            return mirror_picture(colours_of(screen[:, ::-1]))
        return colours_of(screen)

    def _show(self, frames: SparseFrames, shares: NDArray[np.float32], move: Move) -> None:
        """Keep the decision for display: its probabilities only, as there are no hidden units."""
        p_up, p_down = float(shares[0]), float(shares[-1])
        tiny = float(np.finfo(np.float32).tiny)
        self._number += 1
        self._history.append((p_up, move))
        nothing = np.zeros(0, np.float32)
        self.decision = Decision(
            number=self._number,
            p_up=p_up,
            probabilities=tuple(shares.tolist()),
            action=move,
            hidden=nothing,
            seen=frames,
            history=tuple(self._history),
            logit=float(np.log(max(p_up, tiny)) - np.log(max(p_down, tiny))),
            past=(nothing,) * len(self._history),
        )
