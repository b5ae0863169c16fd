"""Estimate from measurements on this machine how fast a recipe trains, beside the bare emulator.

There are two sources: the ``update`` rows of models that trained here with the same settings, and probes that
the user asked for (``measured.json`` in the data directory). Both are only estimates for the next session:
other programs, heat and the battery change the speed.
"""

import os
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import numpy as np
import psutil

from pongarena.core.errors import PongArenaError
from pongarena.core.files import make_folder, write_error, write_json_atomically
from pongarena.core.records import Meta, Moment, decode, read_record
from pongarena.core.system import rename
from pongarena.core.text import time_range
from pongarena.jobs.status import Status
from pongarena.library.metrics import last_rows
from pongarena.library.models import Model
from pongarena.library.reference import reference_of
from pongarena.nn.checkpoint import read_card
from pongarena.training.recipe import Recipe

__all__ = ["Estimate", "Probe", "estimate", "outlook", "read_probe", "share_of_bare", "write_probe"]

FILE = "measured.json"
FORMAT_VERSION = 1

_LARGEST = 1 << 20
_MOST = 1e12
"""A bound for speeds and sizes; more are damage."""

_FEWEST = 5
"""The fewest updates that a speed is computed from."""

_MATTERS = (
    "emulator",
    "hidden_units",
    "games",
    "first_games",
    "rollout_steps",
    "epochs",
    "minibatches",
    "critic_units",
    "frame_skip",
    "actions",
    "second_layer",
    "third_layer",
    "latest_share",
    "check_games",
)
"""Settings that change the speed or the memory; the first changes the speed by a factor of dozens."""

_CLASSIC = re.compile(r" (?:actions=2|second_layer=0|third_layer=0)\b")
"""Settings of every network before there was a choice: keys leave them out."""

_Positive: TypeAlias = Annotated[float, Meta(gt=0, lt=_MOST)]


@dataclass(frozen=True)
class Probe:
    """The measurement of a short training.

    Attributes:
        steps_per_s: Agent steps learned from per second.
        bare_steps_per_s: The same of the emulator alone, with as many games and random actions.
        memory_mb: Resident memory of the process.
        made: ISO date and time, UTC.
    """

    steps_per_s: _Positive
    bare_steps_per_s: _Positive
    memory_mb: _Positive
    made: Moment


@dataclass(frozen=True)
class _Measured:
    probes: dict[str, Any]  # each is decoded apart: a damaged one does not spoil the others


@dataclass(frozen=True)
class Estimate:
    """The expected speed and memory of a session on this machine.

    Attributes:
        steps_per_s: Agent steps per second.
        memory_mb: Resident memory; None when it is not known.
        source: Where the numbers come from, in words.
    """

    steps_per_s: float
    memory_mb: float | None
    source: str


def estimate(root: Path, recipe: Recipe, models: Iterable[Model]) -> Estimate | None:
    """Estimate how fast a recipe trains here; None when nothing like it was measured.

    Args:
        root: The data directory.
        recipe: The recipe with its settings.
        models: Models that may have trained with the same settings; the newest one with a speed counts.
    """
    probe = read_probe(root, recipe)
    for model in sorted(models, key=lambda each: each.created, reverse=True):
        if model.bundled or model.recipe is None or _key(model.recipe) != _key(recipe):
            continue
        speed = _speed_of(model.path / "metrics.jsonl") if _played_as_asked(model) else None
        if speed is not None:
            memory = model.status().memory_mb or (probe and probe.memory_mb)
            return Estimate(speed, memory or None, f"as {model.name} trained here")
    if probe is None:
        return None
    return Estimate(probe.steps_per_s, probe.memory_mb, f"measured here {probe.made[:10]}")


def share_of_bare(root: Path, model: Model, status: Status) -> float | None:
    """Return a session's speed ÷ that of the bare emulator; None unless the latter was measured here."""
    probe = read_probe(root, model.recipe) if model.recipe is not None else None
    if probe is None or not status.steps_per_s:
        return None
    return status.steps_per_s / probe.bare_steps_per_s


