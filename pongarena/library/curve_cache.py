"""A model's curve as it was when somebody last read it, so that nobody reads a long history twice.

``curve.npz`` in a model's folder holds the curve of the first so many bytes of ``metrics.jsonl``. It is
derived: it may be deleted at any time, and whoever finds none, a damaged one, or one of other metrics, reads
the metrics from their start and writes it anew. It knows its metrics by samples all over what was read.
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
"""Its name in a model's folder."""

VERSION = 3
"""Of what a curve is made of; one of another version is made anew."""

_LARGEST = 8 * MOST_ENTRIES + 1024
"""Bytes of an array in the file."""

_SAMPLES = 64
_SAMPLE = 4096
"""How many pieces of the metrics are compared, and their bytes."""


class Place(NamedTuple):
    """How far a metrics file was read.

    Attributes:
        inode: Of the file.
        offset: Bytes that were read.
        damaged: Lines in them that could not be understood.
        end: The last of these bytes.
    """

    inode: int
    offset: int
    damaged: int
    end: bytes


def kept_curve(path: Path, metrics: Path, reach: int) -> tuple[Curve, Place] | None:
    """The curve that is kept, and the place from which the metrics go on; None when it is of no use.

    Args:
        path: Where it is kept.
        metrics: What it is the curve of.
        reach: How many bytes before its place to give.
    """
    curve = Curve()
    try:
        with Archive(path, "a kept curve", "delete it; it is made anew") as archive:
            state = archive.text(STATE)["state"]
            if state["version"] != VERSION:
                return None
            offset, damaged, print_ = (state[name] for name in ("bytes", "damaged", "fingerprint"))
            if type(offset) is not int or type(damaged) is not int or not 0 <= damaged <= offset:
                return None
            curve.load(lambda name: archive.array(name, _LARGEST), state["stretches"])
        with open_ordinary(metrics) as file:
            if _fingerprint(file, offset) != print_:
                return None
            inode, end = os.fstat(file.fileno()).st_ino, _bytes_before(file, offset, reach)
    except (CheckpointError, OSError, KeyError, TypeError, ValueError):
        return None
    return curve, Place(inode, offset, damaged, end)


def keep_curve(path: Path, metrics: Path, curve: Curve, place: Place) -> None:
    """Keep a curve, if it can be; without it the metrics are read again, and that is all.

    Args:
        path: Where to.
        metrics: What was read.
        curve: What came of it.
        place: How far.
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
    """Of the first ``size`` bytes, from samples; it tells another file, and one that was cut or changed."""
    digest = hashlib.sha256(f"{size}".encode())
    for number in range(_SAMPLES):
        start = max(0, size - _SAMPLE) * number // (_SAMPLES - 1)
        file.seek(start)
        digest.update(file.read(min(_SAMPLE, size - start)))
    return digest.hexdigest()


def _bytes_before(file: BinaryIO, offset: int, count: int) -> bytes:
    file.seek(max(0, offset - count))
    return file.read(min(offset, count))
