"""Read and write bundles: a model as one file to share, ``NAME.pongarena``; see ``assets/formats.md``.

A bundle is an uncompressed zip file: no part is larger than it looks, and the same model gives the same
bytes. Its first part, the manifest, lists all others with their sizes and SHA-256. Names come from a short
list, so that none can point outside the folder. Nothing of a foreign bundle is stored as it came: each part
is parsed and checked, and only what was understood is written again.
"""

import hashlib
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Literal, Self

from pongarena.core.errors import BundleError, LibraryError
from pongarena.core.files import write_atomically
from pongarena.core.reading import open_ordinary, parse_json
from pongarena.core.records import Count, NewerRecordError, Word, parse_record
from pongarena.nn.archive import UNREADABLE, open_zip

__all__ = ["CARD", "CURVE", "FORMAT_VERSION", "MODEL", "NOTES", "SUFFIX", "Bundle", "Part", "write_bundle"]

FORMAT_VERSION = 1
"""The version of the manifest, and so of the bundle."""

SUFFIX = ".pongarena"

MODEL, CURVE, NOTES, CARD = "model.json", "curve.json", "notes.json", "card.json"
"""The parts beside the checkpoints; only the first is required."""

_MANIFEST = "manifest.json"
_KIND = "pongarena-bundle"
_CHECKPOINT = re.compile(r"checkpoints/ep(\d{6,12})\.npz", re.ASCII)

_LARGEST = {_MANIFEST: 1 << 16, MODEL: 1 << 20, CURVE: 1 << 22, NOTES: 1 << 18, CARD: 1 << 18}
_LARGEST_CHECKPOINT = 112 << 20
"""Bytes: W1 of the largest network, and its card."""

_MOST_PARTS = 100
_MOST_BYTES = 2 << 30
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Part:
    """One file in a bundle.

    Attributes:
        name: One of the names that a bundle allows.
        size: Bytes.
        sha256: The hash of its content, in hexadecimal digits.
    """

    name: str
    size: int
    sha256: str

    @property
    def episode(self) -> int | None:
        """The episode of a checkpoint; None for the other parts."""
        found = _CHECKPOINT.fullmatch(self.name)
        return int(found[1]) if found else None


@dataclass(frozen=True)
class _Part:
    name: str
    bytes: Count
    sha256: str


@dataclass(frozen=True)
class _Manifest:
    format: Literal["pongarena-bundle"]
    model: Word
    parts: tuple[_Part, ...]


def write_bundle(path: Path, model: str, parts: Mapping[str, bytes | Path]) -> None:
    """Write a bundle; the same parts give the same bytes.

    Args:
        path: The file, which is replaced.
        model: The model's name.
        parts: The content of each part, or the file that holds it, by the part's name.

    Raises:
        LibraryError: When a file cannot be read, or the bundle cannot be written.
    """
    described = []
    for name, content in sorted(parts.items()):
        digest, size = hashlib.sha256(), 0
        for block in _blocks(content):
            digest.update(block)
            size += len(block)
        described.append({"name": name, "bytes": size, "sha256": digest.hexdigest()})
    manifest = {"format": _KIND, "format_version": FORMAT_VERSION, "model": model, "parts": described}

    def fill(file: BinaryIO) -> None:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            text = json.dumps(manifest, indent=1, ensure_ascii=False).encode() + b"\n"
            for name, content in ((_MANIFEST, text), *sorted(parts.items())):
                info = zipfile.ZipInfo(name)  # with a fixed date
                info.create_system, info.external_attr = 3, 0o600 << 16  # on every system
                with archive.open(info, "w") as member:
                    for block in _blocks(content):
                        member.write(block)

    write_atomically(path, fill)


def _blocks(content: bytes | Path) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    try:
        with open_ordinary(content) as file:
            while block := file.read(_BLOCK):
                yield block
    except OSError as error:
        raise LibraryError(f"cannot read {content}: {error.strerror or error}; try again") from error


