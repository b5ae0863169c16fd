"""Import and export models as files."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pongarena import __version__
from pongarena.core.errors import CheckpointError, InvalidSettingError, LibraryError, UnknownNameError
from pongarena.core.files import require_new_file, write_json_atomically
from pongarena.core.reading import open_ordinary, read_json
from pongarena.core.records import Meta, decode, format_version
from pongarena.core.text import LONGEST_WORDS, printable
from pongarena.jobs.status import State, Status, write_status
from pongarena.library import bundle as bundles
from pongarena.library.bundle import Bundle
from pongarena.library.metrics import Curve, MetricsWriter
from pongarena.library.models import CheckpointRef, Library, Model, ModelRecord, checkpoint_path, cloned_entry
from pongarena.library.names import check_name, fresh_name
from pongarena.nn.archive import Archive
from pongarena.nn.checkpoint import Card, read_checkpoint, write_checkpoint
from pongarena.nn.importers import import_weights
from pongarena.training import registry
from pongarena.training.recipe import Recipe, settings_of_network

__all__ = ["export_file", "import_file"]

_MOST_ROWS = 1000
"""Rows of a curve in a bundle: more than a screen has columns."""

_CURVE_VERSION = 1
_MODEL_VERSION = 1

_GAMES = ("episode", "reward", "running_reward", "total_steps", "time")
_POINTS = ("update", "episode", "steps", "won", "lost")

_PICKLES = (".p", ".pkl", ".pickle")


_Number: TypeAlias = (
    Annotated[int, Meta(ge=-(1 << 53), le=1 << 53)] | Annotated[float, Meta(ge=-(1 << 53), le=1 << 53)]
)
_Columns: TypeAlias = dict[str, Annotated[list[_Number], Meta(max_length=_MOST_ROWS)]]


@dataclass(frozen=True)
class _BundledCurve:
    games: _Columns
    points: _Columns


def import_file(
    library: Library, path: Path, name: str | None = None, *, recipe: Recipe | None = None, seed: int = 0
) -> Model:
    """Make a model from a file, whatever its name: a bundle, a checkpoint, or foreign weights.

    A bundle restores the model with its recipe, seed, ancestors, curve and checkpoints. The other files are
    weights, which a new model starts from.

    Args:
        library: Where the model is made.
        path: The file, which is only read.
        name: The new model's name; by default a free name like the bundle's or the file's.
        recipe: How a model from weights will train; by default the karpathy recipe with their layer sizes.
        seed: The seed of its future games.

    Raises:
        BundleError: When the bundle is damaged or was altered.
        CheckpointError: When the file is none of these, or is damaged.
        PongArenaError: As ``Library.create``.
    """
    if name is not None:
        check_name(name)
    if _is_bundle(path):
        return _import_bundle(library, path, name)
    if _is_checkpoint(path):
        checkpoint = read_checkpoint(path)
        card = checkpoint.card
        policy, lineage = checkpoint.policy, (*card.lineage, str(card))
    else:
        # a name that no model can have
        policy, lineage = import_weights(path), (f"the file {printable(path.name, most=LONGEST_WORDS - 9)}",)
    if recipe is None:
        recipe = registry.recipe("karpathy", **settings_of_network(policy))
    return library.add(name or _free(library, path.stem), recipe, seed, lineage, policy)


def export_file(ref: CheckpointRef, path: Path, *, overwrite: bool = False, everything: bool = False) -> None:
    """Export a model's checkpoint: alone, or in a bundle with the model's recipe, curve and notes.

    Args:
        ref: The checkpoint.
        path: The file; its extension ``.pongarena`` makes it a bundle.
        overwrite: Whether to replace an existing file.
        everything: Whether a bundle holds all of the model's checkpoints.

    Raises:
        CheckpointError: When a checkpoint is damaged.
        LibraryError: When ``path`` exists and may not be overwritten, or cannot be written.
    """
    if path.suffix.lower() in _PICKLES:
        raise LibraryError(
            f"pongarena writes no pickles: they can run code; choose {path.stem}{bundles.SUFFIX} for the "
            f"model, or {path.stem}.npz for the weights alone (numpy opens it)"
        )
    require_new_file(path, force=overwrite)
    if path.suffix.lower() == bundles.SUFFIX:
        _export_bundle(ref, path, everything=everything)
    else:
        write_checkpoint(path, read_checkpoint(ref.path))


# -- out


def _export_bundle(ref: CheckpointRef, path: Path, *, everything: bool) -> None:
    folder = ref.path.parent.parent
    model = Library(folder.parent, bundled=folder.parent).model(folder.name)
    assert model.recipe is not None, "a model without a fault has a recipe"
    record = {
        "format_version": _MODEL_VERSION,
        "recipe": registry.to_json(model.recipe),
        "seed": model.seed,
        "lineage": list(model.lineage),
        "created": model.created,
        **cloned_entry(model.cloned),
    }
    parts: dict[str, bytes | Path] = {
        bundles.MODEL: _text(record),
        bundles.CURVE: _text(_curve(model.curve())),
    }
    for name in (bundles.NOTES, bundles.CARD):
        if (found := _words(folder / name)) is not None:
            parts[name] = _text(found)
    for episode in model.checkpoints() if everything else (ref.episode,):
        file = model.checkpoint(episode).path
        read_checkpoint(file)  # a damaged one is not handed out
        parts[f"checkpoints/{file.name}"] = file
    bundles.write_bundle(path, ref.model, parts)


def _text(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode() + b"\n"


def _curve(curve: Curve) -> dict[str, Any]:
    """Return a learning curve in columns: some of the games, and all points, merged into some updates."""
    games = _evenly(len(curve))
    columns = (curve.episodes, curve.rewards, curve.running, curve.steps, curve.times)
    points = curve.points
    ends = _evenly(len(points.steps))
    sums = [np.diff(np.concatenate([[0], np.cumsum(column)[ends]])) for column in (points.won, points.lost)]
    before = np.searchsorted(curve.steps, points.steps[ends], side="right")
    episodes = np.concatenate([[0], curve.episodes])[before]
    return {
        "format_version": _CURVE_VERSION,
        "games": _columns(_GAMES, [column[games] for column in columns]),
        "points": _columns(_POINTS, [ends + 1, episodes, points.steps[ends], *sums]),
    }


def _evenly(length: int) -> NDArray[np.int64]:
    """Return indices spread evenly over this length, including the last; all of them if they are few."""
    return np.unique(np.linspace(0, length - 1, min(length, _MOST_ROWS)).astype(np.int64))


def _columns(names: Iterable[str], columns: Iterable[NDArray[Any]]) -> dict[str, list[float]]:
    return {name: np.round(column, 4).tolist() for name, column in zip(names, columns, strict=True)}


def _words(path: Path) -> dict[str, Any] | None:
    """Read the notes or the card in a model's folder; None when missing or damaged."""
    try:
        found = read_json(path, limit=1 << 18)
    except (OSError, ValueError):
        return None
    return _clean(found) if isinstance(found, dict) else None


