"""Exhibit on how a network that plays against itself is rated."""

import numpy as np

from pongarena.school.demos.numbers import bar, num, tick
from pongarena.school.lesson import Lesson
from pongarena.school.parts import Parameters, Part, Words
from pongarena.training.pool import chance_of, rated

__all__ = ["show_rating"]

_ROUNDS, _POINTS = 200, 400


def show_rating(lesson: Lesson, parameters: Parameters) -> list[Part]:
    """Draw points against an older self of rating 0, and show the rating that they lead to."""
    rng, older = np.random.default_rng(11), np.zeros(1)
    lines = [f"  {'truly better by':<16}{'wins of 100 points':<32}{'rated from the points':>22}"]
    for difference in (0, 100, 200, 400):
        chance, rating, ratings = chance_of(difference), 0.0, []
        for _ in range(_ROUNDS):
            won = rng.binomial(_POINTS, chance, 1)
            rating = rated(rating, older, won, _POINTS - won)
            ratings.append(rating)
        found = float(np.mean(ratings[_ROUNDS // 2 :]))
        mark = tick(abs(found - difference) < 5)
        lines.append(
            f"  {difference:<16}{num(100 * chance, 1):>5}  {bar(chance, 20):<25}{mark} {found:>18.0f}"
        )
    lines += ["", "  A rating 400 higher means ten points won for each one lost."]
    return [Words("\n".join(lines))]
