"""Bundled opponents, made from checkpoints of trained models.

The weights are stored compactly, and the stored weights are evaluated on the emulator: many games in the
benchmark setting and as many in the match setting. While the weights stay the same, evaluations in the card
are not repeated.
"""

import hashlib
import json
import platform
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pongarena.core.errors import InvalidSettingError
from pongarena.core.files import write_atomically, write_json_atomically
from pongarena.core.reading import read_json, read_ordinary
from pongarena.library.card import FORMAT_VERSION
from pongarena.library.curve import Curve
from pongarena.library.metrics import FORMAT_VERSION as METRICS_VERSION
from pongarena.library.metrics import MetricsTail
from pongarena.library.models import Model, checkpoint_path
from pongarena.library.progress import share_curve
from pongarena.library.thinning import thin
from pongarena.match.evaluation import evaluate_in_matches
from pongarena.nn.checkpoint import Checkpoint, read_card, read_checkpoint, write_checkpoint
from pongarena.nn.threads import available_cores
from pongarena.training.evaluation import Evaluation, evaluate
from pongarena.training.recipe import Recipe
from pongarena.training.registry import to_json

__all__ = [
    "EVALUATION_GAMES",
    "EVALUATION_SEED",
    "STEPS",
    "Made",
    "Wanted",
    "checkpoint_with_share",
    "earlier_checkpoints",
    "make_opponent",
    "nearest_checkpoint",
    "training_command",
    "training_hours",
]

EVALUATION_GAMES = 200
EVALUATION_SEED = 2026

STEPS = 15
"""Default quantisation steps: the file has 0.6 MB, and 200 games show no difference in score."""

_GAME_ROWS, _POINT_ROWS = 60, 90
"""Rows of an opponent's curve: 20 kB."""

_LARGEST_CHECKPOINT = 112 << 20
_LARGEST_CARD = 1 << 18


@dataclass(frozen=True)
class Wanted:
    """An opponent to make.

    Attributes:
        name: Its name.
        model: The trained model.
        checkpoint: The number of the checkpoint that plays.
        about: Its displayed description, one sentence.
        history: Numbers of earlier checkpoints to keep.
        commands: The commands that made the model; the plain training command if empty.
        games: Games per evaluation.
        seed: Seed of the evaluations.
        greedy: Whether to evaluate greedy moves, too.
        steps: Quantisation steps of its weights; see `write_checkpoint`.
        machine: Description of the training machine; empty to describe this one.
    """

    name: str
    model: Model
    checkpoint: int
    about: str
    history: Sequence[int] = ()
    commands: Sequence[str] = ()
    games: int = EVALUATION_GAMES
    seed: int = EVALUATION_SEED
    greedy: bool = False
    steps: int = STEPS
    machine: str = ""

    @property
    def source(self) -> str:
        """The checkpoint's name on the command line."""
        return f"{self.model.name}@{self.checkpoint}"

    def command(self) -> str:
        """Return the command that makes it from the trained model."""
        words = ["pongarena", "bench", "opponent", self.source, self.name, "--about", self.about]
        if self.history:
            words += ["--history", ",".join(map(str, self.history))]
        for name, own in (("games", EVALUATION_GAMES), ("seed", EVALUATION_SEED), ("steps", STEPS)):
            if getattr(self, name) != own:
                words += [f"--{name}", str(getattr(self, name))]
        return shlex.join(words + ["--greedy"] * self.greedy)


@dataclass(frozen=True)
class Made:
    """A finished opponent; `size` is that of its folder in bytes."""

    name: str
    decisions: int
    evaluations: tuple[Mapping[str, Any], ...]
    checkpoints: int
    size: int

    def mean(self, setting: str) -> float:
        """Return its mean score in a setting, with sampled moves."""
        found = (each for each in self.evaluations if each["setting"] == setting and not each["greedy"])
        return float(next(found)["mean"])


