"""Rebuild the bundled reference runs and opponents from scratch, following a plan.

A plan trains models, makes reference files of some, and opponents of others' checkpoints. It skips what
exists: models trained for the planned length, and evaluations of the same weights. So an interrupted plan
continues where it stopped.
"""

import math
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Protocol

from pongarena.bench.opponents import (
    EVALUATION_GAMES,
    EVALUATION_SEED,
    STEPS,
    Made,
    Wanted,
    checkpoint_with_share,
    earlier_checkpoints,
    make_opponent,
    nearest_checkpoint,
    training_command,
    training_hours,
)
from pongarena.bench.reference import reference_of, save_reference
from pongarena.core.errors import InvalidNameError, PongArenaError
from pongarena.core.files import write_json_atomically
from pongarena.core.reading import reason
from pongarena.core.records import Count, Line, Meta, Numbers, Real, Word, read_record
from pongarena.library.models import Library, Model
from pongarena.library.names import check_name
from pongarena.library.sessions.client import Plan as SessionPlan
from pongarena.library.sessions.client import State, Status
from pongarena.match.ladder import LADDER_FILE
from pongarena.nn.checkpoint import MOST_STEPS
from pongarena.training.recipe import Recipe
from pongarena.training.registry import recipe

__all__ = ["BoxPlan", "OpponentPlan", "SessionsPlan", "Teller", "fill_box", "read_plan"]

_VERSION = 1
_LARGEST = 1 << 20
"""In bytes; a larger file is not a plan."""

_TELL_EVERY_S = 0.5

_REST = 0.02
"""A training run with less than this share of its time left counts as done."""


class Teller(Protocol):
    """Reports progress."""

    def __call__(self, words: str, done: float) -> None:
        """Report the current work in words, and the share of it that is done."""


@dataclass(frozen=True)
class SessionsPlan:
    """Models trained with the same settings, one per seed.

    Attributes:
        name: The models' names, with ``{seed}`` as a placeholder.
        recipe: The recipe.
        seeds: One per model.
        games: Number of games to train for; None for no such limit.
        minutes: Minutes to train for; None for no such limit.
        reference: Whether these are reference runs.
    """

    name: str
    recipe: Recipe
    seeds: tuple[int, ...]
    games: int | None
    minutes: float | None
    reference: bool

    def names(self) -> list[str]:
        """Return the models' names."""
        return [self.name.format(seed=seed) for seed in self.seeds]

    def made(self) -> str:
        """Describe how they were made, in a sentence."""
        command = training_command(self.names()[0], self.recipe, self.seeds[0])
        others = f" (and {', '.join(map(str, self.seeds[1:]))})" if len(self.seeds) > 1 else ""
        ends = [] if self.games is None else [f"{self.games:,} games"]
        ends += [] if self.minutes is None else [f"{self.minutes:g} minutes"]
        return f"{command}{others}, {' or '.join(ends)} each"


@dataclass(frozen=True)
class OpponentPlan:
    """An opponent to make.

    Attributes:
        name: Its name.
        source: The trained model; ``@N`` selects the checkpoint nearest to that number.
        about: Its displayed description, one sentence.
        points: Take the checkpoint that won about this share of points, 0..1; None for the last one.
        history: Numbers of earlier checkpoints to keep, or how many.
        greedy: Whether to evaluate greedy moves, too.
        steps: Quantisation steps of its weights; see `write_checkpoint`.
        commands: The commands that made the model, unless it was simply trained from scratch.
    """

    name: Word
    source: Word
    about: Line
    points: Annotated[float, Meta(ge=0, le=1)] | None = None
    history: tuple[Count, ...] | Count = 0
    greedy: bool = False
    steps: Annotated[int, Meta(ge=1, le=MOST_STEPS)] = STEPS
    commands: tuple[Line, ...] = ()

    def __post_init__(self) -> None:
        try:
            check_name(self.name)
        except InvalidNameError as error:
            raise ValueError(str(error)) from error


@dataclass(frozen=True)
class BoxPlan:
    """The plan of all bundled reference runs and opponents.

    Attributes:
        sessions: The models to train.
        opponents: The opponents to make of them.
        games: Games per evaluation.
        seed: Seed of the evaluations.
        machine: Description of the training machine; empty to describe this one.
    """

    sessions: tuple[SessionsPlan, ...]
    opponents: tuple[OpponentPlan, ...]
    games: int
    seed: int
    machine: str


def read_plan(path: Path) -> BoxPlan:
    """Read a plan.

    Raises:
        PongArenaError: When it cannot be read, or is invalid.
    """
    try:
        box = read_record(path, _Box, limit=_LARGEST, version=_VERSION)
        sessions = tuple(each.plan() for each in box.sessions)
    except (OSError, ValueError, LookupError) as error:  # a name may contain other placeholders
        raise PongArenaError(
            f"expected a plan of the box in {path}, got something else ({reason(error)}); assets/formats.md "
            "describes the format"
        ) from error
    return BoxPlan(sessions, box.opponents, box.games, box.seed, box.machine)


