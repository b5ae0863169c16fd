"""Foreign weights: the ``save.p`` that the gist pg-pong.py writes, in Python 2 or 3.

It is a pickle, and a pickle can order any code to be run. So nothing in it is: the few names that a dict of
arrays needs are answered by stand-ins of our own that only write down what they are told, and every other
name is refused. The arrays are made afterwards, from checked sizes.
"""

import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pongarena.agent.policy import MAX_HIDDEN_UNITS, PolicyNetwork
from pongarena.errors import CheckpointError
from pongarena.game.vision import PIXELS

__all__ = ["import_pickle"]

_MAX_BYTES = 512 << 20
"""A save.p of the largest network, written as text by Python 2, is smaller."""

_TYPES = {"f8": np.float64, "f4": np.float32, "f2": np.float16}


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
    return policy


def _load(path: Path) -> object:
    try:
        if (size := path.stat().st_size) > _MAX_BYTES:
            raise CheckpointError(
                f"{path}: expected at most {_MAX_BYTES} bytes of weights, got {size}; it is no save.p"
            )
        with path.open("rb") as file:
            return _Reader(file, encoding="latin1").load()
    except OSError as error:
        raise CheckpointError(
            f"cannot read {path}: {error.strerror or error}; check the path, then try again"
        ) from error
    except _UNREADABLE as error:
        raise CheckpointError(
            f"expected a pickle of weights, but {path} is damaged, cut off or foreign ({error}); "
            "choose a save.p of pg-pong.py"
        ) from error


class _Noted:
    """Stands in for numpy's array and type: remembers how it was made, and does nothing."""

    def __init__(self, *made_of: Any) -> None:  # noqa: ANN401 - anything may stand in a foreign file
        self.made_of = made_of
        self.state: Any = ()

    def __setstate__(self, state: object) -> None:
        self.state = state


class _Frombuffer(_Noted):
    """An array as protocol 5 writes it: (data, type, shape, order)."""


def _encode(text: object, encoding: object = "latin1") -> bytes:
    """Python 3's way of writing bytes in protocol 2."""
    if not isinstance(text, str) or encoding != "latin1":
        raise pickle.UnpicklingError("bytes in an unknown encoding")
    return text.encode("latin1")


_ADMITTED = {
    **{(f"numpy.{core}.multiarray", "_reconstruct"): _Noted for core in ("core", "_core")},
    **{(f"numpy.{core}.numeric", "_frombuffer"): _Frombuffer for core in ("core", "_core")},
    ("numpy", "ndarray"): _Noted,
    ("numpy", "dtype"): _Noted,
    ("collections", "OrderedDict"): OrderedDict,
    ("_codecs", "encode"): _encode,
}
"""All that a dict of arrays can name."""


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401 - as the base class has it
        if (module, name) not in _ADMITTED:
            raise CheckpointError(
                f"expected nothing but weights in the pickle, got an order to use {module}.{name}, which "
                "could run code; it was not run: delete the file unless you know where it comes from"
            )
        return _ADMITTED[module, name]


def _array(path: Path, name: str, noted: object) -> NDArray[Any]:
    """Makes an array of what was noted, from as many bytes as there are."""
    try:
        if isinstance(noted, _Frombuffer):
            data, kind, shape, order = noted.made_of
            is_fortran = order == "F"
        elif isinstance(noted, _Noted):
            _, shape, kind, is_fortran, data = noted.state
        else:
            raise TypeError(f"{type(noted).__name__} instead of an array")
        raw = data.encode("latin1") if isinstance(data, str) else bytes(data)
        dtype = np.dtype(_TYPES[kind.made_of[0]]).newbyteorder(kind.state[1] if kind.state else "=")
        if not all(type(length) is int and length >= 0 for length in shape):
            raise TypeError(f"a shape of {shape!r}")
        return np.frombuffer(raw, dtype).reshape(shape, order="F" if is_fortran else "C")
    except (TypeError, ValueError, KeyError, AttributeError, IndexError) as error:
        raise CheckpointError(
            f"{path}: expected {name} to be an array of floats, got something else ({error}); "
            "choose a save.p of pg-pong.py"
        ) from error


_UNREADABLE = (
    pickle.UnpicklingError,
    EOFError,
    AttributeError,
    ImportError,
    LookupError,
    TypeError,
    ValueError,
    ArithmeticError,
    MemoryError,
    RecursionError,
)
"""What the unpickler raises on bytes that are not what they seem."""