def make_opponent(wanted: Wanted, folder: Path, on_progress: Callable[[str, float], None]) -> Made:
    """Make an opponent, or its missing parts.

    Note: creates the opponent's folder if needed, and removes other checkpoints there.

    Args:
        wanted: The opponent.
        folder: The folder of all opponents.
        on_progress: Called with a description of the current work and the share done.

    Raises:
        UnknownNameError: When the model has no such checkpoint.
        CheckpointError: When a checkpoint cannot be read.
        LibraryError: When a file cannot be written.
    """
    path = folder / wanted.name
    (path / "checkpoints").mkdir(parents=True, exist_ok=True)
    numbers = sorted({*wanted.history, wanted.checkpoint})
    if numbers[-1] != wanted.checkpoint:
        raise InvalidSettingError(
            f"expected a history before {wanted.checkpoint}, which plays, got {numbers[-1]}; leave it out"
        )
    for number in numbers:
        on_progress(f"{wanted.name}: checkpoint {number} of {wanted.model.name}", 0.0)
        _store(wanted, number, path)
    keep = {checkpoint_path(path, number) for number in numbers}
    for other in (path / "checkpoints").iterdir():
        if other not in keep:
            other.unlink()
    last = checkpoint_path(path, wanted.checkpoint)
    stored = read_checkpoint(last)
    record = read_json(wanted.model.path / "model.json", limit=_LARGEST_CARD)  # unchanged, for a copy
    write_json_atomically(path / "model.json", {**record, "lineage": []})
    curve = _short_curve(wanted.model.curve(), stored.card.episode, stored.card.steps)
    lines = [json.dumps(row, separators=(",", ":")) for row in curve]
    write_atomically(path / "metrics.jsonl", "".join(f"{line}\n" for line in lines).encode())
    weights = hashlib.sha256(read_ordinary(last, limit=_LARGEST_CHECKPOINT)).hexdigest()
    evaluations = _evaluate(wanted, stored, path, weights, on_progress)
    size = sum(each.stat().st_size for each in path.rglob("*") if each.is_file())
    return Made(wanted.name, stored.card.steps, tuple(evaluations), len(numbers), size)


def earlier_checkpoints(model: Model, checkpoint: int, count: int) -> list[int]:
    """Choose at most `count` earlier checkpoints, more densely where the network learned fast."""
    before = [number for number in model.checkpoints() if number <= checkpoint]
    return [number for number in thin(before, keep=count + 1) if number != checkpoint] if count else []


def nearest_checkpoint(model: Model, number: int) -> int:
    """Return the checkpoint nearest to this number: which ones exist depends on the machine's speed.

    Raises:
        UnknownNameError: When the model has none.
    """
    model.checkpoint()  # raises if there is none
    return min(model.checkpoints(), key=lambda each: (abs(each - number), each))


def checkpoint_with_share(model: Model, share: float) -> int:
    """Return the checkpoint at which the model's share of points won was nearest to this, 0..1.

    Raises:
        UnknownNameError: When the model has no checkpoint.
        CheckpointError: When one cannot be read.
        InvalidSettingError: When too few points were played to tell.
    """
    model.checkpoint()  # raises if there is none
    steps, shares = share_curve(model.curve().points, most=100_000)
    if not len(steps):
        raise InvalidSettingError(
            f"expected {model.name!r} to have played some hundred points, got fewer; choose a checkpoint by "
            f"its number: {model.name}@{model.checkpoints()[-1]}"
        )

    def distance(number: int) -> float:
        at = read_card(model.checkpoint(number).path).steps
        return abs(float(np.interp(at, [0.0, *steps], [0.0, *shares])) - share)

    return min(model.checkpoints(), key=distance)


def training_command(name: str, recipe: Recipe, seed: int) -> str:
    """Return the command that trains such a model."""
    own = to_json(type(recipe)())
    words = ["pongarena", "train", name, "--recipe", recipe.name, "--seed", str(seed)]
    for key, value in to_json(recipe).items():
        if value != own[key]:
            words += ["--set", f"{key}={value:g}" if isinstance(value, float) else f"{key}={value}"]
    return shlex.join(words)


def training_hours(model: Model, episode: int | None = None) -> float:
    """Return the hours of training up to an episode, without pauses and gaps between sessions."""
    tail, spent, last = MetricsTail(model.path / "metrics.jsonl"), 0.0, None
    while True:
        for row in tail.read_part():
            if episode is not None and row.get("episode", 0) > episode:
                return spent / 3600
            if last is not None and row["kind"] not in ("start", "resume", "continue"):
                spent += max(0.0, row["time"] - last)
            last = row["time"]
        if not tail.behind:
            return spent / 3600


def _store(wanted: Wanted, number: int, path: Path) -> None:
    trained = read_checkpoint(wanted.model.checkpoint(number).path)
    card = replace(trained.card, model=wanted.name, lineage=())
    write_checkpoint(
        checkpoint_path(path, number), Checkpoint(trained.policy, card), compact=True, steps=wanted.steps
    )


