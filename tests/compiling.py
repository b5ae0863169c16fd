"""A compiler's cache that lacks one function: there is something to compile, but not half a minute of it."""

import os
import shutil
from pathlib import Path

from filelock import FileLock

from pongarena.core.compilation import CACHE_VARIABLE
from pongarena.training.algorithms.turbo_trainer import TurboTrainer
from pongarena.training.events import Compiling
from pongarena.training.registry import recipe

TURBO = recipe("turbo", hidden_units=4, critic_units=4, games=2, rollout_steps=8)

MISSING = "rollout_kernels.play-"
"""It takes some two seconds; what it calls is there."""


def nearly_warm_cache(place: Path) -> Path:
    """Fill a folder with all that turbo compiles but for `MISSING`.

    Note: compiles the whole into the checkout's own cache, where that is not there yet.
    """
    whole = Path(os.environ[CACHE_VARIABLE])
    with FileLock(whole / "tests.lock"):  # of several workers one compiles
        _compile_all()
    shutil.copytree(whole, place, ignore=shutil.ignore_patterns("*.warm", "*.lock", "*.tmp.*", f"{MISSING}*"))
    return place


def _compile_all() -> None:
    trainer = TurboTrainer(TURBO, seed=1)
    events = trainer.events()
    while isinstance(next(events), Compiling):
        pass
    events.close()
    trainer.close()