class Bundle:
    """A bundle from an untrusted source: table of contents and manifest are read at once, parts on demand.

    Attributes:
        model: The name that the model had.
        parts: The parts by name; all exist and have the sizes that the manifest lists.
    """

    def __init__(self, path: Path) -> None:
        """Open a bundle.

        Raises:
            BundleError: When it is no bundle, is damaged, has a newer version, or holds unexpected files.
            LibraryError: When the file cannot be read.
        """
        self._path = path
        try:
            self._zip = open_zip(path)
        except OSError as error:
            raise LibraryError(
                f"cannot read {path}: {error.strerror or error}; check the path, then try again"
            ) from error
        except ValueError:
            raise self.refused("it is not a zip file, or its end is missing") from None
        try:
            self._infos = self._table_of_contents()
            self.model, self.parts = self._manifest()
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def refused(self, why: str) -> BundleError:
        """Return the error for a damaged or altered bundle; the caller raises it."""
        return BundleError(
            f"expected a model that pongarena exported, but {self._path} is damaged or was altered: {why}; "
            "nothing was imported: ask for it again"
        )

    @property
    def checkpoints(self) -> list[Part]:
        """The checkpoints, oldest first."""
        found = [part for part in self.parts.values() if part.episode is not None]
        return sorted(found, key=lambda part: part.episode or 0)

    def json(self, name: str) -> dict[str, Any]:
        """Return a part that holds a JSON object, after checking its hash."""
        try:
            value = parse_json(b"".join(self.blocks(self.parts[name])))
        except ValueError as error:
            raise self.refused(f"{name} is not JSON ({error})") from error
        if not isinstance(value, dict):
            raise self.refused(f"{name} holds no object")
        return value

    def copy(self, part: Part, path: Path) -> None:
        """Write a part to a new file; when its hash turns out wrong, the caller deletes the file."""
        with path.open("xb") as file:
            for block in self.blocks(part):
                file.write(block)

    def blocks(self, part: Part) -> Iterator[bytes]:
        """Yield the content of a part, block by block.

        Raises:
            BundleError: After the last block, when the hash is not the manifest's.
        """
        digest = hashlib.sha256()
        for block in self._content(self._infos[part.name]):
            digest.update(block)
            yield block
        if digest.hexdigest() != part.sha256:
            raise self.refused(f"the content of {part.name} is not the one that was exported (SHA-256)")

    def _content(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        left = info.file_size
        try:
            with self._zip.open(info) as member:
                while left and (block := member.read(min(_BLOCK, left))):
                    left -= len(block)
                    yield block
                member.read(1)  # compares the checksum
        except UNREADABLE as error:
            raise self.refused(f"{info.filename} cannot be read ({error})") from error
        if left:
            raise self.refused(f"{info.filename} ends too soon")

    def _table_of_contents(self) -> dict[str, zipfile.ZipInfo]:
        infos = self._zip.infolist()
        if len(infos) > _MOST_PARTS:
            raise self.refused(f"it holds {len(infos)} files, at most {_MOST_PARTS} are expected")
        table: dict[str, zipfile.ZipInfo] = {}
        for info in infos:
            name = info.filename
            limit = _LARGEST_CHECKPOINT if _CHECKPOINT.fullmatch(name) else _LARGEST.get(name)
            if limit is None:
                raise self.refused(f"it holds an unexpected file called {name!r:.80}")
            if name in table:
                raise self.refused(f"{name} is in it twice")
            if info.compress_type != zipfile.ZIP_STORED or info.compress_size != info.file_size:
                raise self.refused(f"{name} is compressed, which the parts of a bundle are not")
            if info.file_size > limit:
                raise self.refused(f"{name} has {info.file_size:,} bytes, at most {limit:,} are expected")
            table[name] = info
        if sum(info.file_size for info in infos) > _MOST_BYTES:
            raise self.refused(f"it holds more than {_MOST_BYTES:,} bytes")
        return table

    def _manifest(self) -> tuple[str, dict[str, Part]]:
        if _MANIFEST not in self._infos:
            raise self.refused(f"it has no {_MANIFEST}")
        content = b"".join(self._content(self._infos[_MANIFEST]))
        try:
            manifest = parse_record(content, _Manifest, version=FORMAT_VERSION)
        except NewerRecordError as error:
            raise BundleError(f"{self._path}: {error}") from error
        except ValueError as error:
            raise self.refused(f"{_MANIFEST} cannot be understood ({error})") from error
        parts = {part.name: Part(part.name, part.bytes, part.sha256) for part in manifest.parts}
        sizes = {name: info.file_size for name, info in self._infos.items() if name != _MANIFEST}
        if sizes != {part.name: part.size for part in parts.values()} or len(manifest.parts) != len(sizes):
            raise self.refused(f"{_MANIFEST} lists other files or sizes than the bundle holds")
        if MODEL not in sizes or not any(part.episode is not None for part in parts.values()):
            raise self.refused(f"it lacks {MODEL}, or a checkpoint")
        return manifest.model, parts
