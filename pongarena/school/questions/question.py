"""A question of the school: the reader predicts, and the answer is computed at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from pongarena.school.lesson import Lesson

__all__ = ["Finding", "Question", "Tell", "between"]

Tell: TypeAlias = Callable[[float], None]
"""Called with the progress, 0..1; may raise to cancel the work."""


@dataclass(frozen=True)
class Finding:
    """The computed answer.

    Attributes:
        choice: The right choice, from 0.
        words: The figures, in a sentence or two.
    """

    choice: int
    words: str


@dataclass(frozen=True)
class Question:
    """A question.

    Attributes:
        words: The question.
        choices: The possible predictions, two to four.
        compute: Computes the answer for a lesson, within seconds.
    """

    words: str
    choices: tuple[str, ...]
    compute: Callable[[Lesson, Tell], Finding]

    def answer(self, lesson: Lesson, tell: Tell) -> tuple[Finding, Lesson]:
        """Compute the answer; return it with the lesson used: its stand-in if the network is not classic."""
        used = lesson if lesson.is_classic or lesson.stand_in is None else lesson.stand_in
        return self.compute(used, tell), used


def between(value: float, bounds: Sequence[float]) -> int:
    """Return the number of the range that a value is in, from 0: below the first bound, and so on.

    >>> between(0.3, (0.25, 0.75)), between(0.75, (0.25, 0.75))
    (1, 2)
    """
    return sum(value >= bound for bound in bounds)
