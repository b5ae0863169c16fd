"""Populations: train many seeds of one recipe, keep the best, and report the spread of all."""

import shutil
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import closing
from dataclasses import dataclass, field

import numpy as np

from pongarena.core.errors import DivergedError, PongArenaError
from pongarena.jobs.executor import TaskExecutor
from pongarena.lab.piece import Budget, Piece, Row, State, train_piece
from pongarena.lab.sweep import share_at_end
from pongarena.library.metrics import MetricsWriter
from pongarena.library.models import Library, Model
from pongarena.library.progress import Share
from pongarena.library.sessions.resume_state import save_trained
from pongarena.training import registry
from pongarena.training.recipe import Recipe

__all__ = ["Member", "Population", "keep_best", "train_population"]

_PIECE_S = 20.0
"""Length of a piece: the most that a dying worker loses."""

_LOOK_EVERY_S = 0.2


@dataclass
class Member:
    """The training run of one seed.

    Attributes:
        seed: Its seed.
        rows: Its updates.
        state: Its latest state; dropped once it cannot be the best.
        seconds: Training time.
        diverged: Whether it diverged.
    """

    seed: int
    rows: list[Row] = field(default_factory=list)
    state: State | None = None
    seconds: float = 0.0
    diverged: bool = False

    @property
    def share(self) -> Share | None:
        """Share of the last points won; None before the first point, and after diverging."""
        return None if self.diverged else share_at_end(self.rows)

    @property
    def value(self) -> float:
        """The share, or 0 if there is none."""
        return self.share.value if self.share else 0.0


@dataclass(frozen=True)
class Population:
    """All training runs that have ended, the best first."""

    members: tuple[Member, ...]

    @property
    def best(self) -> Member | None:
        """The run that won most; None if all diverged or none has ended."""
        return next((each for each in self.members if each.state is not None), None)

    def spread(self) -> tuple[float, float, float, float]:
        """Return minimum, median, maximum and standard deviation (n − 1; 0 for one) of the shares."""
        values = np.array([each.value for each in self.members])
        deviation = float(values.std(ddof=1)) if len(values) > 1 else 0.0
        return float(values.min()), float(np.median(values)), float(values.max()), deviation


def train_population(
    recipe: Recipe,
    seeds: Sequence[int],
    executor: TaskExecutor,
    *,
    seconds: float = 0.0,
    decisions: int = 0,
    on_progress: Callable[[float], None] = lambda _: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Population:
    """Train every seed for the same length.

    Args:
        recipe: The recipe.
        seeds: One per training run.
        executor: Runs as many in parallel as it has workers.
        seconds: Training time of each; used if `decisions` is 0.
        decisions: Decisions of each.
        on_progress: Called with the number of runs done, including fractions.
        stopped: Called a few times a second; True ends the work and drops the runs under way.

    Raises:
        PongArenaError: When a process was killed, or the cluster went away.
    """
    waiting = deque(Member(seed) for seed in seeds)
    under_way: dict[Future[Piece], Member] = {}
    ended: list[Member] = []

    def done(member: Member) -> float:
        if decisions:
            return min(1.0, member.rows[-1].steps / decisions) if member.rows else 0.0
        return min(1.0, member.seconds / seconds)

    while (waiting or under_way) and not stopped():
        at_once = executor.workers
        while waiting and len(under_way) < at_once:
            member = waiting.popleft()
            left_s = _PIECE_S if decisions else min(_PIECE_S, seconds - member.seconds)
            budget = Budget(decisions or 1 << 60, left_s)
            under_way[executor.submit(train_piece, recipe, member.seed, member.state, budget)] = member
        for each in wait(under_way, _LOOK_EVERY_S, FIRST_COMPLETED).done:
            member = under_way.pop(each)
            if _goes_on(member, each) and done(member) < 1:
                waiting.appendleft(member)
            else:
                ended.append(member)
                _drop_all_but_the_best(ended)
        on_progress(len(ended) + sum(done(each) for each in (*waiting, *under_way.values())))
    return Population(tuple(sorted(ended, key=lambda each: (-each.value, each.seed))))


def keep_best(population: Population, recipe: Recipe, name: str, library: Library) -> Model:
    """Create a model from the best run; its training can be continued.

    Raises:
        PongArenaError: When the name is taken, or the files cannot be written.
    """
    best = population.best
    assert best is not None and best.state is not None, "there is no best run yet"
    model = library.create(name, recipe, best.seed)
    try:
        _write(model, recipe, best)
    except PongArenaError:
        shutil.rmtree(model.path, ignore_errors=True)  # half a model
        raise
    return model


def _write(model: Model, recipe: Recipe, best: Member) -> None:
    assert best.state is not None
    trainer = registry.resume_trainer(recipe, *best.state)
    try:
        won, lost = sum(row.won for row in best.rows), sum(row.lost for row in best.rows)
        save_trained(model, trainer, won, lost)
    finally:
        trainer.close()
    with closing(MetricsWriter(model.path / "metrics.jsonl")) as writer:
        writer.append({"kind": "start", "episode": 0, "steps": 0, "seed": best.seed})
        for row in best.rows:
            writer.append(row.to_metrics())


def _goes_on(member: Member, task: "Future[Piece]") -> bool:
    try:
        piece = task.result()
    except DivergedError:
        member.diverged, member.state = True, None
        return False
    member.rows += piece.rows
    member.state = piece.state
    member.seconds += piece.seconds
    return True


def _drop_all_but_the_best(ended: list[Member]) -> None:
    """Drop the states of all others: each takes about 15 MB."""
    best = min(ended, key=lambda each: (-each.value, each.seed))
    for each in ended:
        if each is not best:
            each.state = None
