"""Checkpoints: a light file to play with, and a full one to resume training from.

Both are ``.npz`` archives that np.load can open: arrays, and one JSON text in a zero-dimensional array.
Reading never executes anything and trusts nothing: see `Archive`.
"""

import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from pongarena.core.arrays import FloatArray
from pongarena.core.errors import CheckpointError
from pongarena.core.files import write_atomically
from pongarena.core.text import LONGEST_WORDS, printable
from pongarena.envs.observation import Observation
from pongarena.game.rules import FRAME_SKIP, MOST_FRAME_SKIP
from pongarena.nn.archive import FORMAT_VERSION, STATE, Archive
from pongarena.nn.policy import MAX_HIDDEN_UNITS, MOST_LAYERS, PolicyNetwork, are_layers
from pongarena.nn.spec import MOVES, AgentSpec

__all__ = [
    "FORMAT_VERSION",
    "MOST_STEPS",
    "Card",
    "Checkpoint",
    "read_card",
    "read_checkpoint",
    "read_resume",
    "require_moderate",
    "write_checkpoint",
    "write_resume",
]

OBSERVATION = Observation().name
"""The observation of most networks."""

MOST_STEPS = 127
"""Quantisation steps of a compact file: the maximum of a signed byte."""

_CARD = "card"
_SCALE = "w1_scale"

_MOST = 1 << 62
"""Bound of all counts; larger ones would not fit into an array."""

_DEEPER = tuple(f"deeper{number}" for number in range(MOST_LAYERS - 1))
"""The matrices between the hidden layers."""

_MOST_ANCESTORS = 1000

_MAX_SCALE_BYTES = 4 * MAX_HIDDEN_UNITS + 1024
"""One float per hidden unit, and the array's header."""

_LARGEST_WEIGHT = 1e9
"""Trained weights are below 10. Sums of far larger ones could overflow."""


@dataclass(frozen=True)
class Card:
    """What is known about a checkpoint.

    Attributes:
        model: Name of the model that it was saved from.
        recipe: How it was trained; "imported" for foreign weights.
        episode: Games played so far.
        updates: Steps of the optimiser so far.
        steps: Decisions of the network so far.
        seed: The session's seed.
        running_reward: 0.99·old + 0.01·new over the games' results, None before the first game.
        points_won: Points against the cartridge's CPU since the start.
        points_lost: The CPU's points.
        lineage: The checkpoints that it descends from, oldest first, as "model@game".
        created: ISO date and time, UTC.
        pongarena: Version that wrote it.
        observation: Name of the network's observation.
        frame_skip: Frames that each decision is held for.
        actions: Number of actions; see `AgentSpec`.
        game: What it was trained on: "compiled" (the cartridge's rules), "emulator", or "" if unknown.
        number: The checkpoint's number, as in "model@number". It equals the count of games unless that
            was taken; None in older files, where it always does.
    """

    model: str
    recipe: str
    episode: int
    updates: int
    steps: int
    seed: int
    running_reward: float | None
    points_won: int
    points_lost: int
    lineage: tuple[str, ...]
    created: str
    pongarena: str
    observation: str = OBSERVATION
    frame_skip: int = FRAME_SKIP
    actions: int = 2
    game: str = ""
    number: int | None = None

    def __str__(self) -> str:
        """The checkpoint's name."""
        return f"{self.model}@{self.place}"

    @property
    def place(self) -> int:
        """The number in the checkpoint's name."""
        return self.episode if self.number is None else self.number

    @property
    def trained_on(self) -> str:
        """The game that it was trained on, for display."""
        games = {"compiled": "the cartridge's rules, compiled", "emulator": "the emulator"}
        return games.get(self.game, "not known")

    @property
    def sees(self) -> str:
        """Its observation, for display."""
        return str(Observation.named(self.observation) or self.observation)

    @property
    def may(self) -> str:
        """Its actions, for display."""
        return ", ".join(move.name for move in MOVES[self.actions])

    def to_json(self) -> dict[str, Any]:
        """Return the card as a JSON object."""
        values = {**asdict(self), "lineage": list(self.lineage)}
        if self.number is None:
            del values["number"]
        if self.actions == 2:
            del values["actions"]  # as in all older files
        return {"format_version": FORMAT_VERSION, **values}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Card":
        """Read the output of `to_json`; texts are made printable.

        Raises:
            KeyError: When an entry is missing.
            TypeError: When an entry has the wrong type or an invalid value.
        """
        # older files lack these entries
        newer = {
            "game": values.get("game", "emulator"),
            "frame_skip": values.get("frame_skip", FRAME_SKIP),
            "actions": values.get("actions", 2),
        }
        taken = newer | {
            field.name: values[field.name]
            for field in fields(cls)
            if field.name != "number" and field.name not in newer
        }
        if "number" in values:
            taken["number"] = values["number"]
        counts = ("episode", "updates", "steps", "seed", "points_won", "points_lost")
        for name in (*counts, "number") if "number" in taken else counts:
            # a seed may be arbitrarily large
            _demand(
                type(taken[name]) is int and taken[name] >= 0 and (name == "seed" or taken[name] < _MOST),
                name,
            )
        for name in ("model", "recipe", "created", "pongarena", "observation", "game"):
            _demand(isinstance(taken[name], str), name)
            taken[name] = printable(taken[name], most=LONGEST_WORDS)
        skip = taken["frame_skip"]
        _demand(type(skip) is int and 1 <= skip <= MOST_FRAME_SKIP, "frame_skip")
        _demand(type(taken["actions"]) is int and taken["actions"] in MOVES, "actions")
        reward = taken["running_reward"]
        _demand(reward is None or (type(reward) in (int, float) and abs(reward) < _MOST), "running_reward")
        lineage = taken["lineage"]
        _demand(
            isinstance(lineage, list)
            and len(lineage) <= _MOST_ANCESTORS
            and all(isinstance(each, str) for each in lineage),
            "lineage",
        )
        ancestors = tuple(printable(each, most=LONGEST_WORDS) for each in lineage)
        return cls(**{**taken, "lineage": ancestors})


