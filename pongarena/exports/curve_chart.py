"""Charts of learning curves: the share of points won over the steps learned from, with its 95 % interval."""

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pongarena.core.chart import Caption, draw_png, draw_svg
from pongarena.core.errors import InvalidSettingError, LibraryError
from pongarena.core.files import require_new_file, write_atomically
from pongarena.exports.curve_table import write_csv
from pongarena.library.model import Model
from pongarena.library.progress import WINDOW_POINTS, share_band

__all__ = ["SUFFIXES", "ShareCurve", "chart_of", "share_curve_of", "write_chart", "write_curves"]

SUFFIXES = (".svg", ".png")
"""Suffixes of chart files."""

_MOST = 300
"""Maximum number of points of a curve; a chart is about 550 units wide."""


@dataclass(frozen=True, eq=False)
class ShareCurve:
    """A learning curve for `core.chart`.

    Attributes:
        name: The model's name.
        xs: Steps learned from, shape (n,).
        median: Share of points won, shape (n,).
        low: Lower end of the 95 % interval, shape (n,).
        high: Upper end, shape (n,).
    """

    name: str
    xs: NDArray[np.float64]
    median: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def share_curve_of(model: Model, *, until: float = math.inf) -> ShareCurve:
    """Read a model's learning curve up to a step; it is empty while there are too few points.

    Raises:
        LibraryError: When the metrics exist but cannot be read.
    """
    steps, *shares = share_band(model.curve().points, most=_MOST)
    known = steps <= until
    share, low, high = (each[known] for each in shares)
    return ShareCurve(model.name, steps[known], share, low, high)


def chart_of(curves: Sequence[ShareCurve], title: str) -> tuple[Caption, Sequence[ShareCurve]]:
    """Return the arguments for `draw_svg` and `draw_png`."""
    note = f"points won of the last {WINDOW_POINTS:,}; band: 95 % interval"
    return Caption(title, "steps", note), curves


def write_curves(models: Sequence[Model], path: Path, *, overwrite: bool = False) -> None:
    """Write the learning curves of at least one model, in the format of the file's suffix.

    A .svg or .png holds one chart of all. A .csv holds all rows of the training of one model, or, for several
    models, the drawn curves with one line per point.

    Raises:
        InvalidSettingError: When the suffix is another one.
        LibraryError: See `write_chart`.
    """
    if path.suffix.lower() != ".csv":
        write_chart(models, path, overwrite=overwrite)
    elif len(models) == 1:
        metrics = models[0].path / "metrics.jsonl"
        if not metrics.is_file():
            raise LibraryError(f"{models[0].name} has no training to export: it has no metrics.jsonl")
        write_csv(metrics, path, until=math.inf, overwrite=overwrite)
    else:
        require_new_file(path, force=overwrite)
        text = io.StringIO(newline="")
        table = csv.writer(text)
        table.writerow(("model", "steps", "share", "low", "high"))
        for each in map(share_curve_of, models):
            columns = (
                each.xs.astype(np.int64),
                *(np.round(v, 5) for v in (each.median, each.low, each.high)),
            )
            table.writerows((each.name, *row) for row in zip(*(v.tolist() for v in columns), strict=True))
        write_atomically(path, text.getvalue().encode())


def write_chart(
    models: Sequence[Model], path: Path, *, until: float = math.inf, overwrite: bool = False
) -> int:
    """Write one chart, .svg or .png, with the learning curves of at least one model up to a step.

    Returns:
        Number of curves with enough points to be drawn.

    Raises:
        InvalidSettingError: When the suffix is another one.
        LibraryError: When there is nothing to draw, `path` exists and may not be overwritten, or it cannot be
            written.
    """
    kind = path.suffix.lower()
    if kind not in SUFFIXES:
        raise InvalidSettingError(f"expected a name that ends in .csv, .svg or .png, got {path.name}")
    require_new_file(path, force=overwrite)
    curves = [each for each in (share_curve_of(model, until=until) for model in models) if len(each.xs)]
    names = ", ".join(model.name for model in models)
    if not curves:
        raise LibraryError(f"{names}: too few points were played to draw a curve; train on, then try again")
    drawn = chart_of(curves, names if len(names) < 80 else f"{len(models)} models")
    write_atomically(path, draw_svg(*drawn).encode() if kind == ".svg" else draw_png(*drawn))
    return len(curves)
