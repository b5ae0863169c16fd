"""Presets: recipes with settings for an occasion, and a training time."""

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
        title: Its displayed name.
        about: What it is for, in a sentence or two.
        recipe_name: The recipe.
        settings: Settings that differ from the recipe's defaults.
        minutes: Training time; None to train until stopped.
        share: Share of the processor to use, 0..1.
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
            "The fast recipe with its own settings: on two cores it matches the CPU in less than a minute, "
            "and keeps improving as long as it trains.",
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
            "Explores three times as long before it settles: the champion in the box was trained this way. "
            "There are no reference runs to compare it with.",
            TurboRecipe.name,
            {"settle_steps": 24_000_000},
            minutes=30,
        ),
        "gentle": Preset(
            "gentle on the laptop",
            "Rests half of the time, so the fan stays quiet and other programs run smoothly; takes twice as "
            "long for the same result.",
            TurboRecipe.name,
            share=0.5,
        ),
        "small": Preset(
            "small and light",
            "A quarter of the neurons and of the parallel games: less memory, smaller files, pictures that "
            "are easier to survey; it plays less well.",
            TurboRecipe.name,
            {"hidden_units": 50, "games": 256, "critic_units": 64},
        ),
        "itself": Preset(
            "only against itself, 10 minutes",
            "It plays both paddles, or plays against an older self. It meets the CPU only in a few games as "
            "a check, from which it learns nothing.",
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
"""Presets by short name, in display order."""
