"""Ways to begin: recipes with settings for an occasion, and how long to let them train."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from pongarena.training.algorithms.karpathy import KarpathyRecipe
from pongarena.training.algorithms.self_play import SelfPlayRecipe
from pongarena.training.algorithms.turbo import TurboRecipe
from pongarena.training.recipe import Recipe
from pongarena.training.registry import recipe

__all__ = ["PRESETS", "Preset"]


@dataclass(frozen=True)
class Preset:
    """A filled-in form.

    Attributes:
        title: Its name for people.
        about: What it is for, in a sentence or two.
        recipe_name: The recipe.
        settings: Those that differ from the recipe's own.
        minutes: When to finish; None to train until stopped.
        share: Of the processor, 0..1.
    """

    title: str
    about: str
    recipe_name: str
    settings: Mapping[str, int | float] = field(default_factory=dict)
    minutes: float | None = None
    share: float = 1.0

    @property
    def recipe(self) -> Recipe:
        """The recipe with these settings."""
        return recipe(self.recipe_name, **self.settings)


PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "evening": Preset(
            "train until I stop it",
            "The fast recipe with its own settings: on two cores the CPU's equal in less than a minute, and "
            "better for as long as you let it train on.",
            TurboRecipe.name,
        ),
        "quick": Preset(
            "quick look, 1 minute",
            "The same, but it stops by itself: enough to see it learn to return the ball and beat the CPU.",
            TurboRecipe.name,
            minutes=1,
        ),
        "strongest": Preset(
            "the strongest, half an hour",
            "Goes on trying new things three times as long before it settles: so the champion in the box "
            "was made. There are no reference runs to compare it with.",
            TurboRecipe.name,
            {"settle_steps": 24_000_000},
            minutes=30,
        ),
        "gentle": Preset(
            "gentle on the laptop",
            "Rests half of the time, so that the fan stays quiet and other programs have room; takes twice "
            "as long for the same result.",
            TurboRecipe.name,
            share=0.5,
        ),
        "small": Preset(
            "small and light",
            "A quarter of the neurons and of the parallel games: less memory, smaller files, pictures that "
            "are easy to look through; it plays less well.",
            TurboRecipe.name,
            {"hidden_units": 50, "games": 256, "critic_units": 64},
        ),
        "itself": Preset(
            "only against itself, 10 minutes",
            "Both paddles are the network's, or one is an older self's; the CPU it meets in a few games as a "
            "check, from which it learns nothing.",
            SelfPlayRecipe.name,
            minutes=10,
        ),
        "original": Preset(
            "the original of 2016",
            "Policy gradients as in the blog post, with its settings. What took three nights on a laptop "
            "then takes less than a minute now.",
            KarpathyRecipe.name,
        ),
        "original-faster": Preset(
            "the original, but bolder",
            "The same method with steps ten times as long: it passes the CPU in less than a minute, and "
            "sometimes falls back.",
            KarpathyRecipe.name,
            {"learning_rate": 1e-3},
        ),
    }
)
"""By their short names, in the order in which they are offered."""
