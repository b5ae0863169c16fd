"""The settings of the self-play recipe; `self_play_trainer` trains by it."""

from dataclasses import dataclass
from typing import ClassVar

from pongarena.core.errors import InvalidSettingError
from pongarena.training.algorithms.turbo import TurboRecipe
from pongarena.training.settings import setting, with_default

__all__ = ["SelfPlayRecipe"]


@dataclass(frozen=True)
class SelfPlayRecipe(TurboRecipe):
    """Both paddles are the network's, or one is an older self's; it learns as by turbo.

    Against itself it always wins half of the points. So its progress is a rating among its older selves, and
    a few games against the CPU, from which it learns nothing.
    """

    name: ClassVar[str] = "self-play"
    summary: ClassVar[str] = (
        "It plays against itself and its older selves, and meets the CPU as a check only."
    )
    trainer: ClassVar[str] = "pongarena.training.algorithms.self_play_trainer:SelfPlayTrainer"

    latest_share: float = setting(
        0.5,
        low=0.0,
        high=0.95,
        help="Share of the games that it plays against itself as it is now; it learns from both sides of "
        "them. The others are against older selves.",
        too_low="It learns from one side only, and about opponents that are gone.",
        too_high="It may run in circles: what beats its present self, and loses to an older one.",
    )
    save_every: int = setting(
        200_000,
        low=1000,
        high=1_000_000_000,
        help="Steps after which it is kept as an older self.",
        too_low="All older selves are nearly the same.",
        too_high="They fall far behind, and teach nothing.",
    )
    swap_every: int = setting(
        200_000,
        low=1000,
        high=1_000_000_000,
        help="Steps after which other older selves are drawn to play against.",
        too_low="No harm: it meets others more often.",
        too_high="It learns to beat those few that were drawn.",
    )
    window: int = setting(
        10,
        low=1,
        high=32,
        help="Older selves that are kept; each takes about 5 MB of memory.",
        too_low="It forgets how to beat those that are gone.",
        too_high="Many are too weak to learn from.",
    )
    ball_pace: float = with_default(TurboRecipe, "ball_pace", 8.0)
    far_pace: float = with_default(TurboRecipe, "far_pace", 0.1)
    settle_steps: int = with_default(TurboRecipe, "settle_steps", 24_000_000)
    check_games: int = setting(
        16,
        low=1,
        high=256,
        help="Games against the CPU beside the others, as a check: they are shown, and not learned from.",
        too_low="How it does against the CPU is known late, and roughly.",
        too_high="Time goes into games that teach nothing.",
    )

    def __post_init__(self) -> None:
        """Refuses the emulator, on which games for two networks cannot be played in numbers."""
        if self.emulator:
            raise InvalidSettingError(
                "self-play has the compiled game only, which is the emulator's, bit for bit; leave the "
                "emulator away, or take another recipe"
            )