def fill_box(plan: BoxPlan, library: Library, output: Path, tell: Teller) -> list[Made]:
    """Make everything that a plan still lacks.

    Note: trains in this process, and must run in the main thread. Removes opponents from the folder that are
    not in the plan.

    Args:
        plan: The plan.
        library: The library with the models; new ones are added.
        output: The folder whose ``reference`` and ``opponents`` are filled.
        tell: Reports progress.

    Returns:
        The opponents, the weakest in the benchmark setting first.

    Raises:
        PongArenaError: When something is missing or cannot be written, or training was stopped.
    """
    for sessions in plan.sessions:
        for name, seed in zip(sessions.names(), sessions.seeds, strict=True):
            _train(sessions, name, seed, library, tell)
    _make_references(plan.sessions, library, output / "reference", tell)
    opponents = output / "opponents"
    made = [make_opponent(_wanted(each, plan, library), opponents, tell) for each in plan.opponents]
    made.sort(key=lambda each: each.mean("benchmark"))
    if made:
        _remove_others([each.name for each in made], opponents, tell)
        names = [each.name for each in made]
        write_json_atomically(opponents / LADDER_FILE, {"format_version": 1, "opponents": names})
    return made


def _train(sessions: SessionsPlan, name: str, seed: int, library: Library, tell: Teller) -> None:
    """Train a model for the remaining time."""
    from pongarena.library.sessions.session import run_session  # noqa: PLC0415 - loads the emulator

    taken = {model.name for model in library.models() if not model.bundled}
    model = library.model(name) if name in taken else library.create(name, sessions.recipe, seed)
    if model.recipe != sessions.recipe or model.seed != seed:
        raise PongArenaError(
            f"expected {name!r} to have the plan's recipe, settings and seed, got others; rename or "
            "delete it, or change the plan"
        )
    rest = _rest(sessions, model)
    if rest is None:
        tell(f"{name}: trained", 1.0)
        return
    told_at = -math.inf

    def show(_: object, now: Callable[[], Status]) -> None:
        nonlocal told_at
        if time.monotonic() < told_at + _TELL_EVERY_S:
            return
        told_at, status, done = time.monotonic(), now(), [0.0]
        if sessions.games is not None:
            done.append(status.episode / sessions.games)
        if sessions.minutes is not None and status.seconds_left is not None:
            done.append(1 - status.seconds_left / 60 / sessions.minutes)
        tell(f"{name}: game {status.episode:,}, {status.steps:,} steps", min(1.0, max(done)))

    status = run_session(name, plan=rest, library=library, on_event=show)
    if status.state is State.STOPPED:
        raise PongArenaError(f"{name} was stopped; repeat the command to continue")
    tell(f"{name}: trained", 1.0)


def _rest(sessions: SessionsPlan, model: Model) -> SessionPlan | None:
    """Return the remaining training of a model; None if there is none."""
    status = model.status()
    games = None if sessions.games is None else sessions.games - status.episode
    minutes = None if sessions.minutes is None else sessions.minutes - 60 * training_hours(model)
    if games is not None and games <= 0:
        return None
    # the first and last rows of the metrics miss a little of the training time
    if minutes is not None and sessions.minutes is not None and minutes <= _REST * sessions.minutes:
        return None
    return SessionPlan(episodes=games, minutes=minutes)


def _make_references(sessions: Sequence[SessionsPlan], library: Library, folder: Path, tell: Teller) -> None:
    recipes: dict[str, list[SessionsPlan]] = {}
    for each in sessions:
        if each.reference:
            recipes.setdefault(each.recipe.name, []).append(each)
    for name, some in recipes.items():
        models = [library.model(each) for several in some for each in several.names()]
        folder.mkdir(parents=True, exist_ok=True)
        save_reference(reference_of(models, "; ".join(each.made() for each in some)), folder / f"{name}.json")
        tell(f"{name}.json: {len(models)} reference runs", 1.0)


def _wanted(opponent: OpponentPlan, plan: BoxPlan, library: Library) -> Wanted:
    name, _, number = opponent.source.partition("@")
    model = library.model(name)
    if number:
        checkpoint = nearest_checkpoint(model, int(number))
    elif opponent.points is not None:
        checkpoint = checkpoint_with_share(model, opponent.points)
    else:
        checkpoint = model.checkpoint().episode
    if isinstance(opponent.history, int):
        history = earlier_checkpoints(model, checkpoint, opponent.history)
    else:
        near = {nearest_checkpoint(model, each) for each in opponent.history}
        history = sorted(each for each in near if each < checkpoint)
    return Wanted(
        opponent.name,
        model,
        checkpoint,
        opponent.about,
        history,
        opponent.commands,
        games=plan.games,
        seed=plan.seed,
        greedy=opponent.greedy,
        steps=opponent.steps,
        machine=plan.machine,
    )


def _remove_others(names: Sequence[str], folder: Path, tell: Teller) -> None:
    """Remove opponents of earlier plans, but no other folders."""
    for path in folder.iterdir():
        if path.name not in names and (path / "card.json").is_file():
            shutil.rmtree(path)
            tell(f"{path.name}: removed, because it is not in the plan", 1.0)


@dataclass(frozen=True)
class _Sessions:
    name: Word
    recipe: Word
    seeds: Annotated[tuple[Count, ...], Meta(min_length=1)]
    settings: Numbers = field(default_factory=dict)
    games: Count | None = None
    minutes: Real | None = None
    reference: bool = False

    def plan(self) -> SessionsPlan:
        if self.games is None and self.minutes is None:
            raise ValueError(f"no games and no minutes for {self.name!r}")
        made = recipe(self.recipe, **self.settings)
        sessions = SessionsPlan(self.name, made, self.seeds, self.games, self.minutes, self.reference)
        if len(set(sessions.names())) != len(self.seeds):
            raise ValueError(f"{self.name!r} does not give each seed its own name")
        return sessions


@dataclass(frozen=True)
class _Box:
    sessions: tuple[_Sessions, ...]
    opponents: tuple[OpponentPlan, ...]
    games: Count = EVALUATION_GAMES
    seed: Count = EVALUATION_SEED
    machine: Word = ""
