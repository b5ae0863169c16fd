"""The exhibits, by their names in the text."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

from pongarena.school.demos import ideas, learning, rules, seeing, self_play, speed
from pongarena.school.lesson import Lesson
from pongarena.school.parts import Parameters, Part, Words

__all__ = ["EXHIBITS", "Exhibit"]


class Exhibit(NamedTuple):
    """A computed part of the text.

    Attributes:
        show: Computes the parts; may take a second.
        title: The title above it.
        turns: The names of the `Parameters` that change it.
        classic: Whether its equations hold only for classic networks; see `Lesson.is_classic`.
    """

    show: Callable[[Lesson, Parameters], list[Part]]
    title: str
    turns: tuple[str, ...] = ()
    classic: bool = True

    def parts(self, lesson: Lesson, parameters: Parameters) -> list[Part]:
        """Compute the exhibit; if its equations do not fit the network, with the stand-in, and say so."""
        if not self.classic or lesson.is_classic or lesson.stand_in is None:
            return self.show(lesson, parameters)
        other = lesson.stand_in
        moment = min(parameters.moment, len(other.moments) - 1)
        why = (
            f"{lesson.name} {lesson.peculiarity}.\nThese equations are for two actions, one hidden layer and "
            f"the whole view,\nso {other.name} shows them."
        )
        return [Words(why), *self.show(other, replace(parameters, moment=moment))]


EXHIBITS: Mapping[str, Exhibit] = MappingProxyType(
    {
        "frames": Exhibit(seeing.show_frames, "a real frame, step by step", ("moment",)),
        "forward": Exhibit(seeing.show_forward, "one step, taken apart", ("moment",)),
        "ball": Exhibit(seeing.show_ball, "try it: move the ball", ("moment", "ball")),
        "chance": Exhibit(seeing.show_chance, "the coin, tossed", ("moment",)),
        "units": Exhibit(seeing.show_units, "four hidden units of this network"),
        "credit": Exhibit(learning.show_credit, "try it: credit in a real game", ("gamma",), classic=False),
        "equations": Exhibit(learning.show_equations, "checked: the six equations", ("moment",)),
        "estimator": Exhibit(learning.show_estimator, "checked: an average of guesses", ("moment",)),
        "step": Exhibit(learning.show_step, "try it: one step on this network", ("rate",)),
        "rmsprop": Exhibit(learning.show_rmsprop, "checked: steps of even size"),
        "angles": Exhibit(rules.show_angles, "checked: where the ball goes", classic=False),
        "chase": Exhibit(rules.show_chase, "checked: what the CPU can reach", classic=False),
        "serve": Exhibit(rules.show_serve, "checked: the serve", classic=False),
        "same": Exhibit(rules.show_same, "checked: the rules beside the emulator", classic=False),
        "growth": Exhibit(speed.show_growth, "how updates grow", classic=False),
        "sparse": Exhibit(speed.show_sparse, "measured: only what changed"),
        "sharing": Exhibit(speed.show_sharing, "what neighbours learn", classic=False),
        "critic": Exhibit(speed.show_critic, "checked: advantages", classic=False),
        "kl": Exhibit(speed.show_kl, "measured: how far a step goes"),
        "softmax": Exhibit(ideas.show_softmax, "checked: three shares", ("moment",), classic=False),
        "n-step": Exhibit(ideas.show_n_step, "checked: n-step advantages", classic=False),
        "line-search": Exhibit(ideas.show_line_search, "tried: halving a step"),
        "search": Exhibit(ideas.show_search, "checked: a linear policy, and luck"),
        "views": Exhibit(ideas.show_views, "checked: other views"),
        "penalties": Exhibit(ideas.show_penalties, "checked: the price of turns, and decay", classic=False),
        "deeper": Exhibit(ideas.show_deeper, "checked: one layer more", ("moment",)),
        "baselines": Exhibit(ideas.show_baselines, "checked: what may be taken off"),
        "curves": Exhibit(speed.show_curves, "what it brings", classic=False),
        "rating": Exhibit(self_play.show_rating, "checked: the rating", classic=False),
    }
)
"""All exhibits."""
