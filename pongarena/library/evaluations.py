"""Store what `pongarena eval` measured of the user's models: ``evaluations.json`` in the model's folder."""

from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pongarena.core.errors import LibraryError
from pongarena.core.files import write_json_atomically
from pongarena.core.records import Count, Moment, read_record
from pongarena.library.card import Rating
from pongarena.library.model import Model

__all__ = ["FILE", "Evaluated", "keep_evaluation", "read_evaluations"]

FILE = "evaluations.json"

FORMAT_VERSION = 1

_LARGEST = 1 << 18
"""Bytes; a larger file is damage."""

_MOST = 100
"""How many are kept, the latest ones."""


@dataclass(frozen=True, kw_only=True)
class Evaluated(Rating):
    """One evaluation.

    Attributes:
        checkpoint: The checkpoint's number.
        made: ISO date and time, UTC.
    """

    checkpoint: Count
    made: Moment


@dataclass(frozen=True)
class _Evaluations:
    evaluations: tuple[Evaluated, ...]


def read_evaluations(folder: Path) -> tuple[Evaluated, ...]:
    """Read the evaluations in a model's folder, oldest first; none when the file is missing or damaged."""
    return _read(folder / FILE) or ()


def keep_evaluation(model: Model, checkpoint: int, rating: Rating) -> bool:
    """Store an evaluation in the folder of a model.

    Returns:
        Whether it was stored. It is not for a bundled model, a file that cannot be written, and a file that
        cannot be understood (a newer pongarena may have written it).
    """
    if model.bundled or (known := _read(model.path / FILE)) is None:
        return False
    made = datetime.now(UTC).isoformat(timespec="seconds")
    every = [*known, Evaluated(checkpoint=checkpoint, made=made, **asdict(rating))][-_MOST:]
    record = {"format_version": FORMAT_VERSION, "evaluations": [_to_json(each) for each in every]}
    with suppress(LibraryError):
        write_json_atomically(model.path / FILE, record)
        return True
    return False


def _to_json(each: Evaluated) -> dict[str, Any]:
    return {"checkpoint": each.checkpoint, "made": each.made, **asdict(each)}


def _read(path: Path) -> tuple[Evaluated, ...] | None:
    """Return None when the file cannot be understood; it must then not be replaced."""
    try:
        record = read_record(path, _Evaluations, limit=_LARGEST, version=FORMAT_VERSION)
    except FileNotFoundError:
        return ()
    except (OSError, ValueError):
        return None
    return record.evaluations
