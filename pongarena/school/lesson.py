"""A lesson: the network that the school explains, and a real game that it has just played."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pongarena.core.arrays import UInt8Array
from pongarena.envs.observation import SparseFrames
from pongarena.match.match import Match
from pongarena.match.players import Decision, ModelPlayer, PlayerSpec, Rally
from pongarena.nn.checkpoint import Checkpoint
from pongarena.nn.policy import PolicyNetwork

__all__ = ["Lesson", "Moment", "record_lesson"]

_RALLIES = 3
"""Points after which a game is long enough."""

_MOST_MOMENTS = 700
"""The most steps that are kept: 23 MB."""

_SERVE = 20
"""Steps before the first serve, in which nothing happens; the lesson begins after them."""


@dataclass(frozen=True, eq=False)
class Moment:
    """One step of the game.

    Attributes:
        screen: Shape (210, 160): palette indices of the screen.
        decision: The network's decision on it.
        up: Whether UP was drawn.
    """

    screen: UInt8Array
    decision: Decision
    up: bool

    @property
    def seen(self) -> SparseFrames:
        """The difference frame."""
        return self.decision.seen

    @property
    def p_up(self) -> float:
        """P(UP)."""
        return self.decision.p_up


@dataclass(frozen=True, eq=False)
class Lesson:
    """A network and its game.

    Attributes:
        name: ``model@game``.
        policy: The network.
        moments: Its steps, from the first of the game.
        rallies: The finished points; their steps are the first moments.
        colours: Red, green, blue of each palette index on the screens.
        seed: The game's seed.
        stand_in: The lesson of a classic network, for equations that do not fit this one.
    """

    name: str
    policy: PolicyNetwork
    moments: tuple[Moment, ...]
    rallies: tuple[Rally, ...]
    colours: Mapping[int, tuple[int, int, int]]
    seed: int
    stand_in: "Lesson | None" = None

    @property
    def is_classic(self) -> bool:
        """Whether the network has two actions and one hidden layer, and sees the whole view in order."""
        return not self.peculiarity

    @property
    def peculiarity(self) -> str:
        """How it differs from a classic network, in words; empty for a classic one."""
        policy, view = self.policy, self.policy.spec.observation
        parts = [
            ("may also stay", policy.spec.outputs > 1),
            (f"has {1 + len(policy.deeper)} hidden layers", bool(policy.deeper)),
            ("sees a part of the view", bool(view.crop)),
            ("sees shuffled pixels", bool(view.shuffle)),
        ]
        return ", ".join(words for words, holds in parts if holds)

    def __repr__(self) -> str:
        # the default would write out hundreds of screens, which takes seconds
        return f"Lesson({self.name!r}, seed={self.seed}, {len(self.moments)} moments)"

    @property
    def first(self) -> int:
        """The moment to begin with: the ball comes near, and the network is unsure, if it ever is."""
        begin = min(_SERVE, len(self.moments) - 1)
        near = [self.nearest_ball(start) for start in range(begin, len(self.moments))]
        return next((number for number in near if 0.2 < self.moments[number].p_up < 0.8), near[0])

    def nearest_ball(self, start: int) -> int:
        """Find the first moment from `start` on with the ball near the paddle; `start` when there is none."""
        for number in range(start, len(self.moments)):
            columns = self.moments[number].seen.columns % 80
            if ((columns > 40) & (columns < 66)).sum() >= 2:
                return number
        return start

    def rgb(self, screen: UInt8Array) -> UInt8Array:
        """Convert a screen, or a part of one, to RGB, which adds a dimension."""
        table = np.zeros((256, 3), np.uint8)
        for index, colour in self.colours.items():
            table[index] = colour
        return table[screen]

    def frames(self, first: int, stop: int) -> SparseFrames:
        """Return the difference frames of the moments from `first` to before `stop`."""
        return SparseFrames.concatenate([moment.seen for moment in self.moments[first:stop]])

    def rally_moments(self, number: int) -> slice:
        """Return the moments of a rally, counted from 0."""
        lengths = [len(rally.decisions) for rally in self.rallies]
        first = sum(lengths[:number])
        return slice(first, first + lengths[number])

    def rewards(self) -> NDArray[np.float64]:
        """Return the reward of each step of the finished rallies: 0 except for the last step of each."""
        rewards = []
        for rally in self.rallies:
            own = np.zeros(len(rally.decisions))
            own[-1:] = rally.outcome
            rewards.append(own)
        return np.concatenate(rewards) if rewards else np.zeros(0)


def record_lesson(
    checkpoint: Checkpoint, seed: int = 1, cancelled: Callable[[], bool] = lambda: False
) -> Lesson | None:
    """Let a network play against the cartridge's own player until some points are made.

    Args:
        checkpoint: The network.
        seed: The game's seed.
        cancelled: Called at every frame; when it returns True, the result is None.
    """
    match = Match(PlayerSpec.ai(), PlayerSpec.model(checkpoint), seed=seed)
    player = match.players[1]
    assert isinstance(player, ModelPlayer)
    moments: list[Moment] = []
    colours: dict[int, tuple[int, int, int]] = {}
    try:
        while len(player.rallies) < _RALLIES and len(moments) < _MOST_MOMENTS and not match.over:
            if cancelled():
                return None
            before, screen, picture = player.decision, match.screen.copy(), match.rgb()
            _learn_colours(colours, screen, picture)
            match.step()
            if player.decision is not None and player.decision is not before:
                # this frame may have ended the decision's rally
                decisions = player.decisions or player.rallies[-1].decisions
                moments.append(Moment(screen, player.decision, decisions[-1].up))
        return Lesson(
            str(checkpoint.card),
            checkpoint.policy,
            tuple(moments),
            tuple(player.rallies),
            colours,
            seed,
        )
    finally:
        match.close()


def _learn_colours(colours: dict[int, tuple[int, int, int]], screen: UInt8Array, picture: UInt8Array) -> None:
    """Add the colours of new palette indices, read from the picture."""
    for index in np.unique(screen).tolist():
        if index not in colours:
            row, column = np.argwhere(screen == index)[0].tolist()
            red, green, blue = picture[row, column].tolist()
            colours[index] = (red, green, blue)
