"""All recipes by name: the built-in ones, and those of packages that are installed beside pongarena.

Whoever offers recipes, explains their settings, estimates, trains or resumes asks here. A package adds one
with an entry point of the group ``pongarena.recipes`` that names its dataclass.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, Protocol, cast

from numpy.typing import NDArray

from pongarena.core.errors import PongArenaError, UnknownNameError
from pongarena.nn.policy import PolicyNetwork
from pongarena.training.algorithms.a2c import A2CRecipe
from pongarena.training.algorithms.karpathy import KarpathyRecipe
from pongarena.training.algorithms.line_search import LineSearchRecipe
from pongarena.training.algorithms.search import CrossEntropyRecipe, RandomSearchRecipe
from pongarena.training.algorithms.self_play import SelfPlayRecipe
from pongarena.training.algorithms.turbo import TurboRecipe
from pongarena.training.events import Event
from pongarena.training.recipe import Recipe
from pongarena.training.settings import check_setting

__all__ = [
    "DEFAULT_RECIPE",
    "RECIPES",
    "Trainer",
    "from_json",
    "new_trainer",
    "recipe",
    "resume_trainer",
    "to_json",
]

_GROUP = "pongarena.recipes"


class _Recipes(Mapping[str, type[Recipe]]):
    """The built-in recipes, and others once somebody asks for one or for all."""

    def __init__(self, *built_in: type[Recipe]) -> None:
        self.built_in = tuple(kind.name for kind in built_in)
        self._known = {kind.name: kind for kind in built_in}
        self._has_all = False
        self.faults: dict[str, str] = {}

    def __getitem__(self, name: str) -> type[Recipe]:
        return (self._known if name in self._known else self._all())[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def register(self, kind: type[Recipe]) -> None:
        """Adds a recipe, unless one of its name is there; for programs that bring their own."""
        self._known.setdefault(kind.name, kind)

    def _all(self) -> dict[str, type[Recipe]]:
        if not self._has_all:
            from importlib.metadata import entry_points  # noqa: PLC0415 (a tenth of a start)

            self._has_all = True
            for entry in entry_points(group=_GROUP):
                try:
                    kind = entry.load()
                    if not issubclass(kind, Recipe):
                        raise TypeError(f"{entry.value} is no Recipe")
                    self.register(kind)
                except Exception as error:
                    self.faults[entry.name] = f"{type(error).__name__}: {error}"
        return self._known


RECIPES = _Recipes(
    TurboRecipe,
    KarpathyRecipe,
    A2CRecipe,
    LineSearchRecipe,
    SelfPlayRecipe,
    CrossEntropyRecipe,
    RandomSearchRecipe,
)
"""Every recipe by its name, in the order in which they are offered; `faults` tells what cannot
be used, and `built_in` which are pongarena's own."""

DEFAULT_RECIPE = TurboRecipe.name
"""What a form offers first."""


class Trainer(Protocol):
    """What every trainer offers; see `BaseTrainer`."""

    seed: int
    policy: PolicyNetwork
    episode: int
    updates: int
    steps: int

    @property
    def recipe(self) -> Recipe:
        """How it trains."""

    @property
    def game(self) -> str:
        """What the games are played on: "emulator" or "compiled"."""

    def events(self) -> Iterator[Event]:
        """Trains for as long as it is asked for the next event."""

    def resume_state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Everything needed to go on from the last update: arrays, and JSON types."""

    def set_learning_rate(self, rate: float | None) -> None:
        """Goes on with another learning rate; None for the recipe's own way."""

    def count_on(self, counters: Mapping[str, int], running_reward: float | None) -> None:
        """Takes up the numbers of a checkpoint whose state to resume from was lost."""

    def close(self) -> None:
        """Lets the games go."""


def recipe(name: str, **settings: object) -> Recipe:
    """Builds a recipe, with its own defaults for the settings not given.

    Args:
        name: One of `RECIPES`.
        settings: Values, or texts as typed.

    Raises:
        UnknownNameError: When there is no such recipe.
        InvalidSettingError: When a setting is unknown, no number, or out of its range.
    """
    kind = _kind(name)
    checked: dict[str, Any] = {key: check_setting(kind, key, value) for key, value in settings.items()}
    return kind(**checked)


def to_json(recipe: Recipe) -> dict[str, Any]:
    """A recipe as an object of JSON types: its name and every setting."""
    return {"name": recipe.name, **dataclasses.asdict(recipe)}


def from_json(values: Mapping[str, Any]) -> Recipe:
    """Builds the recipe that `to_json` described; settings that it does not name take their defaults.

    Raises:
        UnknownNameError: When there is no such recipe.
        InvalidSettingError: When a setting is unknown, no number, or out of its range.
    """
    name = str(values.get("name"))
    settings = {key: value for key, value in values.items() if key != "name"}
    return recipe(name, **_kind(name).upgrade(settings))


def new_trainer(recipe: Recipe, *, seed: int, policy: PolicyNetwork | None = None) -> Trainer:
    """A training from the beginning, with random weights or those of `policy`, copied.

    Raises:
        InvalidSettingError: When the seed or the weights' size do not fit.
    """
    return cast("Trainer", _trainer(recipe)(recipe, seed=seed, policy=policy))


def resume_trainer(recipe: Recipe, arrays: Mapping[str, NDArray[Any]], state: Mapping[str, Any]) -> Trainer:
    """A training that goes on from what `Trainer.resume_state` gave.

    Raises:
        CheckpointError: When the state is not one of this recipe.
    """
    return cast("Trainer", _trainer(recipe).resume(recipe, arrays, state))


def _kind(name: str) -> type[Recipe]:
    if name in RECIPES:
        return RECIPES[name]
    broken = RECIPES.faults.get(name)
    raise UnknownNameError(
        f"expected a recipe, one of {', '.join(sorted(RECIPES))}, got {name!r}; choose one of them"
        if broken is None
        else f"the recipe {name!r} is installed and cannot be used ({broken}); update or remove its package"
    )


def _trainer(recipe: Recipe) -> Any:  # noqa: ANN401 - any class with the methods of `Trainer`
    """What trains by a recipe; its compiler takes a while to import."""
    module, _, name = recipe.trainer.partition(":")
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise PongArenaError(
            f"the recipe {recipe.name!r} cannot be trained by, its trainer {recipe.trainer} is missing "
            f"({error}); install its package again"
        ) from error
