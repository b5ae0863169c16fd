"""The settings of the self-play recipe; see `self_play_trainer`."""

from dataclasses import dataclass
from typing import ClassVar

from pongarena.core.errors import InvalidSettingError
from pongarena.training.algorithms.turbo import TurboRecipe
from pongarena.training.settings import setting, with_default

__all__ = ["SelfPlayRecipe"]


@dataclass(frozen=True)
class SelfPlayRecipe(TurboRecipe):
    """The network plays both paddles, or plays against an older self; it learns as in turbo.

    Against itself it always wins half of the points. So its progress is measured by a rating among its older
    selves, and by a few games against the CPU, from which it learns nothing.
    """

    name: ClassVar[str] = "self-play"
    summary: ClassVar[str] = (
        "It plays against itself and its older selves, and meets the CPU only as a check."
    )
    trainer: ClassVar[str] = "pongarena.training.algorithms.self_play_trainer:SelfPlayTrainer"

    latest_share: float = setting(
        0.5,
        low=0.0,
        high=0.95,
        help="Share of the games against its current self; it learns from both sides of these. The others "
        "are against older selves.",
        too_low="It mostly learns from one side only, against outdated opponents.",
        too_high="It may run in circles: beat its current self, but lose to an older one.",
    )
    save_every: int = setting(
        200_000,
        low=1000,
        high=1_000_000_000,
        help="Steps after which a copy is saved as an older self.",
        too_low="All older selves are nearly the same.",
        too_high="They fall far behind, and teach nothing.",
    )
    swap_every: int = setting(
        200_000,
        low=1000,
        high=1_000_000_000,
        help="Steps after which it draws other older selves to play against.",
        too_low="No harm: it meets others more often.",
        too_high="It learns to beat only the few that were drawn.",
    )
    window: int = setting(
        10,
        low=1,
        high=32,
        help="Number of older selves to keep; each takes about 5 MB of memory.",
        too_low="It forgets how to beat those that were dropped.",
        too_high="Many are too weak to learn from.",
    )
    ball_pace: float = with_default(TurboRecipe, "ball_pace", 8.0)
    far_pace: float = with_default(TurboRecipe, "far_pace", 0.1)
    settle_steps: int = with_default(TurboRecipe, "settle_steps", 24_000_000)
    check_games: int = setting(
        16,
        low=1,
        high=256,
        help="Additional games against the CPU, as a check: they are shown, but not learned from.",
        too_low="Its level against the CPU is known late, and roughly.",
        too_high="Time is spent on games that teach nothing.",
    )

    def __post_init__(self) -> None:
        """Refuse the emulator, which is too slow for games between two networks."""
        if self.emulator:
            raise InvalidSettingError(
                "self-play supports only the compiled game, which equals the emulator's bit for bit; leave "
                "out the emulator setting, or choose another recipe"
            )
