"""The exhibits by the names under which the text asks for them."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from pongarena.school.demos import learning, rules, seeing, speed
from pongarena.school.lesson import Lesson
from pongarena.school.parts import Parameters, Part

__all__ = ["EXHIBITS", "Exhibit"]


class Exhibit(NamedTuple):
    """A piece of the text that is computed.

    Attributes:
        show: Makes the parts; may take a second.
        title: Above it.
        turns: The names of the knobs that it answers to, among those of `Parameters`.
    """

    show: Callable[[Lesson, Parameters], list[Part]]
    title: str
    turns: tuple[str, ...] = ()


EXHIBITS: Mapping[str, Exhibit] = MappingProxyType(
    {
        "frames": Exhibit(seeing.show_frames, "a real frame, step by step", ("moment",)),
        "forward": Exhibit(seeing.show_forward, "one decision, taken apart", ("moment",)),
        "ball": Exhibit(seeing.show_ball, "try it: move the ball", ("moment", "ball")),
        "chance": Exhibit(seeing.show_chance, "the coin, tossed", ("moment",)),
        "units": Exhibit(seeing.show_units, "four hidden units of this network"),
        "credit": Exhibit(learning.show_credit, "try it: credit in a real game", ("gamma",)),
        "equations": Exhibit(learning.show_equations, "checked: the six equations", ("moment",)),
        "estimator": Exhibit(learning.show_estimator, "checked: an average of guesses", ("moment",)),
        "step": Exhibit(learning.show_step, "try it: one step on this network", ("rate",)),
        "rmsprop": Exhibit(learning.show_rmsprop, "checked: steps of even size"),
        "angles": Exhibit(rules.show_angles, "checked: where the ball goes"),
        "chase": Exhibit(rules.show_chase, "checked: what the AI can reach"),
        "serve": Exhibit(rules.show_serve, "checked: the serve"),
        "same": Exhibit(rules.show_same, "checked: the rules beside the emulator"),
        "growth": Exhibit(speed.show_growth, "how updates grow"),
        "sparse": Exhibit(speed.show_sparse, "measured: only what changed"),
        "sharing": Exhibit(speed.show_sharing, "what neighbours learn"),
        "critic": Exhibit(speed.show_critic, "checked: advantages"),
        "kl": Exhibit(speed.show_kl, "measured: how far a step goes"),
        "curves": Exhibit(speed.show_curves, "what it brings"),
    }
)
"""All of them."""
