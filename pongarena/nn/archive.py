"""Reading untrusted `.npz` archives: every size is checked before memory is allocated for it."""

import math
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from pongarena.core.arrays import FloatArray
from pongarena.core.errors import CheckpointError, NewerFileError
from pongarena.core.reading import open_ordinary, parse_json

__all__ = ["FORMAT_VERSION", "STATE", "UNREADABLE", "Archive", "is_whole", "open_zip"]

FORMAT_VERSION = 1
"""Increased when older versions could not read new files."""

STATE = "state"
"""Name of the text in a resume file."""

_MAX_TEXT_BYTES = 4 << 20
_MAX_RESUME_BYTES = 1 << 30
_MAX_RESUME_ARRAYS = 64
_READ_BLOCK = 1 << 20
"""In bytes. A zip's table of contents must be read in one piece; ours are far smaller."""

_SMALL = 1 << 20
"""Unpacked size in bytes that is always accepted."""
_MOST_UNPACKED = 128 << 20
"""Total unpacked size of compressed members in bytes: the largest network's weights are 105 MB."""

_MAX_DIMENSIONS = 4

_MAGIC = b"\x93NUMPY\x01\x00"
_HEADER = re.compile(
    r"\{'descr': '([<>|=][fiubU]\d{1,9})', 'fortran_order': (True|False), 'shape': \(([\d, ]{0,80})\), \}\s*",
    re.ASCII,
)
"""The header that numpy writes for a plain array. numpy's own reader would evaluate the text as Python
literals and print warnings."""


