"""The settings of the karpathy recipe; see `karpathy_trainer`."""

from dataclasses import dataclass
from typing import ClassVar

from pongarena.training.recipe import GradientRecipe
from pongarena.training.settings import setting

__all__ = ["KarpathyRecipe"]


@dataclass(frozen=True)
class KarpathyRecipe(GradientRecipe):
    """Policy gradients exactly as in "Deep Reinforcement Learning: Pong from Pixels" (2016).

    The result depends on all settings except `games`, which only affects speed and memory.
    """

    name: ClassVar[str] = "karpathy"
    summary: ClassVar[str] = (
        "Policy gradients as in the blog post of 2016: simple and honest. The CPU's equal in a minute or two."
    )
    trainer: ClassVar[str] = "pongarena.training.algorithms.karpathy_trainer:KarpathyTrainer"
    immaterial: ClassVar[frozenset[str]] = GradientRecipe.immaterial | {"games"}

    learning_rate: float = setting(
        1e-4,
        low=0.0,
        high=1.0,
        exclusive_low=True,
        help="How far each update moves the weights.",
        too_low="Nothing seems to happen for long. The 1e-4 of the blog post is on the careful side.",
        too_high="The score jumps up, then collapses. 1e-3 learns several times faster; 3e-3 is unstable.",
    )
    decay: float = setting(
        0.99,
        low=0.0,
        high=1.0,
        exclusive_high=True,
        help="Memory of RMSProp, which scales each weight's step by its recent gradients: 0.99 remembers "
        "about 100 updates.",
        too_low="Steps become erratic: one odd batch sets their size.",
        too_high="It adapts too slowly when the gradients change.",
    )
    epsilon: float = setting(
        1e-5,
        low=0.0,
        high=1.0,
        exclusive_low=True,
        help="Added to RMSProp's divisor so that weights with hardly any gradient do not leap.",
        too_low="Weights that hardly ever matter may take huge steps.",
        too_high="The rarely used weights stop learning.",
    )
    normalise: int = setting(
        1,
        low=0,
        high=2,
        help="How returns become advantages: 1 scales each game's to mean 0 and deviation 1, as in the post; "
        "2 scales those of a whole batch; 0 uses them as they are.",
        too_low="At 0 a beginner, who loses nearly every point, is discouraged from nearly everything.",
        too_high="At 2 games with many points lost count as much as lucky ones; it uses more memory.",
    )
    baseline: int = setting(
        0,
        low=0,
        high=1,
        help="1 subtracts the average return of earlier games, so that only moves better than usual are "
        "encouraged. It matters when returns are not normalised.",
        too_low="At 0 nothing is subtracted, as in the post.",
        too_high="There is nothing above 1.",
    )
    batch_episodes: int = setting(
        10,
        low=1,
        high=1000,
        help="Games played before each update.",
        too_low="More updates, but noisier ones, which may mislead.",
        too_high="Steadier, but slower to improve: each update waits for more games.",
    )
    games: int = setting(
        10,
        low=1,
        high=256,
        help="Games played at once. Changes the speed and the memory used, never the result.",
        too_low="Slower: some of the processor's cores wait.",
        too_high="More games than a batch has are not used.",
    )
