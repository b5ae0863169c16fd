"""The experiments: what is asked, what is varied, what to expect, and how long it takes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Annotated, Any

from pongarena.core.errors import InvalidSettingError, UnknownNameError
from pongarena.core.records import Meta, Word
from pongarena.library.names import did_you_mean
from pongarena.training import registry
from pongarena.training.recipe import Recipe

__all__ = [
    "EXPERIMENTS",
    "LENGTHS",
    "MOST_DECISIONS",
    "MOST_SECONDS",
    "MOST_SEEDS",
    "Arm",
    "Experiment",
    "Length",
    "experiment",
]

MOST_DECISIONS = 10**10
"""In one training: a month and more."""

MOST_SECONDS = 7 * 86_400.0
"""Of one training."""

MOST_SEEDS = 50
"""Of one arm."""


@dataclass(frozen=True)
class Arm:
    """One of the things that are compared.

    Attributes:
        name: What charts and tables call it, at most 20 characters.
        method: The recipe that learns.
        settings: Of the recipe, where they are not its own. A shuffle is another one for each seed.
    """

    name: str
    method: str
    settings: Mapping[str, int | float] = field(default_factory=dict)

    def recipe(self, seed: int = 0) -> Recipe:
        """How the training with a seed goes.

        Raises:
            UnknownNameError: When there is no such recipe.
            InvalidSettingError: When the recipe does not allow a setting.
        """
        own = dict(self.settings)
        if own.get("shuffle"):
            own["shuffle"] += seed
        return registry.recipe(self.method, **own)

    def to_json(self) -> dict[str, Any]:
        """All of it, with every setting of the recipe."""
        return {"name": self.name, "method": self.method, "settings": registry.to_json(self.recipe())}


@dataclass(frozen=True)
class Length:
    """How much is played.

    Attributes:
        name: "short" or "proper".
        decisions: In each training, at the most.
        seeds: Trainings of each arm.
        seconds: Of each training; 0 where its decisions are counted instead.
    """

    name: Word
    decisions: Annotated[int, Meta(ge=1, le=MOST_DECISIONS)]
    seeds: Annotated[int, Meta(ge=1, le=MOST_SEEDS)]
    seconds: Annotated[float, Meta(ge=0, le=MOST_SECONDS)] = 0.0

    @property
    def amount(self) -> int:
        """Of one training: decisions, or milliseconds."""
        return round(1000 * self.seconds) if self.seconds else self.decisions

    def __str__(self) -> str:
        """Of one training, in words."""
        return f"{self.seconds:g} seconds" if self.seconds else f"{self.decisions:,} steps"


LENGTHS = (Length("short", 100_000, 2), Length("proper", 1_000_000, 4))
"""A first impression, and enough to tell a difference from chance."""

_TIMED = (Length("short", MOST_DECISIONS, 5, 20.0), Length("proper", MOST_DECISIONS, 5, 120.0))
"""The same for an experiment whose trainings take equally long."""


@dataclass(frozen=True)
class Experiment:
    """A question and how to answer it.

    Attributes:
        name: As typed on the command line.
        title: As shown.
        question: One sentence.
        varied: What differs between the arms, and what does not.
        expectation: What one should see, and why; what a short run cannot show.
        arms: What is compared; the first one is what the others are compared with.
        lengths: How much may be played: short, proper.
    """

    name: str
    title: str
    question: str
    varied: str
    expectation: str
    arms: tuple[Arm, ...]
    lengths: tuple[Length, Length] = LENGTHS

    def length(
        self,
        name: str,
        *,
        decisions: int | None = None,
        seconds: float | None = None,
        seeds: int | None = None,
    ) -> Length:
        """A length by its name, with other numbers if wanted.

        Args:
            name: "short" or "proper".
            decisions: Of each training, instead of the length's.
            seconds: Likewise, where trainings take equally long.
            seeds: Of each arm, likewise.

        Raises:
            UnknownNameError: When there is no such length.
            InvalidSettingError: When a number is out of its range, or in a unit that is not compared.
        """
        known = {each.name: each for each in self.lengths}
        if name not in known:
            raise UnknownNameError(f"expected one of {', '.join(known)}, got {name!r}; choose one of them")
        chosen, given = known[name], {"decisions": decisions, "seconds": seconds, "seeds": seeds}
        own: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
        if not own:
            return chosen
        refused, (unit, other) = "seconds", ("steps", "seconds")
        if chosen.seconds:
            refused, (unit, other) = "decisions", ("seconds", "steps")
        if refused in own:
            raise InvalidSettingError(
                f"expected {unit}, got {own[refused]:,} {other}: {self.name} compares trainings of "
                f"equally many {unit}; give --{unit} instead"
            )
        made = replace(chosen, name="own", **own)
        if not (
            1 <= made.decisions <= MOST_DECISIONS
            and 2 <= made.seeds <= MOST_SEEDS
            and (not chosen.seconds or 1 <= made.seconds <= MOST_SECONDS)
        ):
            raise InvalidSettingError(
                f"expected 1 to {MOST_DECISIONS:,} steps or 1 to {MOST_SECONDS:,.0f} seconds, and 2 to "
                f"{MOST_SEEDS} seeds, got {made} and {made.seeds}; one seed cannot show what is chance"
            )
        return made


_QUICK = MappingProxyType({"learning_rate": 1e-3})
"""The karpathy recipe with its steps ten times as long: the same learning, within one's patience."""