class _Doubted:
    """A file whose reads are limited to one block, whatever sizes the archive claims."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.seek, self.tell, self.close, self.seekable = file.seek, file.tell, file.close, file.seekable

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(_READ_BLOCK + 1 if size < 0 else min(size, _READ_BLOCK + 1))
        if len(content) > _READ_BLOCK:
            raise zipfile.BadZipFile("its table of contents is too large")
        return content


class _OwnedZip(zipfile.ZipFile):
    """A zip file that closes its underlying file, too."""

    def __init__(self, file: IO[bytes]) -> None:
        self._own = file
        self.size = file.seek(0, os.SEEK_END)
        super().__init__(_Doubted(file))

    def close(self) -> None:
        super().close()
        self._own.close()


def open_zip(path: Path) -> _OwnedZip:
    """Open a zip file, checking its type and the size of its table of contents first.

    Raises:
        OSError: When it cannot be opened.
        ValueError: When it is not a zip file.
    """
    file = open_ordinary(path)
    try:
        return _OwnedZip(file)
    except UNREADABLE as error:
        file.close()
        if isinstance(error, OSError):
            raise
        raise ValueError(f"it is not an .npz archive ({error})") from error
    except BaseException:
        file.close()
        raise


def is_whole(path: Path, *, thoroughly: bool) -> bool:
    """Return whether an archive is complete; if `thoroughly`, also verify the checksums of its members.

    Raises:
        OSError: When it cannot be read.
    """
    try:
        with _open_bounded(path) as archive:
            return not thoroughly or archive.testzip() is None
    except OSError:
        raise
    except UNREADABLE:
        return False


def _open_bounded(path: Path) -> _OwnedZip:
    """Open as `open_zip` does; raise a `ValueError` for an archive that would unpack to too much."""
    archive = open_zip(path)
    try:
        _require_bounded(archive)
    except ValueError:
        archive.close()
        raise
    return archive


def _require_bounded(archive: _OwnedZip) -> None:
    """Raise a `ValueError` for sizes that contradict each other or exceed the limit."""
    packed = unpacked = 0
    for info in archive.infolist():
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError(f"{info.filename!r} is compressed in a way that numpy does not use")
        if info.compress_type == zipfile.ZIP_STORED and info.file_size != info.compress_size:
            raise ValueError(f"{info.filename!r} is not compressed, but has two sizes")
        packed += info.compress_size
        unpacked += info.file_size if info.compress_type == zipfile.ZIP_DEFLATED else 0
    if packed > archive.size:
        raise ValueError(f"its parts have {packed:,} bytes, and the file {archive.size:,}")
    if unpacked > _MOST_UNPACKED:
        raise ValueError(f"it unpacks to {unpacked:,} bytes, at most {_MOST_UNPACKED:,} are expected")


class Archive:
    """An untrusted .npz file, opened for reading.

    Args:
        path: The file.
        expected: What the file should be, for error messages.
        advice: What to do if it is not, for error messages.
    """

    def __init__(
        self,
        path: Path,
        expected: str = "a pongarena checkpoint",
        advice: str = "choose another checkpoint of the model, or restore the file from a backup",
    ) -> None:
        self.path = path
        self._expected, self._advice = expected, advice
        try:
            self._zip = _open_bounded(path)
        except FileNotFoundError as error:
            raise CheckpointError(
                f"expected {expected.removeprefix('a pongarena ')} at {path}, found no file; list what there "
                "is with `pongarena models`"
            ) from error
        except OSError as error:
            raise CheckpointError(
                f"cannot read {path}: {error.strerror or error}; make the file readable, then try again"
            ) from error
        except ValueError as error:
            raise self.damaged(str(error)) from error

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def damaged(self, what: str) -> CheckpointError:
        """Return the error to raise for a damaged or foreign file."""
        return CheckpointError(
            f"expected {self._expected}, but {self.path} is damaged, cut off or foreign: {what}; "
            f"{self._advice}"
        )

    def text(self, name: str) -> dict[str, Any]:
        """Read the JSON object in the array `name`, and check its format version."""
        shape, dtype, _ = self._header(name, _MAX_TEXT_BYTES)
        if shape != () or dtype.kind != "U":
            raise self.damaged(f"{name!r} is not a text")
        data = self._data(name, _MAX_TEXT_BYTES)
        try:
            value = parse_json(str(np.frombuffer(data, dtype).item()) if dtype.itemsize else "")
        except ValueError as error:
            raise self.damaged(f"{name!r} is not JSON ({error})") from error
        version = value.get("format_version") if isinstance(value, dict) else None
        if type(version) is not int or version < 1:
            raise self.damaged(f"{name!r} has no format version")
        self.require_no_newer(version, FORMAT_VERSION)
        return dict(value)

    def require_no_newer(self, version: int, known: int) -> None:
        """Refuse a format that only a later version can read.

        Raises:
            NewerFileError: When `version` is greater than `known`.
        """
        if version > known:
            raise NewerFileError(
                f"{self.path}: expected format version {known} or older, got {version}; "
                "a newer pongarena wrote it: update with `pipx upgrade pongarena`"
            )

    def arrays(self) -> list[str]:
        """Return the names of the arrays beside the text, and check their number and total size."""
        infos = [info for info in self._zip.infolist() if info.filename != f"{STATE}.npy"]
        size = sum(info.file_size for info in infos)
        if len(infos) > _MAX_RESUME_ARRAYS or size > _MAX_RESUME_BYTES:
            raise self.damaged(f"it holds {len(infos)} arrays of {size} bytes, more than any recipe saves")
        return [info.filename.removesuffix(".npy") for info in infos]

    def members(self) -> list[str]:
        """Return the names of all members, with their suffixes."""
        return self._zip.namelist()

    def plain_arrays(self, limit: int) -> dict[str, tuple[tuple[int, ...], np.dtype[Any]]]:
        """Return the shapes and types of a foreign file's arrays, without those invalid or too large."""
        found: dict[str, tuple[tuple[int, ...], np.dtype[Any]]] = {}
        members = self.members()
        if len(members) > _MAX_RESUME_ARRAYS:
            raise self.damaged(f"expected at most {_MAX_RESUME_ARRAYS} arrays, got {len(members)}")
        for name in members:
            with suppress(CheckpointError):
                shape, dtype, _ = self._header(name.removesuffix(".npy"), limit)
                found[name.removesuffix(".npy")] = shape, dtype
        return found

    def has(self, name: str) -> bool:
        """Return whether the archive has an array of this name."""
        return f"{name}.npy" in self._zip.namelist()

    def expect_arrays(self, types: Mapping[str, type]) -> dict[str, tuple[int, ...]]:
        """Check the arrays' types and return their shapes, reading only their headers."""
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
        """Read an array whose type `expect_arrays` has checked."""
        weights: FloatArray = self.array(name)
        return weights

    def array(
        self, name: str, limit: int = _MAX_RESUME_BYTES, *, most_unpacked: int | None = None
    ) -> NDArray[Any]:
        """Read a numeric array of finite values.

        Args:
            name: Its name.
            limit: Maximum size in bytes.
            most_unpacked: Maximum ratio of unpacked to packed size; small arrays are exempt.
        """
        info = self._info(name, limit)
        if most_unpacked and info.file_size > _SMALL + most_unpacked * info.compress_size:
            raise self.damaged(f"{name!r} is compressed more than trained weights can be")
        shape, dtype, fortran = self._header(name, limit)
        if dtype.kind not in "fiub":
            raise self.damaged(f"array {name!r} holds {dtype}, not numbers")
        data = self._data(name, limit)
        try:
            flat = np.frombuffer(data, dtype) if data else np.zeros(0, dtype)
            array = flat.reshape(shape, order="F" if fortran else "C").copy(order="K")
        except ValueError as error:
            raise self.damaged(f"array {name!r} cannot have the shape {shape}") from error
        if dtype.kind == "b" and (array.view(np.uint8) > 1).any():
            raise self.damaged(f"array {name!r} holds values other than true and false")
        if dtype.kind == "f" and not np.isfinite(array).all():
            raise CheckpointError(
                f"{self.path}: expected finite numbers in {name}, got NaN or infinity; "
                "the training had diverged: choose an earlier checkpoint"
            )
        return array

    def _header(self, name: str, limit: int) -> tuple[tuple[int, ...], np.dtype[Any], bool]:
        """Read shape, type and memory order from the header, and check them against the archive's size."""
        info = self._info(name, limit)
        try:
            with self._zip.open(info) as member:
                shape, dtype, fortran = _read_header(member)
                start = member.tell()
        except UNREADABLE as error:
            raise self.damaged(f"array {name!r} cannot be read ({error})") from error
        # Python's integers are unbounded, so the product cannot overflow
        if math.prod(shape) * dtype.itemsize != info.file_size - start:
            raise self.damaged(
                f"array {name!r} claims {shape} of {dtype}, but the archive holds another size"
            )
        return shape, dtype, fortran

    def _data(self, name: str, limit: int) -> bytearray:
        """Read the bytes after the header in blocks, so a false size allocates nothing."""
        info = self._info(name, limit)
        data = bytearray()
        try:
            with self._zip.open(info) as member:
                _read_header(member)
                while block := member.read(_READ_BLOCK):
                    data += block
                if member.tell() != info.file_size:
                    raise self.damaged(f"array {name!r} ends too soon")
        except UNREADABLE as error:
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


def _read_header(file: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any], bool]:
    """Read shape, type and memory order of the array that starts here.

    Raises:
        ValueError: When numpy would not have written such a header for numbers or a text.
    """
    start = file.read(len(_MAGIC) + 2)
    if start[:-2] != _MAGIC:
        raise ValueError("it has an unknown header")
    found = _HEADER.fullmatch(file.read(int.from_bytes(start[-2:], "little")).decode("latin-1"))
    if found is None:
        raise ValueError("its header describes neither numbers nor text")
    shape = tuple(int(length) for length in found[3].replace(" ", "").split(",") if length)
    if len(shape) > _MAX_DIMENSIONS:
        raise ValueError(f"it has {len(shape)} dimensions")
    try:
        return shape, np.dtype(found[1]), found[2] == "True"
    except TypeError as error:
        raise ValueError(str(error)) from error


UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    ValueError,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    MemoryError,
    RecursionError,
    OverflowError,
    LookupError,
)
"""What zipfile and zlib raise on damaged files."""
