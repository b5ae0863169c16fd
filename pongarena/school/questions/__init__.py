"""The questions, by their names in the text."""

from collections.abc import Mapping
from types import MappingProxyType

from pongarena.school.questions import learning, playing
from pongarena.school.questions.question import Question

__all__ = ["QUESTIONS"]

QUESTIONS: Mapping[str, Question] = MappingProxyType(
    {
        "ball-seen": playing.BALL,
        "silenced": playing.SILENCED,
        "sampled": playing.SAMPLED,
        "gamma": learning.GAMMA,
        "surprise": learning.SURPRISE,
        "offset": learning.OFFSET,
        "equal-steps": learning.EQUAL_STEPS,
        "steep": playing.STEEP,
        "sparse-times": learning.SPARSE,
        "softmax-share": learning.SOFTMAX,
        "n-step-share": learning.N_STEP,
        "kl-twice": learning.KL,
        "luck": learning.LUCK,
        "shuffled": playing.SHUFFLED,
        "decay": learning.DECAY,
        "touched": learning.TOUCHED,
        "mean-off": learning.MEAN,
        "rating-points": learning.RATING,
        "random": playing.RANDOM,
        "active": playing.ACTIVE,
    }
)
