"""How fast training is: against the bare emulator, and against a plain one-game loop."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter

from pongarena.bench.turns import Spread, take_turns
from pongarena.game.vector import BareGames
from pongarena.training.events import Event, Updated
from pongarena.training.recipes import KarpathyRecipe, Recipe
from pongarena.training.reference import ReferenceLoop
from pongarena.training.trainers import Trainer, new_trainer

__all__ = ["TrainingFigures", "measure_training"]


@dataclass(frozen=True)
class TrainingFigures:
    """Agent steps a second, and their ratios round by round.

    Attributes:
        training: Of training by the recipe.
        bare: Of the vector emulator alone, with the same games and threads, and random moves.
        reference: Of a plain loop of one game with dense products.
        over_reference: Training ÷ reference.
        over_bare: Training ÷ bare.
    """

    training: Spread
    bare: Spread
    reference: Spread
    over_reference: Spread
    over_bare: Spread


def measure_training(
    recipe: Recipe, *, rounds: int, seconds: float, seed: int, on_turn: Callable[[str], None]
) -> TrainingFigures:
    """Let training, the bare emulator and the plain loop take turns.

    Args:
        recipe: How to train; the bare emulator plays as many games at once.
        rounds: Turns for each.
        seconds: Length of a turn; training's ends with the update that is under way.
        seed: Where all chance comes from.
        on_turn: Told before each turn, in words.
    """
    trainer = new_trainer(recipe, seed=seed)
    training_events = trainer.events()
    bare = BareGames(recipe.games, frame_skip=recipe.frame_skip, sticky=recipe.sticky, seed=seed)
    plain = KarpathyRecipe(sticky=recipe.sticky, frame_skip=recipe.frame_skip)
    reference = ReferenceLoop(plain, seed=seed)
    try:
        figures = take_turns(
            {
                "training": lambda: _training_rate(trainer, training_events, seconds),
                "bare emulator": lambda: _rate(bare.run, bare.games, seconds),
                "plain loop": lambda: _rate(reference.run, 1, seconds),
            },
            rounds,
            on_turn,
        )
    finally:
        trainer.close()
        bare.close()
        reference.close()
    training, alone, one = figures["training"], figures["bare emulator"], figures["plain loop"]
    return TrainingFigures(
        training=Spread.of(training),
        bare=Spread.of(alone),
        reference=Spread.of(one),
        over_reference=Spread.of_ratios(training, one),
        over_bare=Spread.of_ratios(training, alone),
    )


def _training_rate(trainer: Trainer, events: Iterator[Event], seconds: float) -> float:
    """Steps a second from update to update: only steps that are learned from count."""
    started, steps = perf_counter(), trainer.steps
    for event in events:
        if isinstance(event, Updated) and perf_counter() - started >= seconds:
            break
    return (trainer.steps - steps) / (perf_counter() - started)


def _rate(run: Callable[[int], float], games: int, seconds: float) -> float:
    steps, spent = 0, 0.0
    while spent < seconds:
        spent += run(100)
        steps += 100 * games
    return steps / spent