def _clean(value: Any) -> Any:  # noqa: ANN401 - JSON is anything
    """Return the same value with every text printable."""
    if isinstance(value, str):
        return printable(value, lines=True)
    if isinstance(value, list):
        return [_clean(each) for each in value]
    if isinstance(value, dict):
        return {printable(name): _clean(each) for name, each in value.items()}
    return value


# -- in


def _is_bundle(path: Path) -> bool:
    # the manifest comes first; the extension counts too, because the content may be damaged
    return path.suffix.lower() == bundles.SUFFIX or _begins_with(path, b"manifest.json", at=30)


def _is_checkpoint(path: Path) -> bool:
    """Whether it is a pongarena checkpoint rather than any other .npz file.

    Raises:
        CheckpointError: When it is a damaged archive.
    """
    if not _begins_with(path, b"PK"):
        return False
    with Archive(path) as archive:
        return archive.has("card")


def _begins_with(path: Path, start: bytes, at: int = 0) -> bool:
    try:
        with open_ordinary(path) as file:
            return file.read(at + len(start))[at:] == start
    except OSError as error:
        raise LibraryError(
            f"cannot read {path}: {error.strerror or error}; expected a .pongarena bundle, a .npz checkpoint "
            "or a save.p"
        ) from error


def _free(library: Library, wish: str) -> str:
    return fresh_name(wish, {model.name.lower() for model in library.models()})


