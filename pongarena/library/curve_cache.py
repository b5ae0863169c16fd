"""Cache a model's learning curve, so that a long history is read only once.

``curve.npz`` in a model's folder holds the curve of the first bytes of ``metrics.jsonl``, up to an offset. It
may be deleted at any time. When it is missing, damaged, or belongs to other metrics, the metrics are read
from their start and it is written again. Hashed samples from the bytes read identify the metrics.
"""

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from pongarena.core.errors import CheckpointError, PongArenaError
from pongarena.core.reading import open_ordinary
from pongarena.library.curve import MOST_ENTRIES, Curve
from pongarena.nn.archive import STATE, Archive
from pongarena.nn.checkpoint import write_resume

__all__ = ["FILE", "Place", "keep_curve", "kept_curve"]

FILE = "curve.npz"
"""The cache's name in a model's folder."""

VERSION = 3
"""The version of a curve's columns; a cache of another version is written again."""

_LARGEST = 8 * MOST_ENTRIES + 1024
"""Bytes of an array in the file."""

_SAMPLES = 64
_SAMPLE = 4096
"""How many pieces of the metrics are compared, and the bytes of each."""


class Place(NamedTuple):
    """How far a metrics file was read.

    Attributes:
        inode: The file's inode.
        offset: Number of bytes read.
        damaged: Lines in them that could not be understood.
        end: The last of these bytes.
    """

    inode: int
    offset: int
    damaged: int
    end: bytes


def kept_curve(path: Path, metrics: Path, reach: int) -> tuple[Curve, Place] | None:
    """Read the cached curve and the place from which to read on; None when the cache is unusable.

    Args:
        path: The cache.
        metrics: The metrics that it belongs to.
        reach: How many bytes before the place to return in its ``end``.
    """
    curve = Curve()
    try:
        with Archive(path, "a kept curve", "delete it; it is written again") as archive:
            state = archive.text(STATE)["state"]
            if state["version"] != VERSION:
                return None
            offset, damaged, expected = (state[name] for name in ("bytes", "damaged", "fingerprint"))
            if type(offset) is not int or type(damaged) is not int or not 0 <= damaged <= offset:
                return None
            curve.load(lambda name: archive.array(name, _LARGEST), state["stretches"])
        with open_ordinary(metrics) as file:
            if _fingerprint(file, offset) != expected:
                return None
            inode, end = os.fstat(file.fileno()).st_ino, _bytes_before(file, offset, reach)
    except (CheckpointError, OSError, KeyError, TypeError, ValueError):
        return None
    return curve, Place(inode, offset, damaged, end)


def keep_curve(path: Path, metrics: Path, curve: Curve, place: Place) -> None:
    """Cache a curve if possible; a failure only costs reading the metrics again.

    Args:
        path: The cache.
        metrics: The file that was read.
        curve: Its curve.
        place: How far it was read.
    """
    arrays, stretches = curve.dump()
    with suppress(PongArenaError, OSError), open_ordinary(metrics) as file:
        same = os.fstat(file.fileno()).st_ino == place.inode
        if same and _bytes_before(file, place.offset, len(place.end)) == place.end:
            state = {
                "version": VERSION,
                "bytes": place.offset,
                "damaged": place.damaged,
                "fingerprint": _fingerprint(file, place.offset),
                "stretches": stretches,
            }
            write_resume(path, arrays, state)


def _fingerprint(file: BinaryIO, size: int) -> str:
    """Hash samples of the first ``size`` bytes, to recognise another file and one that was cut or changed."""
    digest = hashlib.sha256(f"{size}".encode())
    for number in range(_SAMPLES):
        start = max(0, size - _SAMPLE) * number // (_SAMPLES - 1)
        file.seek(start)
        digest.update(file.read(min(_SAMPLE, size - start)))
    return digest.hexdigest()


def _bytes_before(file: BinaryIO, offset: int, count: int) -> bytes:
    file.seek(max(0, offset - count))
    return file.read(min(offset, count))
