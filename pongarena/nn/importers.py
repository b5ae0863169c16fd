"""Import of foreign weights: the ``save.p`` of the gist pg-pong.py, and other common formats.

A pickle can request any code to run, so no pickle is ever executed: see `pickle_reader`. At first only the
sizes in a pickle or an ``.npz`` are read; the arrays are created once it is clear which two are the network.
"""

import gzip
import io
import math
import zlib
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pongarena.core.errors import CheckpointError
from pongarena.core.reading import open_ordinary, read_ordinary
from pongarena.nn.archive import Archive
from pongarena.nn.checkpoint import require_moderate
from pongarena.nn.foreign import HEAD, is_text, what_is, what_zip_is
from pongarena.nn.pair import Pair, StoredArray, UnreadNumbers, find_pair
from pongarena.nn.pickle_reader import SAVE_ARRAYS, Noted, read_pickle
from pongarena.nn.policy import PolicyNetwork

__all__ = ["import_weights"]

_MAX_BYTES = 512 << 20
"""Larger than a save.p of the largest network, written as text by Python 2."""

_MOST_UNPACKED = 100
"""Maximum ratio of unpacked to packed size in an .npz: weights cannot be compressed this much."""

_MOST_GUNZIPPED = 10
"""The same of a pickle in gzip, of which several copies are in memory at a time."""

_MAX_GUNZIPPED_BYTES = 96 << 20

_SMALL = 1 << 20
"""Unpacked size in bytes that is always accepted."""

_DEEPEST = 8
"""Levels of nested containers; nobody nests weights deeper."""

_LONGEST_LIST = 64
"""A longer list is a history, not a list of weights."""

_FLOATS = ("f8", "f4", "f2")
_WHOLE = ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1")


def import_weights(path: Path) -> PolicyNetwork:
    """Read the weights of a network with one hidden layer and no biases.

    Args:
        path: A pickle of Python 2 or 3 in any protocol, with or without gzip, or numpy's ``.npz``. See
            `find_pair` for the accepted content.

    Raises:
        CheckpointError: When the file is missing, damaged or of another kind, or when its network is missing
            or has further weights, because it would then play differently from its source.
    """
    try:
        with open_ordinary(path) as file:
            head = file.read(HEAD)
        if head[:2] == b"PK":
            return _from_npz(path)
        if known := what_is(head):
            raise CheckpointError(f"{path}: expected a file of weights, but {known}")
        content = _content(path)
        return _from_pickle(_unpacked(content) if head[:2] == b"\x1f\x8b" else content, path)
    except OSError as error:
        raise CheckpointError(
            f"cannot read {path}: {error.strerror or error}; check the path, then try again"
        ) from error
    except MemoryError:
        raise CheckpointError(
            f"there is not enough memory for {path}; close other programs, then try again"
        ) from None


def _content(path: Path) -> bytes:
    """Read the whole file, unless it is too large for any network.

    Raises:
        CheckpointError: When it is too large.
        OSError: When it cannot be read.
    """
    try:
        return read_ordinary(path, limit=_MAX_BYTES)
    except ValueError as error:
        raise CheckpointError(f"{path} is not a network's file: {error}; choose another one") from error


def _from_pickle(content: bytes, path: Path) -> PolicyNetwork:
    try:
        if content[:2] in (b"PK", b"\x1f\x8b"):
            raise ValueError("packed twice: unpack it first")
        pair = find_pair(_with_arrays(read_pickle(content)), path)
    except ValueError as error:
        if is_text(content[:HEAD]):
            raise CheckpointError(
                f"{path}: expected a file of weights, but it is a text; choose a save.p of pg-pong.py"
            ) from error
        raise CheckpointError(
            f"expected a pickle of weights, but {path} is damaged, cut off or foreign ({error}); "
            "choose a save.p of pg-pong.py"
        ) from error
    return _network(pair, path)


def _from_npz(path: Path) -> PolicyNetwork:
    advice = "download or copy it again"
    with Archive(path, "an .npz of weights", advice) as archive:
        if known := what_zip_is(archive.members()):
            raise CheckpointError(f"{path}: expected a file of weights, but {known}")
        # what is no array of numbers, or too large, is there all the same
        names = [name.removesuffix(".npy") for name in archive.members()]
        if len({*names}) < len(names):
            raise archive.damaged("expected one array of each name, got two of the same")
        found: dict[str, object] = {name: UnreadNumbers() for name in names}
        for name, (shape, dtype) in archive.plain_arrays(_MAX_BYTES).items():
            read = partial(archive.array, name, _MAX_BYTES, most_unpacked=_MOST_UNPACKED)
            is_read = dtype.kind in "fiub"
            found[name] = StoredArray(shape, read, dtype.kind == "f") if is_read else UnreadNumbers()
        if found and all(isinstance(each, UnreadNumbers) for each in found.values()):
            raise CheckpointError(
                f"{path}: expected arrays of floats, got Python objects, which could run code and are not "
                f"read; in the program that wrote it, save the arrays: {SAVE_ARRAYS}"
            )
        return _network(find_pair(found, path), path)


