"""Foreign weights: the ``save.p`` that the gist pg-pong.py writes, in Python 2 or 3.

It is a pickle, and a pickle can order any code to be run. So nothing in it is: see `pickle_reader`. The
arrays are made afterwards, from checked sizes.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pongarena.core.errors import CheckpointError
from pongarena.core.reading import read_ordinary
from pongarena.envs.observation import PIXELS
from pongarena.nn.checkpoint import require_moderate
from pongarena.nn.pickle_reader import Noted, read_pickle
from pongarena.nn.policy import MAX_HIDDEN_UNITS, PolicyNetwork

__all__ = ["import_pickle"]

_MAX_BYTES = 512 << 20
"""A save.p of the largest network, written as text by Python 2, is smaller."""

_MAX_DIMENSIONS = 2

_TYPES = ("f8", "f4", "f2")


def import_pickle(path: Path) -> PolicyNetwork:
    """Reads a dict of ``W1`` (h, 6400) and ``W2`` (h,).

    Args:
        path: The pickle; Python 2's or 3's, any protocol.

    Raises:
        CheckpointError: When the file is missing, damaged, holds anything but such a dict, or NaN.
    """
    found = _load(path)
    if not isinstance(found, dict) or not {"W1", "W2"} <= found.keys():
        raise CheckpointError(
            f"{path}: expected a dict with W1 and W2, as pg-pong.py saves it, got {type(found).__name__}; "
            "choose that program's save.p"
        )
    first, second = (_array(path, name, found[name]) for name in ("W1", "W2"))
    hidden = len(first)
    if second.shape == (hidden,):
        second = second[None]
    if not 1 <= hidden <= MAX_HIDDEN_UNITS or first.shape[1:] != (PIXELS,) or second.shape != (1, hidden):
        raise CheckpointError(
            f"{path}: expected W1 (h, {PIXELS}) and W2 (h,) with 1 to {MAX_HIDDEN_UNITS} hidden units, "
            f"got {first.shape} and {second.shape}; only networks that see 80×80 pixels can play here"
        )
    with np.errstate(over="ignore"):
        policy = PolicyNetwork(first.astype(np.float32), second.astype(np.float32))
    if not policy.is_finite():
        raise CheckpointError(
            f"{path}: expected finite weights, got NaN or infinity; choose a file saved before that happened"
        )
    require_moderate(policy, path)
    return policy


def _load(path: Path) -> object:
    try:
        return read_pickle(read_ordinary(path, limit=_MAX_BYTES))
    except OSError as error:
        raise CheckpointError(
            f"cannot read {path}: {error.strerror or error}; check the path, then try again"
        ) from error
    except (ValueError, MemoryError) as error:
        raise CheckpointError(
            f"expected a pickle of weights, but {path} is damaged, cut off or foreign ({error}); "
            "choose a save.p of pg-pong.py"
        ) from error


def _array(path: Path, name: str, noted: object) -> NDArray[Any]:
    """Makes an array of what was noted, from as many bytes as there are."""
    try:
        raw, shape, dtype, is_fortran = _parts(noted)
        return np.frombuffer(raw, dtype).reshape(shape, order="F" if is_fortran else "C")
    except ValueError as error:
        raise CheckpointError(
            f"{path}: expected {name} to be an array of floats, got something else ({error}); "
            "choose a save.p of pg-pong.py"
        ) from error


def _parts(noted: object) -> tuple[bytes, tuple[int, ...], np.dtype[Any], bool]:
    """Bytes, shape, type, and whether columns come first; nothing else is believed.

    Raises:
        ValueError: When it is no array.
    """
    match noted:
        case Noted("_frombuffer", (data, kind, shape, order)):  # as protocol 5 writes it
            is_fortran = order == "F"
        case Noted("_reconstruct", _, (_, shape, kind, fortran, data)):
            is_fortran = fortran is True or (type(fortran) is int and fortran == 1)
        case _:
            raise ValueError(f"{type(noted).__name__} instead of an array")
    raw = data.encode("latin1") if isinstance(data, str) else data
    if not isinstance(raw, bytes) or not isinstance(shape, tuple):
        raise ValueError("an array without bytes, or without a shape")
    if len(shape) > _MAX_DIMENSIONS or not all(
        type(length) is int and 0 <= length < _MAX_BYTES for length in shape
    ):
        raise ValueError("a shape that is none")
    return raw, shape, _dtype(kind), is_fortran


def _dtype(noted: object) -> np.dtype[Any]:
    match noted:
        case Noted("dtype", (str(word), *_), state) if word in _TYPES:
            # Python 2 and old protocols write the order of the bytes beside the type
            order = state[1] if isinstance(state, tuple) and len(state) > 1 else "="
            if order in ("<", ">", "="):
                return np.dtype(f"{order}{word}")
    raise ValueError("numbers that are no floats")