_WHOLE = MappingProxyType({"hidden_units": 200, "block_rows": 1, "block_columns": 1})
"""A network like that of the post, for a search: every pixel has its own weights."""

EXPERIMENTS = (
    Experiment(
        "permuted-pixels",
        "Permuted pixels",
        "Does the network know that pixels lie side by side?",
        "The 6,400 pixels are shuffled, each training in its own way, and stay so. Both recipes learn from "
        "plain and from shuffled pictures. The karpathy recipe's learning rate is 0.001 here.",
        "For karpathy it should make no difference: every pixel has its own weights, drawn alike, "
        "and a shuffled network is the same network with its weights shuffled. Turbo shares weights between "
        "pixels above one another while it trains. Shuffled, these are no neighbours any more, and it should "
        "learn more slowly. Karpathy barely begins to win in a short run, so only turbo's variants can "
        "show something there.",
        (
            Arm("turbo", "turbo"),
            Arm("turbo, shuffled", "turbo", MappingProxyType({"shuffle": 1})),
            Arm("karpathy", "karpathy", _QUICK),
            Arm("karpathy, shuffled", "karpathy", MappingProxyType({**_QUICK, "shuffle": 1})),
        ),
    ),
    Experiment(
        "tight-crop",
        "Tighter crop",
        "Does it help not to see what comes too late?",
        "The strips behind the two paddles are cut away: once the ball has passed, it is out of sight. "
        "The recipe is turbo in both variants.",
        "Nothing that happens behind a paddle can be changed any more, so these pixels only carry noise: a "
        "little faster, if anything. But turbo's critic also uses them to see a point coming. Expect a small "
        "difference, which two seeds may not show.",
        (Arm("whole field", "turbo"), Arm("tight crop", "turbo", MappingProxyType({"crop": 2}))),
    ),
    Experiment(
        "normalised-returns",
        "Normalised returns",
        "What is gained by shifting and scaling the returns of a game?",
        "With: every game's returns are brought to mean 0 and deviation 1. Without: they are used as they "
        "are. The recipe is karpathy with a learning rate of 0.001.",
        "A beginner loses nearly every point. Without normalising nearly everything it does is discouraged, "
        "and only how strongly tells good from bad; with it, half of the moves are encouraged: those in "
        "longer rallies and far from the loss. That is less noisy, and should learn sooner. The scale hardly "
        "matters, for RMSProp divides it out.",
        (
            Arm("normalised", "karpathy", _QUICK),
            Arm("plain returns", "karpathy", MappingProxyType({**_QUICK, "normalise": 0})),
        ),
    ),
    Experiment(
        "learning-rates",
        "Learning rates",
        "How long should a step be?",
        "The learning rate of the karpathy recipe: 0.0001 (its own), 0.001 and 0.003. All else is the same.",
        "0.001 should learn several times faster than 0.0001, of which a short run shows nothing but defeat. "
        "0.003 may begin as fast and then become unsure, or fall back.",
        (
            Arm("rate 0.0001", "karpathy"),
            Arm("rate 0.001", "karpathy", _QUICK),
            Arm("rate 0.003", "karpathy", MappingProxyType({"learning_rate": 3e-3})),
        ),
    ),
    Experiment(
        "without-gradients",
        "Without gradients",
        "Would it do to try weights at random and keep the best?",
        "Turbo, against two searches that never compute a gradient. Random search draws whole networks "
        "(200 hidden units) or small linear policies (100 weights, one for 8 × 8 pixels each) and keeps the "
        "best. The cross-entropy method draws linear policies around what won before. "
        "Their curves are of tests after each round, whose steps count, as those of all candidates do.",
        "A gradient says in which direction to go for all of 1.3 million weights at once; a score says only "
        "that somewhere something was better. Random search should find policies that stand where the ball "
        "often comes, and hardly more. The cross-entropy method improves, but only on so few weights.",
        (
            Arm("turbo", "turbo"),
            Arm("random networks", "random-search", _WHOLE),
            Arm("random linear", "random-search"),
            Arm("cross-entropy", "cross-entropy"),
        ),
    ),
    Experiment(
        "who-learns-fastest",
        "Who learns fastest",
        "Which recipe makes the most of the same time on this machine?",
        "Every recipe with its own settings, for the same seconds; compiling and pauses do not count. "
        "The chart is drawn against seconds; the report has a second one against steps.",
        "Turbo should lead: its updates are made for the start. Recipes with a critic need few steps. "
        "The karpathy recipe plays most steps a second and learns least from each: its own learning rate "
        "is for hours. A search gains at once, or hardly at all, and then stays where it is.",
        tuple(Arm(name, name) for name in registry.RECIPES.built_in),
        _TIMED,
    ),
)
"""All experiments, in the order in which they are offered."""


def experiment(name: str) -> Experiment:
    """The experiment of this name.

    Raises:
        UnknownNameError: When there is none.
    """
    known = {each.name: each for each in EXPERIMENTS}
    if name not in known:
        hint = did_you_mean(name, known) or f"; choose one of {', '.join(known)}"
        raise UnknownNameError(f"there is no experiment {name!r}{hint}")
    return known[name]
