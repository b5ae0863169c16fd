"""Reading `.npz` archives with distrust: every size is looked at before memory is taken for it."""

import json
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pongarena.errors import CheckpointError
from pongarena.game.vision import FloatArray

__all__ = ["FORMAT_VERSION", "STATE", "Archive"]

FORMAT_VERSION = 1
"""Raised when files of today's program could not be read by yesterday's."""

STATE = "state"
"""The text of a file to resume from."""

_MAX_TEXT_BYTES = 4 << 20
_MAX_RESUME_BYTES = 1 << 30
_MAX_RESUME_ARRAYS = 64
_READ_BLOCK = 1 << 20


class Archive:
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

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def damaged(self, what: str) -> CheckpointError:
        """The error for a file that is not what it seems; to be raised."""
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
        infos = [info for info in self._zip.infolist() if info.filename != f"{STATE}.npy"]
        size = sum(info.file_size for info in infos)
        if len(infos) > _MAX_RESUME_ARRAYS or size > _MAX_RESUME_BYTES:
            raise self.damaged(f"it holds {len(infos)} arrays of {size} bytes, more than any recipe saves")
        return [info.filename.removesuffix(".npy") for info in infos]

    def has(self, name: str) -> bool:
        """Whether there is such an array."""
        return f"{name}.npy" in self._zip.namelist()

    def expect_arrays(self, types: Mapping[str, type]) -> dict[str, tuple[int, ...]]:
        """Shapes of arrays of these types, from their headers alone."""
        shapes = {}
        for name, wanted in types.items():
            shape, dtype, _ = self._header(name, _MAX_RESUME_BYTES)
            if dtype != wanted:
                raise CheckpointError(
                    f"{self.path}: expected {name} as {np.dtype(wanted)}, got {dtype}; export the weights "
                    "as float32"
                )
            shapes[name] = shape
        return shapes

    def weights(self, name: str) -> FloatArray:
        """`array`, whose type `expect_arrays` has looked at."""
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
