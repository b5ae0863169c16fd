"""Save and restore a session: its counters, its resume state, and its checkpoints."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from pongarena import __version__
from pongarena.core.errors import CheckpointError, NewerFileError
from pongarena.library.models import Model, checkpoint_path
from pongarena.library.sessions.history import Clock, History, Spacing, thin_checkpoints
from pongarena.nn.checkpoint import (
    Card,
    Checkpoint,
    read_checkpoint,
    read_resume,
    write_checkpoint,
    write_resume,
)
from pongarena.training.registry import Trainer, new_trainer, resume_trainer

__all__ = ["Counters", "Saver", "Spacing", "open_trainer", "save_trained"]


@dataclass(frozen=True)
class Counters:
    """The counters of a moment of the training, as on a checkpoint's card; saved with the resume state."""

    episode: int = 0
    updates: int = 0
    steps: int = 0
    points_won: int = 0
    points_lost: int = 0
    running_reward: float | None = None
    best_running_reward: float | None = None

    def card(self, trainer: Trainer, model: Model, number: int) -> Card:
        """Return the card of the checkpoint of this number."""
        names = ("episode", "updates", "steps", "points_won", "points_lost", "running_reward")
        return Card(
            model=model.name,
            recipe=trainer.recipe.name,
            game=trainer.game,
            seed=model.seed,
            lineage=model.lineage,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            pongarena=__version__,
            number=number,
            **{name: getattr(self, name) for name in names},
        )


class Saver:
    """Writes the resume state and checkpoints; each save holds the trainer's last update."""

    def __init__(
        self, model: Model, history: History, spacing: Spacing, keep: Callable[[Callable[[], None]], None]
    ) -> None:
        """Start the clock of the saves.

        Args:
            model: The model whose folder to write.
            history: The model's checkpoints so far.
            spacing: How often to save.
            keep: Performs a write, and waits for room when the disk is full.
        """
        self._model = model
        self._history = history
        self._keep = keep
        self._clock = Clock(spacing)
        self.state_due = self._clock.state_due
        self.checkpoint_due = self._clock.checkpoint_due

    def save_state(self, trainer: Trainer, saved: Counters) -> None:
        """Write the resume state."""
        began = time.monotonic()
        self._write_state(trainer, saved)
        self._clock.saved_state(began)

    def save_checkpoint(self, trainer: Trainer, saved: Counters) -> None:
        """Write the resume state and, if missing, the checkpoint of the same weights; thin the old ones.

        The state goes first: it reserves the checkpoint's number, and holds its weights.
        """
        began = time.monotonic()
        self._history = self._history.with_checkpoint(
            self._model,
            trainer.policy,
            episode=saved.episode,
            updates=saved.updates,
            reward=saved.running_reward,
        )
        self._write_state(trainer, saved)
        number = self._history.number
        path = checkpoint_path(self._model.path, number)
        if not path.exists():
            checkpoint = Checkpoint(trainer.policy, saved.card(trainer, self._model, number))
            self._keep(lambda: write_checkpoint(path, checkpoint))
        thin_checkpoints(self._model, self._history)
        self._clock.saved_checkpoint(began, saved.steps)

    def save_owed(self, trainer: Trainer, saved: Counters) -> None:
        """Write the checkpoint whose number a killed session had reserved."""
        owed = self._history.updates == saved.updates
        if owed and not checkpoint_path(self._model.path, self._history.number).exists():
            self.save_checkpoint(trainer, saved)

    def _write_state(self, trainer: Trainer, saved: Counters) -> None:
        arrays, state = trainer.resume_state()
        states = {"trainer": dict(state), "session": asdict(saved), "history": self._history.to_json()}
        self._keep(lambda: write_resume(self._model.path / "resume.npz", arrays, states))


def open_trainer(model: Model) -> tuple[Trainer, Counters, History, bool]:
    """Make a trainer that continues from the saved state, or begins.

    Returns:
        The trainer, the counters and history that it continues from, and whether it resumed from a state.

    Raises:
        CheckpointError: When the saved state does not fit the model.
    """
    recipe = model.recipe
    assert recipe is not None, "a model without a fault has a recipe"
    resume = model.path / "resume.npz"
    if resume.exists():
        arrays, state = _read(resume)
        try:
            history = History.from_json(state)
            session = {name: value for name, value in state["session"].items() if name != "best_episode"}
            return resume_trainer(recipe, arrays, state["trainer"]), Counters(**session), history, True
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(
                f"{resume} does not fit this model ({error!r}); fork the model's last checkpoint and "
                f"train the fork"
            ) from error
    policy = None
    if model.checkpoints():
        policy = read_checkpoint(model.checkpoint().path).policy
    trainer = new_trainer(recipe, seed=model.seed, policy=policy)
    return trainer, _take_up_numbers(model, trainer), History(), False


def save_trained(model: Model, trainer: Trainer, points_won: int, points_lost: int) -> None:
    """Save a training that ran outside a session into a new model; a later session can continue it.

    Args:
        model: The new model, with the trainer's recipe and seed.
        trainer: The trainer at its last update.
        points_won: Points won in all of its games.
        points_lost: Points lost in all of its games.

    Raises:
        LibraryError: When the files cannot be written.
    """
    counters = Counters(trainer.episode, trainer.updates, trainer.steps, points_won, points_lost)
    Saver(model, History(), Spacing(), lambda write: write()).save_checkpoint(trainer, counters)


def _read(resume: Path) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    try:
        return read_resume(resume)
    except NewerFileError:
        raise
    except CheckpointError as error:
        raise CheckpointError(
            f"{resume} is damaged, and the training cannot resume from it; put it aside, and resume from the "
            f"last checkpoint: pongarena doctor --fix ({error})"
        ) from error


def _take_up_numbers(model: Model, trainer: Trainer) -> Counters:
    """Continue the counters from the last checkpoint when there is no resume state."""
    if not model.checkpoints():
        return Counters()
    card = read_checkpoint(model.checkpoint().path).card
    if not card.episode:
        return Counters()
    names = ("episode", "updates", "steps", "points_won", "points_lost")
    numbers = {name: getattr(card, name) for name in names}
    trainer.count_on(numbers, card.running_reward)
    return Counters(**numbers, running_reward=card.running_reward, best_running_reward=card.running_reward)