def read_probe(root: Path, recipe: Recipe) -> Probe | None:
    """Read the last probe of a recipe on this machine; None when missing or damaged."""
    probes = _read(root) or {}
    values = probes.get(_key(recipe)) or (probes.get(_key_of_before(recipe)) if recipe.emulator else None)
    try:
        return decode(values, Probe)
    except ValueError:
        return None


def write_probe(root: Path, recipe: Recipe, *, steps_per_s: float, bare_steps_per_s: float) -> Probe:
    """Store what this process has just measured, and the memory that it uses.

    Raises:
        LibraryError: When the file cannot be written.
    """
    made = datetime.now(UTC).isoformat(timespec="seconds")
    memory = psutil.Process().memory_info().rss / 1e6
    probe = Probe(round(steps_per_s, 1), round(bare_steps_per_s, 1), round(memory, 1), made)
    path = root / FILE
    try:
        make_folder(root)
        if (probes := _read(root)) is None:  # perhaps a newer version wrote it
            rename(path, path.with_name(f"{FILE}.old"))
    except OSError as error:
        raise write_error(path, error) from error
    record = {"format_version": FORMAT_VERSION, "probes": {**(probes or {}), _key(recipe): asdict(probe)}}
    write_json_atomically(path, record)
    return probe


def _key(recipe: Recipe) -> str:
    settings = " ".join(f"{name}={getattr(recipe, name)}" for name in _MATTERS if hasattr(recipe, name))
    settings = _CLASSIC.sub("", settings)
    return f"{recipe.name} {settings} cores={os.cpu_count()}"


def _key_of_before(recipe: Recipe) -> str:
    """Return the key that old files use: all games were played on the emulator then."""
    return re.sub(r" (emulator|first_games)=\d+", "", _key(recipe))


def _played_as_asked(model: Model) -> bool:
    """Whether a model's latest games ran on the emulator or the compiled game, as its recipe says.

    Old models trained on the emulator. A model also does when its compiled game was found to differ.
    """
    try:
        game = read_card(model.checkpoint().path).game
    except PongArenaError:
        return False
    return model.recipe is not None and game == ("emulator" if model.recipe.emulator else "compiled")


def _read(root: Path) -> dict[str, Any] | None:
    """Return the probes; None when the file cannot be understood."""
    try:
        return read_record(root / FILE, _Measured, limit=_LARGEST, version=FORMAT_VERSION).probes
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError):
        return None


def _speed_of(path: Path) -> float | None:
    """Return a training's agent steps per second: the median over its last updates, to ignore pauses."""
    moments = [
        (float(row["time"]), float(row["steps"]))
        for row in last_rows(path)
        if row["kind"] == "update"
        and all(isinstance(row.get(name), (int, float)) for name in ("time", "steps"))
    ]
    if len(moments) <= _FEWEST:
        return None
    time, steps = np.diff(np.array(moments), axis=0).T
    good = (time > 0) & (steps > 0) & np.isfinite(time) & np.isfinite(steps)
    return float(np.median(steps[good] / time[good])) if good.sum() >= _FEWEST else None


def outlook(recipe: Recipe, found: Estimate, share: float = 1.0) -> list[str]:
    """Describe an estimate in lines of text.

    Args:
        recipe: The recipe of the estimate.
        found: The estimate.
        share: The part of the processor that the session may use, 0..1.
    """
    speed = found.steps_per_s * share
    lines = [f"about {speed:,.0f} steps a second ({found.source})"]
    if found.memory_mb:
        lines.append(f"about {found.memory_mb:,.0f} MB of memory")
    reference = reference_of(recipe)
    between = reference.steps_between(0.0, 0.5) if reference is not None else None
    if between is not None:
        low, high = (steps / speed for steps in between)
        lines.append(f"the CPU's equal in {time_range(low, high)}, if it goes as the reference runs did")
    elif reference is not None and (end := reference.end) is not None:
        steps, least, most = end
        lines.append(
            f"at this speed the reference runs won {least:.0%} to {most:.0%} of points after "
            f"{time_range(steps / speed, steps / speed).removeprefix('about ')}; 50% is the CPU's equal"
        )
    else:
        lines.append("no reference runs have these settings: how long it takes is unknown")
    return lines
