"""Environments whose opponents are given by name: entry points of `gymnasium.make` and `make_vec`."""

from typing import Any

import numpy as np

from pongarena.core.arrays import FloatArray
from pongarena.envs.gymnasium_env import PongEnv
from pongarena.envs.gymnasium_vector import PongVectorEnv
from pongarena.envs.observation import SparseFrames
from pongarena.envs.sides import Opponent
from pongarena.library.models import Library
from pongarena.match.player_names import find_player
from pongarena.nn.distributions import draw
from pongarena.nn.policy import PolicyNetwork

__all__ = ["NetworkOpponent", "find_opponent", "make_env", "make_vector_env"]


class NetworkOpponent:
    """A network that samples its moves.

    Attributes:
        observation: Its observation.
        frame_skip: Frames that each of its decisions lasts.
    """

    def __init__(self, policy: PolicyNetwork) -> None:
        self._policy = policy
        self.observation, self.frame_skip = policy.spec.observation, policy.spec.frame_skip

    def moves(self, frames: SparseFrames, draws: FloatArray) -> np.ndarray:
        """See `Opponent`."""
        chosen = draw(self._policy.forward(frames).probabilities, draws.astype(np.float64))
        return np.array(self._policy.spec.moves, np.int8)[chosen]


def find_opponent(opponent: str | Opponent | None) -> Opponent | None:
    """Find an opponent by name: None for "ai", the cartridge's own player; else a model, or model@game.

    Raises:
        MatchError: For a person.
        UnknownNameError: When there is no such model or checkpoint.
    """
    if not isinstance(opponent, str):
        return opponent
    checkpoint = find_player(Library(), opponent, people=False, files=False).checkpoint
    return None if checkpoint is None else NetworkOpponent(checkpoint.policy)


def make_env(opponent: str | Opponent | None = "ai", **settings: Any) -> PongEnv:  # noqa: ANN401
    """Make one game; see `PongEnv`."""
    return PongEnv(opponent=find_opponent(opponent), **settings)


def make_vector_env(
    num_envs: int = 1,
    opponent: str | Opponent | None = "ai",
    **settings: Any,  # noqa: ANN401
) -> PongVectorEnv:
    """Make parallel games; see `PongVectorEnv`."""
    return PongVectorEnv(num_envs, opponent=find_opponent(opponent), **settings)