@dataclass(frozen=True)
class Checkpoint:
    """A network and its card."""

    policy: PolicyNetwork
    card: Card


def write_checkpoint(
    path: Path, checkpoint: Checkpoint, *, compact: bool = False, steps: int = MOST_STEPS
) -> None:
    """Save a network for playing: 5 MB at 200 hidden units.

    Args:
        path: The file.
        checkpoint: The network and its card.
        compact: Quantise the first layer per hidden unit: 1 MB, and P(UP) changes by a thousandth.
        steps: Quantisation steps up to each unit's largest weight, 1..127. With 15 the file has 0.6 MB,
            and 200 games show no difference in score.

    Raises:
        LibraryError: When the file cannot be written.
        CheckpointError: When the weights are not finite; then nothing is written.
    """
    if not checkpoint.policy.is_finite():
        raise CheckpointError(
            f"expected finite weights for {path.name}, got NaN or infinity; nothing was written: "
            "go back to an earlier checkpoint and train with a lower learning rate"
        )
    arrays: dict[str, NDArray[Any]] = dict(checkpoint.policy.parameters())
    if compact:
        w1 = checkpoint.policy.w1
        scale = np.maximum(np.abs(w1).max(axis=1, keepdims=True), np.finfo(np.float32).tiny) / steps
        arrays |= {"w1": np.rint(w1 / scale).astype(np.int8), _SCALE: scale}
    spec = checkpoint.policy.spec
    card = replace(
        checkpoint.card,
        observation=spec.observation.name,
        frame_skip=spec.frame_skip,
        actions=spec.actions,
    )
    _write(path, arrays, _CARD, card.to_json(), deflated=compact)


def read_checkpoint(path: Path) -> Checkpoint:
    """Load a network for playing.

    Raises:
        CheckpointError: When the file is missing, damaged, foreign, of another shape, newer, or not finite.
    """
    with Archive(path) as archive:
        card = _read_card(archive)
        compact = archive.has(_SCALE)
        deeper = [name for name in _DEEPER if archive.has(name)]
        types = dict.fromkeys(["w2", *deeper], np.float32)
        shapes = archive.expect_arrays({**types, "w1": np.int8 if compact else np.float32})
        observation = Observation.named(card.observation) or Observation()
        spec = AgentSpec(observation, card.frame_skip, card.actions)
        _require_network(path, spec, [shapes[name] for name in ("w1", *deeper, "w2")])
        w1 = archive.weights("w1")
        if compact:
            w1 = _widened(w1, archive.array(_SCALE, _MAX_SCALE_BYTES), archive)
        between = [archive.weights(name) for name in deeper]
        policy = PolicyNetwork(w1, archive.weights("w2"), spec, between)
        require_moderate(policy, path)
        return Checkpoint(policy, card)


