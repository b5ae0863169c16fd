"""The experiments: question, variants, expectation and length."""

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
"""In one training run: more than a month."""

MOST_SECONDS = 7 * 86_400.0
"""Maximum duration of one training run."""

MOST_SEEDS = 50
"""Maximum number of seeds per arm."""


@dataclass(frozen=True)
class Arm:
    """One of the variants to compare.

    Attributes:
        name: Its name in charts and tables, at most 20 characters.
        method: The recipe.
        settings: Settings that differ from the recipe's defaults. A shuffle differs for each seed.
    """

    name: str
    method: str
    settings: Mapping[str, int | float] = field(default_factory=dict)

    def recipe(self, seed: int = 0) -> Recipe:
        """Return the recipe for a seed.

        Raises:
            UnknownNameError: When there is no such recipe.
            InvalidSettingError: When the recipe does not allow a setting.
        """
        own = dict(self.settings)
        if own.get("shuffle"):
            own["shuffle"] += seed
        return registry.recipe(self.method, **own)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON types, with every setting of the recipe."""
        return {"name": self.name, "method": self.method, "settings": registry.to_json(self.recipe())}


@dataclass(frozen=True)
class Length:
    """The length of an experiment.

    Attributes:
        name: "short" or "proper".
        decisions: Maximum decisions per training run.
        seeds: Training runs per arm.
        seconds: Seconds per training run; 0 if the decisions are the limit.
    """

    name: Word
    decisions: Annotated[int, Meta(ge=1, le=MOST_DECISIONS)]
    seeds: Annotated[int, Meta(ge=1, le=MOST_SEEDS)]
    seconds: Annotated[float, Meta(ge=0, le=MOST_SECONDS)] = 0.0

    @property
    def amount(self) -> int:
        """Length of one training run: decisions, or milliseconds."""
        return round(1000 * self.seconds) if self.seconds else self.decisions

    def __str__(self) -> str:
        """Describe the length of one training run."""
        return f"{self.seconds:g} seconds" if self.seconds else f"{self.decisions:,} steps"


LENGTHS = (Length("short", 100_000, 2), Length("proper", 1_000_000, 4))
"""Enough for a first impression, and enough to tell a difference from chance."""

_TIMED = (Length("short", MOST_DECISIONS, 5, 20.0), Length("proper", MOST_DECISIONS, 5, 120.0))
"""The same for an experiment whose training runs take equally long."""


@dataclass(frozen=True)
class Experiment:
    """A question and how to answer it.

    Attributes:
        name: Its name on the command line.
        title: Its displayed title.
        question: One sentence.
        varied: What differs between the arms, and what does not.
        expectation: The expected result and why, and what a short run cannot show.
        arms: The variants; the others are compared with the first.
        lengths: The lengths to choose from: short, proper.
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
        """Return a length by name, optionally with other numbers.

        Args:
            name: "short" or "proper".
            decisions: Decisions per training run, instead of the default.
            seconds: Seconds per training run, if training runs take equally long.
            seeds: Seeds per arm.

        Raises:
            UnknownNameError: When there is no such length.
            InvalidSettingError: When a number is out of range, or in the wrong unit.
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
"""The karpathy recipe with steps ten times as long: the same learning in less time."""

_WHOLE = MappingProxyType({"hidden_units": 200, "block_rows": 1, "block_columns": 1})
"""A network like the post's, for a search: every pixel has its own weights."""

EXPERIMENTS = (
    Experiment(
        "permuted-pixels",
        "Permuted pixels",
        "Does the network know that pixels lie side by side?",
        "The 6,400 pixels are shuffled, in a fixed order for each training. Both recipes learn from "
        "plain and from shuffled pictures. The karpathy recipe's learning rate is 0.001 here.",
        "For karpathy it should make no difference: every pixel has its own weights, drawn alike, "
        "so a shuffled network is the same network with its weights shuffled. Turbo shares weights between "
        "pixels in a column during training. Shuffled, these are no longer neighbours, so it should "
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
        "Does it help to hide what comes too late?",
        "The strips behind the two paddles are cut off: once the ball has passed, it is out of sight. "
        "The recipe is turbo in both variants.",
        "What happens behind a paddle cannot be changed any more, so these pixels only carry noise: the "
        "tight crop may learn a little faster. But turbo's critic also uses these pixels to see a point "
        "coming. Expect a small difference, which two seeds may not show.",
        (Arm("whole field", "turbo"), Arm("tight crop", "turbo", MappingProxyType({"crop": 2}))),
    ),
    Experiment(
        "normalised-returns",
        "Normalised returns",
        "What is gained by shifting and scaling the returns of a game?",
        "With: every game's returns are scaled to mean 0 and deviation 1. Without: they are used as they "
        "are. The recipe is karpathy with a learning rate of 0.001.",
        "A beginner loses nearly every point. Without normalising, nearly all its moves are discouraged, "
        "and good and bad ones differ only in how strongly. With it, half of the moves are encouraged: those "
        "in longer rallies and far from the loss. That is less noisy, and it should learn sooner. The scale "
        "hardly matters, because RMSProp divides it out.",
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
        "0.001 should learn several times faster than 0.0001, which only loses in a short run. "
        "0.003 may start as fast, and then become unstable or fall back.",
        (
            Arm("rate 0.0001", "karpathy"),
            Arm("rate 0.001", "karpathy", _QUICK),
            Arm("rate 0.003", "karpathy", MappingProxyType({"learning_rate": 3e-3})),
        ),
    ),
    Experiment(
        "without-gradients",
        "Without gradients",
        "Is it enough to try random weights and keep the best?",
        "Turbo, against two searches that never compute a gradient. Random search draws whole networks "
        "(200 hidden units) or small linear policies (100 weights, one for 8 × 8 pixels each) and keeps the "
        "best. The cross-entropy method draws linear policies around earlier winners. "
        "Their curves show tests after each round. The steps of tests and of all candidates count.",
        "A gradient gives a direction for all of 1.3 million weights at once; a score says only "
        "that something was better. Random search should find policies that stand where the ball "
        "often comes, and hardly more. The cross-entropy method improves, but only with so few weights.",
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
        "Every recipe with its own settings, for the same number of seconds; compiling and pauses do not "
        "count. The chart shows seconds; the report has a second chart with steps.",
        "Turbo should lead: its updates are designed for a fast start. Recipes with a critic need few steps. "
        "The karpathy recipe plays the most steps a second and learns the least from each: its own learning "
        "rate is meant for hours. A search gains at once, or hardly at all, and then stays where it is.",
        tuple(Arm(name, name) for name in registry.RECIPES.built_in),
        _TIMED,
    ),
)
"""All experiments, in display order."""


def experiment(name: str) -> Experiment:
    """Return the experiment of this name.

    Raises:
        UnknownNameError: When there is none.
    """
    known = {each.name: each for each in EXPERIMENTS}
    if name not in known:
        hint = did_you_mean(name, known) or f"; choose one of {', '.join(known)}"
        raise UnknownNameError(f"there is no experiment {name!r}{hint}")
    return known[name]
