"""Benchmark of training and its parts, against the bare emulator and a plain one-game loop."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from pongarena.bench.alone import GamesAlone
from pongarena.bench.bare import BARE_GAMES
from pongarena.bench.turns import Spread, take_turns
from pongarena.envs.vector import BareGames
from pongarena.nn.sparse_net import SparseNet
from pongarena.nn.threads import Threads, available_cores
from pongarena.training.algorithms.karpathy import KarpathyRecipe
from pongarena.training.compiled_games import CompiledGames
from pongarena.training.events import Event, FellBack, Updated
from pongarena.training.plain_loop import ReferenceLoop
from pongarena.training.recipe import Recipe
from pongarena.training.registry import Trainer, new_trainer

__all__ = ["TrainingFigures", "measure_training"]

_GAMES, _STEPS = 128, 64
"""Parallel games and decisions per call of the compiled game: enough to make call overhead negligible."""

_BARE_STEPS, _PLAIN_STEPS = 10, 50
"""Decisions between two readings of the clock."""

_Measure = Callable[[], float]


@dataclass(frozen=True)
class TrainingFigures:
    """The measured figures.

    Attributes:
        cores: Cores available to the process.
        rates: Decisions per second, by name: `game`, `rollouts_one_core`, `rollouts`, each recipe's name,
            `bare`, `plain`.
        ratios: Ratios round by round: `RECIPE_over_bare` and `RECIPE_over_plain` for each recipe.
        objections: By recipe: why it was trained on the emulator, if it was.
    """

    cores: int
    rates: Mapping[str, Spread]
    ratios: Mapping[str, Spread]
    objections: Mapping[str, str]

    def rows(self) -> list[tuple[str, Spread]]:
        """Return the rows of a table: label and figure."""
        recipes = [name.removesuffix("_over_bare") for name in self.ratios if name.endswith("_over_bare")]
        rows = [(f"{name} training ÷ bare emulator", self.ratios[f"{name}_over_bare"]) for name in recipes]
        rows += [(f"{name} training ÷ plain loop", self.ratios[f"{name}_over_plain"]) for name in recipes]
        cores = "one core" if self.cores == 1 else f"{self.cores} cores"
        words = {
            "game": "compiled game, difference frames, one core",
            "rollouts_one_core": "rollouts, network deciding, one core",
            "rollouts": f"rollouts, network deciding, {cores}",
            **{name: f"{name} training, {cores}" for name in recipes},
            "bare": f"bare emulator, {BARE_GAMES} games, {cores}",
            "plain": "plain one-game loop, dense products",
        }
        return rows + [(words[name], spread) for name, spread in self.rates.items()]


def measure_training(
    recipes: Sequence[Recipe], *, rounds: int, seconds: float, seed: int, on_turn: Callable[[str], None]
) -> TrainingFigures:
    """Measure the compiled game, rollouts, training, the bare emulator and the plain loop in turns.

    Args:
        recipes: The recipes to train; the other measurements use the first one's frame skip, sticky actions
            and network.
        rounds: Turns of each.
        seconds: Length of a turn; a training turn ends with the update under way.
        seed: Seed of all randomness.
        on_turn: Called with a description before each turn.
    """
    first = recipes[0]
    objections: dict[str, str] = {}
    with ExitStack() as stack:
        alone = GamesAlone(_GAMES, first, seed)
        bare = BareGames(BARE_GAMES, frame_skip=first.frame_skip, sticky=first.sticky, seed=seed)
        stack.callback(bare.close)
        threads = Threads()
        stack.callback(threads.close)
        plain = ReferenceLoop(KarpathyRecipe(sticky=first.sticky, frame_skip=first.frame_skip), seed=seed)
        stack.callback(plain.close)
        contestants: dict[str, _Measure] = {
            "game": lambda: _rate(alone.run, _GAMES, _STEPS, seconds),
            "rollouts_one_core": _rollouts(first, None, seed, seconds),
            "rollouts": _rollouts(first, threads, seed, seconds),
        }
        for recipe in recipes:
            trainer = new_trainer(recipe, seed=seed)
            stack.callback(trainer.close)
            contestants[recipe.name] = _training(trainer, seconds, objections)
        contestants["bare"] = lambda: _rate(bare.run, BARE_GAMES, _BARE_STEPS, seconds)
        contestants["plain"] = lambda: _rate(plain.run, 1, _PLAIN_STEPS, seconds)
        figures = take_turns(contestants, rounds, on_turn)
    ratios = {
        f"{recipe.name}_over_{base}": Spread.of_ratios(figures[recipe.name], figures[base])
        for recipe in recipes
        for base in ("bare", "plain")
    }
    rates = {name: Spread.of(values) for name, values in figures.items()}
    return TrainingFigures(available_cores(), rates, ratios, objections)


def _rollouts(recipe: Recipe, threads: Threads | None, seed: int, seconds: float) -> _Measure:
    games = CompiledGames.of(recipe, _GAMES, steps=_STEPS, threads=threads)
    rng = np.random.default_rng(seed)
    games.begin(rng.integers(0, 2**63, _GAMES, np.uint64))
    net = SparseNet.of(recipe.new_network(rng), threads or Threads(1))

    def run(_: int) -> float:
        started = perf_counter()
        games.play(net)
        return perf_counter() - started

    return lambda: _rate(run, _GAMES, _STEPS, seconds)


def _training(trainer: Trainer, seconds: float, objections: dict[str, str]) -> _Measure:
    events = trainer.events()
    return lambda: _training_rate(trainer, events, seconds, objections)


def _training_rate(
    trainer: Trainer, events: Iterator[Event], seconds: float, objections: dict[str, str]
) -> float:
    """Return the steps per second from update to update: only steps learned from count."""
    started, steps = perf_counter(), trainer.steps
    for event in events:
        if isinstance(event, FellBack):
            objections[trainer.recipe.name] = str(event)
        if isinstance(event, Updated) and perf_counter() - started >= seconds:
            break
    return (trainer.steps - steps) / (perf_counter() - started)


def _rate(run: Callable[[int], float], games: int, at_once: int, seconds: float) -> float:
    steps, spent = 0, 0.0
    while spent < seconds:
        spent += run(at_once)
        steps += at_once * games
    return steps / spent
