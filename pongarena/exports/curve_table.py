"""A training run as a CSV table: one line per game or update."""

import csv
import io
from pathlib import Path
from typing import BinaryIO

from pongarena.core.files import require_new_file, write_atomically
from pongarena.library.training_rows import lasting_rows, number_in, steps_of
from pongarena.nn.policy import MOST_LAYERS

__all__ = ["COLUMNS", "write_csv"]

_NUMBERS = (
    "episode", "games", "time", "reward", "least", "most", "running_reward", "won", "lost", "update",
    "updates", "entropy", "explained", "kl", "gradient_norm", "weight_norm", "learning_rate", "accepted",
    "mean_p_up", "turns", "moved", *(f"update_ratio_{layer}" for layer in range(1, MOST_LAYERS + 2)),
)  # fmt: skip

COLUMNS = ("kind", "decisions", *_NUMBERS)
"""`decisions` counts those learned from so far; the others have the same names in `metrics.jsonl`."""


def write_csv(metrics: Path, path: Path, *, until: float, overwrite: bool = False) -> int:
    """Write a training's metrics up to a decision as a table with a header; unknown values are left empty.

    Returns:
        Number of lines, without the header.

    Raises:
        LibraryError: When `path` exists and may not be overwritten, or cannot be written.
    """
    require_new_file(path, force=overwrite)
    count = 0

    def fill(file: BinaryIO) -> None:
        nonlocal count
        text = io.TextIOWrapper(file, "utf-8", newline="", write_through=True)
        table = csv.writer(text)
        table.writerow(COLUMNS)
        for row in lasting_rows(metrics, until):
            numbers = [number_in(row, name) for name in _NUMBERS]
            table.writerow([row["kind"], steps_of(row), *numbers])
            count += 1
        text.detach()

    write_atomically(path, fill)
    return count
