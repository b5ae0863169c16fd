"""A question of the school: one predicts, and the answer is computed then and there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from pongarena.school.lesson import Lesson

__all__ = ["Finding", "Question", "Tell", "between"]

Tell: TypeAlias = Callable[[float], None]
"""Is told how much of the work is done, 0..1; may raise, when nobody waits for it any more."""


@dataclass(frozen=True)
class Finding:
    """What came out.

    Attributes:
        choice: Which of the choices is right, from 0.
        words: The figures, in a sentence or two.
    """

    choice: int
    words: str


@dataclass(frozen=True)
class Question:
    """A question.

    Attributes:
        words: What is asked.
        choices: What can be predicted, two to four.
        compute: Finds out, for a network and its game; takes seconds at the most.
    """

    words: str
    choices: tuple[str, ...]
    compute: Callable[[Lesson, Tell], Finding]

    def answer(self, lesson: Lesson, tell: Tell) -> tuple[Finding, Lesson]:
        """Find out, and whose numbers it was found by: a classic network's, where the lesson's is none."""
        used = lesson if lesson.is_classic or lesson.stand_in is None else lesson.stand_in
        return self.compute(used, tell), used


def between(value: float, bounds: Sequence[float]) -> int:
    """Which of the ranges a value is in, from 0: below the first bound, below the second, and so on.

    >>> between(0.3, (0.25, 0.75)), between(0.75, (0.25, 0.75))
    (1, 2)
    """
    return sum(value >= bound for bound in bounds)
