"""All recipes by name: the built-in ones, and those of other installed packages.

All code that lists recipes, explains settings, estimates, trains or resumes uses this registry. A package
adds a recipe with an entry point of the group ``pongarena.recipes`` that names its dataclass.
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
    """The built-in recipes; those of other packages are loaded on demand."""

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
        """Add a recipe, unless its name is taken; for programs with their own recipes."""
        self._known.setdefault(kind.name, kind)

    def _all(self) -> dict[str, type[Recipe]]:
        if not self._has_all:
            from importlib.metadata import entry_points  # noqa: PLC0415 (a tenth of a start)

            self._has_all = True
            for entry in entry_points(group=_GROUP):
                try:
                    kind = entry.load()
                    if not issubclass(kind, Recipe):
                        raise TypeError(f"{entry.value} is not a Recipe")
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
"""All recipes by name, in display order; `faults` holds the errors of recipes that failed to load,
and `built_in` the names of pongarena's own."""

DEFAULT_RECIPE = TurboRecipe.name
"""The preselected recipe."""


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
        """Train while the caller asks for the next event."""

    def resume_state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return all that is needed to continue from the last update: arrays, and JSON types."""

    def set_learning_rate(self, rate: float | None) -> None:
        """Change the learning rate; None for the recipe's own."""

    def count_on(self, counters: Mapping[str, int], running_reward: float | None) -> None:
        """Set the counters from a checkpoint whose resume state was lost."""

    def close(self) -> None:
        """Close the games and stop the threads."""


def recipe(name: str, /, **settings: object) -> Recipe:
    """Create a recipe, with its defaults for settings not given.

    Args:
        name: One of `RECIPES`.
        settings: Values, or texts as typed.

    Raises:
        UnknownNameError: When there is no such recipe.
        InvalidSettingError: When a setting is unknown, not a number, or out of range.
    """
    kind = _kind(name)
    checked: dict[str, Any] = {key: check_setting(kind, key, value) for key, value in settings.items()}
    return kind(**checked)


def to_json(recipe: Recipe) -> dict[str, Any]:
    """Return a recipe as a JSON object: its name and every setting."""
    return {"name": recipe.name, **dataclasses.asdict(recipe)}


def from_json(values: Mapping[str, Any]) -> Recipe:
    """Create the recipe that `to_json` described; missing settings take their defaults.

    Raises:
        UnknownNameError: When there is no such recipe.
        InvalidSettingError: When a setting is unknown, not a number, or out of range.
    """
    name = str(values.get("name"))
    settings = {key: value for key, value in values.items() if key != "name"}
    return recipe(name, **_kind(name).upgrade(settings))


def new_trainer(recipe: Recipe, *, seed: int, policy: PolicyNetwork | None = None) -> Trainer:
    """Start a new training run with random weights or a copy of `policy`'s.

    Raises:
        InvalidSettingError: When the seed or the weights do not fit.
    """
    return cast("Trainer", _trainer(recipe)(recipe, seed=seed, policy=policy))


def resume_trainer(recipe: Recipe, arrays: Mapping[str, NDArray[Any]], state: Mapping[str, Any]) -> Trainer:
    """Continue a training run from what `Trainer.resume_state` returned.

    Raises:
        CheckpointError: When the state does not belong to this recipe.
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
    """Import a recipe's trainer, late, because it also imports the compiler."""
    module, _, name = recipe.trainer.partition(":")
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise PongArenaError(
            f"cannot train with the recipe {recipe.name!r}: its trainer {recipe.trainer} is missing "
            f"({error}); install its package again"
        ) from error