def _network(pair: Pair, path: Path) -> PolicyNetwork:
    with np.errstate(over="ignore"):
        w1, w2 = (weights.astype(np.float32) for weights in (pair.w1, pair.w2))
    policy = PolicyNetwork(w1, w2, pair.spec)
    if not policy.is_finite():
        raise CheckpointError(
            f"{path}: expected finite weights, got NaN or infinity; choose a file saved before that happened"
        )
    require_moderate(policy, path)
    return policy


def _unpacked(content: bytes) -> bytes:
    """Decompress gzip, but refuse a decompression bomb.

    Raises:
        CheckpointError: When the content is too large or damaged.
    """
    limit = min(_MAX_GUNZIPPED_BYTES, _SMALL + _MOST_GUNZIPPED * len(content))
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            unpacked = file.read(limit + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise CheckpointError(
            f"expected a file of weights packed with gzip, but it is damaged or cut off ({error}); download "
            "or copy it again"
        ) from error
    if len(unpacked) > limit:
        raise CheckpointError(
            f"expected weights packed with gzip, but the file unpacks to more than {limit:,} bytes; if you "
            "trust it, unpack it first"
        )
    return unpacked


# -- arrays in a pickle


def _with_arrays(value: object) -> object:
    """Copy the containers, down to `_DEEPEST` levels, with numbers and arrays in place of each `Noted`."""
    made: dict[tuple[int, int], object] = {}
    raw = _Raw()

    def convert(value: object, depth: int) -> object:
        # a shared object is converted once: nested sharing would take exponential time
        if (id(value), depth) not in made:
            made[id(value), depth] = fresh(value, depth)
        return made[id(value), depth]

    def fresh(value: object, depth: int) -> object:
        match value:
            case Noted():
                return _number(value, raw) if value.name == "scalar" else _stored(value, raw)
            case list() | tuple() if value and all(type(each) in (int, float) for each in value):
                return StoredArray((len(value),), partial(np.array, value), is_float=False)
            case dict() if depth:
                return {name: convert(each, depth - 1) for name, each in value.items()}
            case list() | tuple() if depth:
                rest = [each for each in value[_LONGEST_LIST:] if isinstance(each, Noted)]
                return [convert(each, depth - 1) for each in [*value[:_LONGEST_LIST], *rest]]
            case int() | float() | str() | None:
                return value
        return UnreadNumbers()

    return convert(value, _DEEPEST)


class _Raw:
    """The bytes of arrays, made from a text once: a file may refer to one text thousands of times."""

    def __init__(self) -> None:
        self._made: dict[int, bytes | None] = {}

    def of(self, data: object) -> bytes | None:
        """Return the bytes; None if it has none."""
        if isinstance(data, bytes):
            return data
        if not isinstance(data, str):
            return None
        if id(data) not in self._made:
            try:
                self._made[id(data)] = data.encode("latin1")
            except UnicodeEncodeError:
                self._made[id(data)] = None
        return self._made[id(data)]


def _number(noted: Noted, raw: _Raw) -> float | UnreadNumbers | None:
    """Return the value of a numpy scalar."""
    match noted.made_of:
        case (kind, data) if (dtype := _dtype(kind)) is not None:
            content = raw.of(data)
            if content is not None and len(content) == dtype.itemsize:
                number: float = np.frombuffer(content, dtype)[0].item()
                return number
    return UnreadNumbers()


def _stored(noted: Noted, raw: _Raw) -> StoredArray | UnreadNumbers:
    """Return the array that was noted.

    Raises:
        ValueError: When its size does not match its shape and type.
    """
    match noted:
        case Noted("_frombuffer", (data, kind, tuple(shape), order)):  # as protocol 5 writes it
            is_fortran = order == "F"
        case Noted("_reconstruct", _, (_, tuple(shape), kind, fortran, data)):
            is_fortran = fortran is True or (type(fortran) is int and fortran == 1)
        case _:
            return UnreadNumbers()
    dtype, content = _dtype(kind), raw.of(data)
    if dtype is None or content is None:
        return UnreadNumbers(tuple(side for side in shape[:_LONGEST_LIST] if type(side) is int))
    if len(shape) > 32 or not all(type(side) is int and 0 <= side <= _MAX_BYTES for side in shape):
        raise ValueError("an array with an invalid shape")
    if math.prod(shape) * dtype.itemsize != len(content):
        raise ValueError(f"an array of {len(content):,} bytes, which does not match its shape")

    def read() -> NDArray[Any]:
        return np.frombuffer(content, dtype).reshape(shape, order="F" if is_fortran else "C")

    return StoredArray(shape, read, dtype.kind == "f", source=(id(content), dtype.str, is_fortran))


def _dtype(noted: object) -> np.dtype[Any] | None:
    match noted:
        case Noted("dtype", (str(word), *_), state) if word in (*_FLOATS, *_WHOLE):
            # Python 2 and old protocols store the byte order beside the type
            order = state[1] if isinstance(state, tuple) and len(state) > 1 else "="
            if order in ("<", ">", "=", "|"):
                return np.dtype(f"{order}{word}")
    return None