def _import_bundle(library: Library, path: Path, name: str | None) -> Model:
    with Bundle(path) as bundle:
        name = name or _free(library, bundle.model)
        library.require_free(name)
        record = _record(bundle)
        library.build(name, lambda folder: _unpack(bundle, record, name, folder))
    return library.model(name)


def _record(bundle: Bundle) -> dict[str, Any]:
    """Return the checked content of the new ``model.json``."""
    found = bundle.json(bundles.MODEL)
    try:
        format_version(found, _MODEL_VERSION)
        record = decode(found, ModelRecord)
        recipe = registry.from_json(record.recipe)
    except (ValueError, UnknownNameError, InvalidSettingError) as error:
        raise bundle.refused(f"{bundles.MODEL} cannot be understood ({error})") from error
    return {
        "format_version": _MODEL_VERSION,
        "recipe": registry.to_json(recipe),
        "seed": record.seed,
        "lineage": list(record.lineage),
        "created": record.created,
        **cloned_entry(record.cloned),
        "pongarena": __version__,
        "imported": {"model": bundle.model, "parts": [asdict(part) for part in bundle.parts.values()]},
    }


def _unpack(bundle: Bundle, record: dict[str, Any], name: str, folder: Path) -> None:
    """Fill a new model's folder."""
    hidden = record["recipe"]["hidden_units"]
    card: Card | None = None
    for part in bundle.checkpoints:
        card = _take_checkpoint(bundle, part, name, folder, hidden)
    assert card is not None, "a bundle has a checkpoint"
    write_json_atomically(folder / "model.json", record)
    for words in (bundles.NOTES, bundles.CARD):
        if words in bundle.parts:
            write_json_atomically(folder / words, _clean(bundle.json(words)))
    rewards: list[float] = []
    if bundles.CURVE in bundle.parts:
        rewards = _take_curve(bundle, folder / "metrics.jsonl")
    best = max([*rewards, *([] if card.running_reward is None else [card.running_reward])], default=None)
    status = Status(
        State.STOPPED,
        episode=card.episode,
        updates=card.updates,
        steps=card.steps,
        running_reward=card.running_reward,
        best_running_reward=best,
        message="imported; it trains on from its last checkpoint",
    )
    write_status(folder / "status.json", status)


def _take_checkpoint(bundle: Bundle, part: bundles.Part, name: str, folder: Path, hidden: int) -> Card:
    """Write a checkpoint again, under the model's new name."""
    assert part.episode is not None
    raw = folder / "part.npz"
    bundle.copy(part, raw)
    try:
        checkpoint = read_checkpoint(raw)
    except CheckpointError as error:
        raise bundle.refused(str(error).replace(str(raw), part.name)) from error
    raw.unlink()
    if checkpoint.card.place != part.episode or checkpoint.policy.hidden_units != hidden:
        raise bundle.refused(f"{part.name} is from another game or another network")
    card = replace(checkpoint.card, model=name)
    write_checkpoint(checkpoint_path(folder, part.episode), replace(checkpoint, card=card))
    return card


def _take_curve(bundle: Bundle, path: Path) -> list[float]:
    """Write a curve as metrics; return the running rewards."""
    found = bundle.json(bundles.CURVE)
    try:
        format_version(found, _CURVE_VERSION)
        curve = decode(found, _BundledCurve)
        games = _rows(curve.games, _GAMES)
        rows = [{"kind": "update", **row} for row in _rows(curve.points, _POINTS)]
    except (ValueError, KeyError) as error:
        raise bundle.refused(f"{bundles.CURVE} cannot be understood ({error!r:.200})") from error
    rows += [{"kind": "episode", **row} for row in games]
    metrics = MetricsWriter(path)
    try:
        for row in rows:
            metrics.append(row)
        metrics.sync()
    finally:
        metrics.close()
    return [row["running_reward"] for row in games]


def _rows(columns: Mapping[str, Sequence[float]], names: tuple[str, ...]) -> list[dict[str, float]]:
    """Turn columns of numbers into rows.

    Raises:
        KeyError: When a column is missing.
        ValueError: When one is longer than another.
    """
    taken = [columns[name] for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*taken, strict=True)]