def _evaluate(
    wanted: Wanted, stored: Checkpoint, path: Path, weights: str, on_progress: Callable[[str, float], None]
) -> list[dict[str, Any]]:
    """Evaluate, and write the card after each evaluation, so that an interruption loses at most one."""
    games, seed = wanted.games, wanted.seed
    have, evaluations = _known_evaluations(path, weights), list[dict[str, Any]]()
    kinds = [("benchmark", False), ("match", False), *([("benchmark", True)] if wanted.greedy else [])]
    for setting, greedy in kinds:
        words = f"{wanted.name}: {games} games, {setting} setting{', greedy moves' * greedy}"
        on_progress(words, 0.0)
        told = _share_teller(words, on_progress)
        same = {"setting": setting, "greedy": greedy, "games": games, "seed": seed}
        found = next((each for each in have if same.items() <= each.items()), None)
        if found is None and setting == "match":
            result = evaluate_in_matches(stored, games=games, seed=seed, on_progress=told)
            found = {"setting": setting, **_summary(result)}
        elif found is None:
            result = evaluate(stored.policy, games=games, seed=seed, greedy=greedy, on_progress=told)
            found = {"setting": setting, **_summary(result)}
        on_progress(words, 1.0)
        evaluations.append(found)
        _write_card(wanted, stored, path, weights, evaluations)
    return evaluations


def _known_evaluations(path: Path, weights: str) -> list[dict[str, Any]]:
    try:
        card = read_json(path / "card.json", limit=_LARGEST_CARD)
        return list(card["evaluations"]) if card["weights"] == weights else []
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _write_card(
    wanted: Wanted, stored: Checkpoint, path: Path, weights: str, evaluations: Sequence[Mapping[str, Any]]
) -> None:
    model = wanted.model
    assert model.recipe is not None, "it has checkpoints that can be read"
    card = {
        "format_version": FORMAT_VERSION,
        "about": wanted.about,
        "commands": [
            *(wanted.commands or [training_command(model.name, model.recipe, model.seed)]),
            wanted.command(),
        ],
        "hours": round(training_hours(model, stored.card.episode), 5),
        "machine": wanted.machine or f"{available_cores()} cores ({platform.machine()})",
        "weights": weights,
        "evaluations": list(evaluations),
    }
    write_json_atomically(path / "card.json", card)


def _share_teller(words: str, on_progress: Callable[[str, float], None]) -> Callable[[int, int], None]:
    return lambda done, games: on_progress(words, done / games)


def _summary(result: Evaluation) -> dict[str, Any]:
    """Return an evaluation without the scores of single games."""
    return {key: value for key, value in result.to_json().items() if key != "scores"}


def _short_curve(curve: Curve, episode: int, steps: int) -> list[dict[str, Any]]:
    """Condense a curve up to a checkpoint to few metrics rows, denser at the beginning."""
    rows: list[dict[str, Any]] = []
    games = int(np.searchsorted(curve.episodes, episode, side="right"))
    ends = _ends(curve.steps[:games], _GAME_ROWS)
    counts, rewards = _sums(curve.games, ends), _sums(curve.rewards * curve.games, ends)
    squares = _sums(curve.squares, ends)
    begins = np.concatenate([[0], ends[:-1] + 1]).astype(np.int64)
    episodes, lows, highs = curve.episodes, curve.lows, curve.highs
    running, total, times = curve.running, curve.steps, curve.times
    for place, (begin, end) in enumerate(zip(begins.tolist(), ends.tolist(), strict=True)):
        rows.append(
            {
                "format_version": METRICS_VERSION,
                "kind": "episode",
                "episode": int(episodes[end]),
                "games": int(counts[place]),
                "reward": round(float(rewards[place] / counts[place]), 6),
                "squares": round(float(squares[place]), 2),
                "least": round(float(lows[begin : end + 1].min()), 2),
                "most": round(float(highs[begin : end + 1].max()), 2),
                "running_reward": round(float(running[end]), 4),
                "total_steps": int(total[end]),
                "time": round(float(times[end]), 1),
            }
        )
    points = curve.points
    updates = int(np.searchsorted(points.steps, steps, side="right"))
    ends = _ends(points.steps[:updates], _POINT_ROWS)
    won, lost = _sums(points.won, ends), _sums(points.lost, ends)
    before = np.searchsorted(total[:games], points.steps[ends], side="right")
    finished = np.concatenate([[0], episodes[:games]])[before]
    for place, end in enumerate(ends.tolist()):
        rows.append(
            {
                "format_version": METRICS_VERSION,
                "kind": "update",
                "episode": int(finished[place]),
                "steps": int(points.steps[end]),
                "won": int(won[place]),
                "lost": int(lost[place]),
            }
        )
    return rows


def _ends(steps: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Return the last entries of at most `most` stretches whose steps grow geometrically."""
    if not len(steps):
        return np.zeros(0, np.int64)
    marks = np.geomspace(max(1, int(steps[0])), max(1, int(steps[-1])), most)
    ends = np.searchsorted(steps, marks.astype(np.int64), side="right") - 1
    return np.unique(np.append(ends[ends >= 0], len(steps) - 1))


def _sums(column: NDArray[Any], ends: NDArray[np.int64]) -> NDArray[Any]:
    """Sum a column over the stretches that end at these entries."""
    return np.diff(np.concatenate([[0], np.cumsum(column)[ends]]))
