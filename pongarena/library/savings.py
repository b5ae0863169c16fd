"""What a session saves and finds again: counters, the state to resume from, and which checkpoints stay."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from pongarena import __version__
from pongarena.agent.checkpoint import Card, read_checkpoint, read_resume
from pongarena.errors import CheckpointError
from pongarena.library.leftovers import unfinished_files
from pongarena.library.models import Model, checkpoint_path
from pongarena.library.thinning import thin
from pongarena.training.trainers import Trainer, new_trainer, resume_trainer

__all__ = ["Counters", "open_trainer", "sweep", "thin_checkpoints"]


@dataclass(frozen=True)
class Counters:
    """What a card says of a moment of the training; saved with the state to resume from."""

    episode: int = 0
    updates: int = 0
    steps: int = 0
    points_won: int = 0
    points_lost: int = 0
    running_reward: float | None = None
    best_running_reward: float | None = None
    best_episode: int = 0
    """The checkpoint with the highest running reward, which is never thinned away."""

    def card(self, trainer: Trainer, model: Model) -> Card:
        """What a checkpoint of this moment says of itself."""
        names = ("episode", "updates", "steps", "points_won", "points_lost", "running_reward")
        return Card(
            model=model.name,
            recipe=trainer.recipe.name,
            seed=model.seed,
            lineage=model.lineage,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            pongarena=__version__,
            **{name: getattr(self, name) for name in names},
        )


def open_trainer(model: Model) -> tuple[Trainer, Counters, bool]:
    """A trainer that goes on from the saved state, or begins.

    Returns:
        The trainer, the moment that it goes on from, and whether that was saved to resume from.

    Raises:
        CheckpointError: When what was saved does not fit the model.
    """
    recipe = model.recipe
    assert recipe is not None, "a model without a fault has a recipe"
    resume = model.path / "resume.npz"
    if resume.exists():
        arrays, state = _read(resume)
        try:
            saved = Counters(**state["session"])
            return resume_trainer(recipe, arrays, state["trainer"]), saved, True
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(
                f"{resume} does not fit this model ({error!r}); fork the model's last checkpoint and "
                f"train the fork"
            ) from error
    policy = None
    if model.checkpoints():
        policy = read_checkpoint(model.checkpoint().path).policy
    trainer = new_trainer(recipe, seed=model.seed, policy=policy)
    return trainer, _take_up_numbers(model, trainer), False


def _read(resume: Path) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    try:
        return read_resume(resume)
    except CheckpointError as error:
        if "newer" in str(error):  # nothing is wrong with it
            raise
        raise CheckpointError(
            f"{resume} is damaged, and the training cannot go on from it; put it aside, and go on from the "
            f"last checkpoint: pongarena doctor --fix ({error})"
        ) from error


def _take_up_numbers(model: Model, trainer: Trainer) -> Counters:
    """Count on from the last checkpoint where only that is left, and no state to resume from."""
    if not model.checkpoints():
        return Counters()
    card = read_checkpoint(model.checkpoint().path).card
    if not card.episode:
        return Counters()
    names = ("episode", "updates", "steps", "points_won", "points_lost")
    numbers = {name: getattr(card, name) for name in names}
    trainer.count_on(numbers, card.running_reward)
    return Counters(**numbers, running_reward=card.running_reward, best_running_reward=card.running_reward)


def thin_checkpoints(model: Model, best_episode: int) -> None:
    """Delete those checkpoints that nobody will miss; never the best one."""
    have = model.checkpoints()
    for episode in set(have) - set(thin(have, pinned=(best_episode,))):
        with suppress(OSError):  # somebody reads it (on Windows); the next time will do
            checkpoint_path(model.path, episode).unlink()


def sweep(model: Model) -> None:
    """Remove what a session that was killed had begun to write."""
    for path in unfinished_files(model.path, model.path / "checkpoints"):
        with suppress(OSError):
            path.unlink()