def _require_network(path: Path, spec: AgentSpec, shapes: list[tuple[int, ...]]) -> None:
    """Refuse shapes that do not form the consecutive layers of a network."""
    if not are_layers(shapes, spec) or max(units for units, _ in shapes) > MAX_HIDDEN_UNITS:
        raise CheckpointError(
            f"{path}: expected weights w1 (h, {spec.observation.inputs}) and w2 ({spec.outputs}, h), "
            f"1 to {MAX_HIDDEN_UNITS} hidden units, got {' and '.join(map(str, shapes))}; it is not a "
            "network for this game"
        )


def require_moderate(policy: PolicyNetwork, path: Path) -> None:
    """Refuse weights that are finite but so large that the network's sums could overflow.

    Raises:
        CheckpointError: When a weight is too large.
    """
    largest = max(float(np.abs(array).max()) for array in policy.parameters().values())
    if largest > _LARGEST_WEIGHT:
        raise CheckpointError(
            f"{path}: expected weights of at most {_LARGEST_WEIGHT:g}, got {largest:g}; no training ends "
            "there: choose another file"
        )


def read_card(path: Path) -> Card:
    """Load only the card of a checkpoint, not its weights.

    Raises:
        CheckpointError: As in `read_checkpoint`, except for faults of the weights.
    """
    with Archive(path) as archive:
        return _read_card(archive)


def write_resume(path: Path, arrays: Mapping[str, NDArray[Any]], state: Mapping[str, Any]) -> None:
    """Save everything that a trainer needs to resume exactly where it stopped; the state is of JSON types.

    Raises:
        LibraryError: When the file cannot be written.
    """
    _write(path, arrays, STATE, {"format_version": FORMAT_VERSION, "state": dict(state)})


def read_resume(path: Path) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Load what `write_resume` saved.

    Raises:
        CheckpointError: When the file is missing, damaged, foreign, newer, or not finite.
    """
    with Archive(path) as archive:
        state = archive.text(STATE).get("state")
        if not isinstance(state, dict):
            raise archive.damaged("its state is not an object")
        return {name: archive.array(name) for name in archive.arrays()}, state


def _widened(steps: NDArray[Any], scale: NDArray[Any], archive: "Archive") -> FloatArray:
    if scale.shape != (len(steps), 1) or scale.dtype != np.float32:
        raise archive.damaged(f"its scale is {scale.dtype} of shape {scale.shape}")
    with np.errstate(over="ignore"):
        w1: FloatArray = steps.astype(np.float32) * scale
    if not np.isfinite(w1).all():
        raise archive.damaged("its weights are not finite")
    return w1


def _demand(right: bool, name: str) -> None:
    if not right:
        raise TypeError(f"entry {name!r} is of the wrong type")


def _read_card(archive: "Archive") -> Card:
    try:
        card = Card.from_json(archive.text(_CARD))
    except (KeyError, TypeError) as error:
        raise archive.damaged(f"its card is incomplete: {error}") from error
    if Observation.named(card.observation) is None:
        raise CheckpointError(
            f"{archive.path}: expected a network that sees {OBSERVATION!r} or something else that is known "
            f"here, got {card.observation!r}; update pongarena, or choose another checkpoint"
        )
    return card


def _write(
    path: Path,
    arrays: Mapping[str, NDArray[Any]],
    text_name: str,
    text: dict[str, Any],
    *,
    deflated: bool = False,
) -> None:
    def fill(file: BinaryIO) -> None:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for name, array in everything.items():
                # with a fixed date, the same content gives the same file
                info = zipfile.ZipInfo(f"{name}.npy")
                info.compress_type = zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED
                with archive.open(info, "w", force_zip64=True) as member:
                    np.lib.format.write_array(member, array, allow_pickle=False)

    # the text first, so that a reader of the card alone finds it quickly
    everything = {text_name: np.array(json.dumps(text, allow_nan=False)), **arrays}
    write_atomically(path, fill)
