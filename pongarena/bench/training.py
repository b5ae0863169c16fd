"""How fast training is: against the bare emulator, and against a plain one-game loop."""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from pongarena.bench.turns import Spread, take_turns
from pongarena.game.vector import BareGames
from pongarena.training.events import Updated
from pongarena.training.recipes import KarpathyRecipe
from pongarena.training.reference import ReferenceLoop
from pongarena.training.trainer import KarpathyTrainer

__all__ = ["TrainingFigures", "measure_training"]


@dataclass(frozen=True)
class TrainingFigures:
    """Agent steps a second, and their ratios round by round.

    Attributes:
        training: Of training by the karpathy recipe.
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
    *, rounds: int, seconds: float, games: int, seed: int, on_turn: Callable[[str], None]
) -> TrainingFigures:
    """Let training, the bare emulator and the plain loop take turns.

    Args:
        rounds: Turns for each.
        seconds: Length of a turn; training's ends with the batch that is being played.
        games: Played at once in training and in the bare emulator; also the games of a batch.
        seed: Where all chance comes from.
        on_turn: Told before each turn, in words.
    """
    recipe = KarpathyRecipe(games=games, batch_episodes=games)
    trainer = KarpathyTrainer(recipe, seed=seed)
    bare = BareGames(games, frame_skip=recipe.frame_skip, sticky=recipe.sticky, seed=seed)
    reference = ReferenceLoop(recipe, seed=seed)
    try:
        figures = take_turns(
            {
                "training": lambda: _training_rate(trainer, seconds),
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
    training, alone, plain = figures["training"], figures["bare emulator"], figures["plain loop"]
    return TrainingFigures(
        training=Spread.of(training),
        bare=Spread.of(alone),
        reference=Spread.of(plain),
        over_reference=Spread.of_ratios(training, plain),
        over_bare=Spread.of_ratios(training, alone),
    )


def _training_rate(trainer: KarpathyTrainer, seconds: float) -> float:
    """Steps a second over whole batches, updates included: only steps that are learned from count."""
    started, steps = perf_counter(), trainer.steps
    for event in trainer.events():
        if isinstance(event, Updated) and perf_counter() - started >= seconds:
            break
    return (trainer.steps - steps) / (perf_counter() - started)


def _rate(run: Callable[[int], float], games: int, seconds: float) -> float:
    steps, spent = 0, 0.0
    while spent < seconds:
        spent += run(100)
        steps += 100 * games
    return steps / spent
