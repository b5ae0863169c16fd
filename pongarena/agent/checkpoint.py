"""Saved moments of a model: a light file to play with, and a full one to continue training from.

Both are ``.npz`` archives that np.load can open: arrays, and one JSON text in an array without dimensions.
Nothing in them is ever executed. Reading trusts nobody: every size is compared with what is expected, from
the archive's directory and the arrays' headers, before memory is taken for it.
"""

import json
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from pongarena.agent.policy import MAX_HIDDEN_UNITS, PolicyNetwork
from pongarena.errors import CheckpointError
from pongarena.files import write_atomically
from pongarena.game.vision import PIXELS, FloatArray

__all__ = [
    "FORMAT_VERSION",
    "Card",
    "Checkpoint",
    "read_card",
    "read_checkpoint",
    "read_resume",
    "write_checkpoint",
    "write_resume",
]

FORMAT_VERSION = 1
"""Raised when files of today's program could not be read by yesterday's."""

OBSERVATION = "difference-80x80"
"""The only thing that networks are shown so far."""

_MAX_TEXT_BYTES = 4 << 20
_MAX_RESUME_BYTES = 1 << 30
_MAX_RESUME_ARRAYS = 64
_READ_BLOCK = 1 << 20
_CARD = "card"
_STATE = "state"


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
        points_won: Points against the cartridge's AI since the start.
        points_lost: The AI's points.
        lineage: The checkpoints it was forked from, oldest first, as "model@episode".
        created: ISO date and time, UTC.
        pongarena: Version that wrote it.
        observation: What the network must be shown.
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

    def to_json(self) -> dict[str, Any]:
        """The card as an object of JSON types."""
        return {"format_version": FORMAT_VERSION, **asdict(self), "lineage": list(self.lineage)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Card":
        """Reads what `to_json` gave.

        Raises:
            KeyError: When an entry is missing.
            TypeError: When an entry is of another type.
        """
        taken = {field.name: values[field.name] for field in fields(cls)}
        for name in ("episode", "updates", "steps", "seed", "points_won", "points_lost"):
            _demand(type(taken[name]) is int, name)
        for name in ("model", "recipe", "created", "pongarena", "observation"):
            _demand(isinstance(taken[name], str), name)
        reward = taken["running_reward"]
        _demand(reward is None or type(reward) in (int, float), "running_reward")
        _demand(
            isinstance(taken["lineage"], list) and all(isinstance(x, str) for x in taken["lineage"]),
            "lineage",
        )
        return cls(**{**taken, "lineage": tuple(taken["lineage"])})


@dataclass(frozen=True)
class Checkpoint:
    """A network and what is known about it."""

    policy: PolicyNetwork
    card: Card


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Saves a network for playing: 5 MB at 200 hidden units.

    Raises:
        LibraryError: When the file cannot be written.
        CheckpointError: When the weights are not finite; nothing is written then.
    """
    if not checkpoint.policy.is_finite():
        raise CheckpointError(
            f"expected finite weights for {path.name}, got NaN or infinity; nothing was written: "
            "go back to an earlier checkpoint and train with a lower learning rate"
        )
    _write(path, checkpoint.policy.parameters(), _CARD, checkpoint.card.to_json())


def read_checkpoint(path: Path) -> Checkpoint:
    """Loads a network for playing.

    Raises:
        CheckpointError: When the file is missing, damaged, foreign, of another shape, newer, or not finite.
    """
    with _Archive(path) as archive:
        card = _read_card(archive)
        shapes = archive.expect_arrays({"w1", "w2"})
        hidden = shapes["w2"][-1] if shapes["w2"] else 0
        if not 1 <= hidden <= MAX_HIDDEN_UNITS or shapes != {"w1": (hidden, PIXELS), "w2": (1, hidden)}:
            raise CheckpointError(
                f"{path}: expected weights w1 (h, {PIXELS}) and w2 (1, h), 1 to {MAX_HIDDEN_UNITS} hidden "
                f"units, got {shapes['w1']} and {shapes['w2']}; it is not a network for this game"
            )
        return Checkpoint(PolicyNetwork(archive.weights("w1"), archive.weights("w2")), card)


def read_card(path: Path) -> Card:
    """Loads only what is known about a checkpoint, not its weights.

    Raises:
        CheckpointError: As `read_checkpoint`, as far as the card shows it.
    """
    with _Archive(path) as archive:
        return _read_card(archive)


def write_resume(path: Path, arrays: Mapping[str, NDArray[Any]], state: Mapping[str, Any]) -> None:
    """Saves everything that a trainer needs to go on as if it had never stopped.

    Args:
        path: The file.
        arrays: Weights and the optimiser's memory, by name.
        state: Counters and settings; of JSON types.

    Raises:
        LibraryError: When the file cannot be written.
    """
    _write(path, arrays, _STATE, {"format_version": FORMAT_VERSION, "state": dict(state)})


def read_resume(path: Path) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Loads what `write_resume` saved.

    Raises:
        CheckpointError: When the file is missing, damaged, foreign, newer, or not finite.
    """
    with _Archive(path) as archive:
        state = archive.text(_STATE).get("state")
        if not isinstance(state, dict):
            raise archive.damaged("its state is not an object")
        return {name: archive.array(name) for name in archive.arrays()}, state


def _demand(right: bool, name: str) -> None:
    if not right:
        raise TypeError(f"entry {name!r} is of the wrong type")


def _read_card(archive: "_Archive") -> Card:
    try:
        card = Card.from_json(archive.text(_CARD))
    except (KeyError, TypeError) as error:
        raise archive.damaged(f"its card is incomplete: {error}") from error
    if card.observation != OBSERVATION:
        raise CheckpointError(
            f"{archive.path}: expected a network that sees {OBSERVATION!r}, got {card.observation!r}; "
            "update pongarena, or choose another checkpoint"
        )
    return card


def _write(path: Path, arrays: Mapping[str, NDArray[Any]], text_name: str, text: dict[str, Any]) -> None:
    def fill(file: BinaryIO) -> None:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for name, array in everything.items():
                # a fixed date: the same content gives the same file
                with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                    np.lib.format.write_array(member, array, allow_pickle=False)

    # the text first, where a reader of the card alone finds it soonest
    everything = {text_name: np.array(json.dumps(text, allow_nan=False)), **arrays}
    write_atomically(path, fill)


class _Archive:
    """An .npz file, read with distrust."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except FileNotFoundError as error:
            raise CheckpointError(
                f"expected a checkpoint at {path}, found no file; list what there is with `pongarena models`"
            ) from error
        except OSError as error:
            raise CheckpointError(
                f"cannot read {path}: {error.strerror or error}; make the file readable, then try again"
            ) from error
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise self.damaged(f"it is no .npz archive ({error})") from error

    def __enter__(self) -> "_Archive":
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def damaged(self, what: str) -> CheckpointError:
        return CheckpointError(
            f"expected a pongarena checkpoint, but {self.path} is damaged, cut off or foreign: {what}; "
            "choose another checkpoint of the model, or restore the file from a backup"
        )

    def text(self, name: str) -> dict[str, Any]:
        """The JSON object in the array `name`, after a look at its format version."""
        shape, dtype, _ = self._header(name, _MAX_TEXT_BYTES)
        if shape != () or dtype.kind != "U":
            raise self.damaged(f"{name!r} is no text")
        text = str(np.frombuffer(self._data(name, _MAX_TEXT_BYTES), dtype).item() if dtype.itemsize else "")
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise self.damaged(f"{name!r} is not JSON ({error})") from error
        version = value.get("format_version") if isinstance(value, dict) else None
        if type(version) is not int:
            raise self.damaged(f"{name!r} names no format version")
        if version > FORMAT_VERSION:
            raise CheckpointError(
                f"{self.path}: expected format version {FORMAT_VERSION} or older, got {version}; "
                "a newer pongarena wrote it: update with `pipx upgrade pongarena`"
            )
        return dict(value)

    def arrays(self) -> list[str]:
        """Names of the arrays beside the text, after a look at their number and total size."""
        infos = [info for info in self._zip.infolist() if info.filename != f"{_STATE}.npy"]
        size = sum(info.file_size for info in infos)
        if len(infos) > _MAX_RESUME_ARRAYS or size > _MAX_RESUME_BYTES:
            raise self.damaged(f"it holds {len(infos)} arrays of {size} bytes, more than any recipe saves")
        return [info.filename.removesuffix(".npy") for info in infos]

    def expect_arrays(self, names: set[str]) -> dict[str, tuple[int, ...]]:
        """Shapes of float32 arrays, from their headers alone."""
        shapes = {}
        for name in sorted(names):
            shape, dtype, _ = self._header(name, _MAX_RESUME_BYTES)
            if dtype != np.float32:
                raise CheckpointError(
                    f"{self.path}: expected {name} as float32, got {dtype}; export the weights as float32"
                )
            shapes[name] = shape
        return shapes

    def weights(self, name: str) -> FloatArray:
        weights: FloatArray = self.array(name)
        return weights

    def array(self, name: str) -> NDArray[Any]:
        """A numeric array of finite values."""
        shape, dtype, fortran = self._header(name, _MAX_RESUME_BYTES)
        if dtype.kind not in "fiub":
            raise self.damaged(f"array {name!r} holds {dtype}, not numbers")
        data = np.frombuffer(self._data(name, _MAX_RESUME_BYTES), dtype)
        array = data.reshape(shape, order="F" if fortran else "C").copy(order="K")
        if dtype.kind == "f" and not np.isfinite(array).all():
            raise CheckpointError(
                f"{self.path}: expected finite numbers in {name}, got NaN or infinity; "
                "the training had diverged: choose an earlier checkpoint"
            )
        return array

    def _header(self, name: str, limit: int) -> tuple[tuple[int, ...], np.dtype[Any], bool]:
        """Shape, type and memory order that a header promises, once the archive confirms its size."""
        info = self._info(name, limit)
        try:
            with self._zip.open(info) as member:
                version = np.lib.format.read_magic(member)
                if version != (1, 0):
                    raise self.damaged(f"array {name!r} has an unknown header")
                shape, fortran, dtype = np.lib.format.read_array_header_1_0(member)
                start = member.tell()
        except _UNREADABLE as error:
            raise self.damaged(f"array {name!r} cannot be read ({error})") from error
        if dtype.hasobject or _bytes(shape, dtype) != info.file_size - start:
            raise self.damaged(
                f"array {name!r} promises {shape} of {dtype}, the archive holds something else"
            )
        return shape, dtype, fortran

    def _data(self, name: str, limit: int) -> bytearray:
        """The bytes after the header; grows as they come, so that a false size costs nothing."""
        info = self._info(name, limit)
        data = bytearray()
        try:
            with self._zip.open(info) as member:
                np.lib.format.read_magic(member)
                np.lib.format.read_array_header_1_0(member)
                while block := member.read(_READ_BLOCK):
                    data += block
                if member.tell() != info.file_size:
                    raise self.damaged(f"array {name!r} ends too soon")
        except _UNREADABLE as error:
            raise self.damaged(f"array {name!r} cannot be read ({error})") from error
        return data

    def _info(self, name: str, limit: int) -> zipfile.ZipInfo:
        try:
            info = self._zip.getinfo(f"{name}.npy")
        except KeyError:
            raise self.damaged(f"it has no {name!r}") from None
        if info.file_size > limit:
            raise self.damaged(f"{name!r} claims {info.file_size} bytes, at most {limit} are expected")
        return info


_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    ValueError,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    SyntaxError,
    MemoryError,
    RecursionError,
)
"""What numpy, zipfile and zlib raise on bytes that are not what they seem."""


def _bytes(shape: Sequence[int], dtype: np.dtype[Any]) -> int:
    """Size of an array in Python's unbounded integers, so that no product wraps around."""
    size = dtype.itemsize
    for length in shape:
        size *= length
    return size
