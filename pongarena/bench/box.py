"""What comes in the box, made anew by a plan: reference runs and opponents, from nothing.

A plan trains models, makes the reference files of some, and opponents of checkpoints of others. What is there
already is not made again: a model that was trained for as long as planned, and an evaluation of the same
weights. So a plan that was interrupted goes on where it was.
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
"""Bytes; a larger plan is none."""

_TELL_EVERY_S = 0.5

_REST = 0.02
"""A training that has less than this share of its time to go is done."""


class Teller(Protocol):
    """Shows how far it is."""

    def __call__(self, words: str, done: float) -> None:
        """Tells what is going on, and the share of it that is done."""


@dataclass(frozen=True)
class SessionsPlan:
    """Models that are trained alike, one a seed.

    Attributes:
        name: Of the models, with ``{seed}`` in it.
        recipe: How.
        seeds: One a model.
        games: Finish after so many games; None for no such end.
        minutes: Finish after so much training; None for no such end.
        reference: Whether other models' runs are compared with these.
    """

    name: str
    recipe: Recipe
    seeds: tuple[int, ...]
    games: int | None
    minutes: float | None
    reference: bool

    def names(self) -> list[str]:
        """Of the models."""
        return [self.name.format(seed=seed) for seed in self.seeds]

    def made(self) -> str:
        """How they were made, in a sentence."""
        command = training_command(self.names()[0], self.recipe, self.seeds[0])
        others = f" (and {', '.join(map(str, self.seeds[1:]))})" if len(self.seeds) > 1 else ""
        ends = [] if self.games is None else [f"{self.games:,} games"]
        ends += [] if self.minutes is None else [f"{self.minutes:g} minutes"]
        return f"{command}{others}, {' or '.join(ends)} each"


@dataclass(frozen=True)
class OpponentPlan:
    """An opponent.

    Attributes:
        name: Its own.
        source: The trained model; with ``@N`` behind it, its checkpoint nearest to that number.
        about: A sentence for people.
        points: Take the checkpoint that won about this share of points, 0..1; None for the last one.
        history: Numbers of earlier checkpoints to keep, or how many.
        greedy: Whether to evaluate the likelier moves, too.
        steps: Of a weight in its files.
        commands: What made the model, if that is more than a training from nothing.
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
    """All that comes in the box.

    Attributes:
        sessions: What is trained.
        opponents: What is made of it.
        games: Of each evaluation.
        seed: Of the evaluations.
        machine: What all was trained on, in words; empty for this machine's own.
    """

    sessions: tuple[SessionsPlan, ...]
    opponents: tuple[OpponentPlan, ...]
    games: int
    seed: int
    machine: str


def read_plan(path: Path) -> BoxPlan:
    """The plan in a file.

    Raises:
        PongArenaError: When it cannot be read, or asks for what cannot be.
    """
    try:
        box = read_record(path, _Box, limit=_LARGEST, version=_VERSION)
        sessions = tuple(each.plan() for each in box.sessions)
    except (OSError, ValueError, LookupError) as error:  # a name may ask for more than {seed}
        raise PongArenaError(
            f"expected a plan of the box in {path}, got something else ({reason(error)}); assets/formats.md "
            "tells what is in one"
        ) from error
    return BoxPlan(sessions, box.opponents, box.games, box.seed, box.machine)


def fill_box(plan: BoxPlan, library: Library, output: Path, tell: Teller) -> list[Made]:
    """Makes what is missing of a plan.

    Note: trains in this process, which must be the main thread. Removes opponents from the folder that are
    not in the plan.

    Args:
        plan: What to make.
        library: Has the models, and takes new ones.
        output: The folder whose ``reference`` and ``opponents`` are filled.
        tell: Shows how far it is.

    Returns:
        The opponents, weakest first in the benchmark's setting.

    Raises:
        PongArenaError: When something is missing or cannot be written, or a training was stopped.
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
    """Trains a model for as long as is missing."""
    from pongarena.library.sessions.session import run_session  # noqa: PLC0415 - loads the emulator

    taken = {model.name for model in library.models() if not model.bundled}
    model = library.model(name) if name in taken else library.create(name, sessions.recipe, seed)
    if model.recipe != sessions.recipe or model.seed != seed:
        raise PongArenaError(
            f"expected {name!r} to be trained by the plan's recipe, settings and seed, got others; rename or "
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
        raise PongArenaError(f"{name} was stopped; the same command goes on from there")
    tell(f"{name}: trained", 1.0)


def _rest(sessions: SessionsPlan, model: Model) -> SessionPlan | None:
    """How much a model has still to be trained; None when that is nothing."""
    status = model.status()
    games = None if sessions.games is None else sessions.games - status.episode
    minutes = None if sessions.minutes is None else sessions.minutes - 60 * training_hours(model)
    if games is not None and games <= 0:
        return None
    # the first and the last row of the metrics are not quite the training's begin and end
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
    """Removes opponents of earlier plans; other folders are left."""
    for path in folder.iterdir():
        if path.name not in names and (path / "card.json").is_file():
            shutil.rmtree(path)
            tell(f"{path.name}: removed, for it is not in the plan", 1.0)


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
            raise ValueError(f"{self.name!r} gives no name of its own to each seed")
        return sessions


@dataclass(frozen=True)
class _Box:
    sessions: tuple[_Sessions, ...]
    opponents: tuple[OpponentPlan, ...]
    games: Count = EVALUATION_GAMES
    seed: Count = EVALUATION_SEED
    machine: Word = ""
