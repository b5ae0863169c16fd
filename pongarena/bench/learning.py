"""How fast a recipe learns: points won over decisions and over time, for several seeds."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from pongarena.errors import PongArenaError
from pongarena.game.vector import BareGames
from pongarena.library.metrics import Points
from pongarena.library.progress import WINDOW_POINTS, share_curve
from pongarena.training.events import Updated
from pongarena.training.recipes import Recipe, to_json
from pongarena.training.trainers import new_trainer

__all__ = [
    "LearningCurve",
    "LearningFigures",
    "measure_learning",
    "plot_learning",
    "require_plotting",
]

_GOALS = (0.25, 0.5)
_BARE_SECONDS = 5.0


@dataclass(frozen=True)
class LearningCurve:
    """One training.

    Attributes:
        seed: Where all its chance came from.
        steps: Decisions learned from, growing.
        seconds: Time since the training began, at the same moments.
        shares: Points won of the last 1,000, 0..1, at the same moments.
    """

    seed: int
    steps: tuple[int, ...]
    seconds: tuple[float, ...]
    shares: tuple[float, ...]

    def steps_to(self, share: float) -> int | None:
        """Decisions until a whole window of points first had this share; None if none did.

        A window of 1,000 points is known to ±3 %, and the first touch is a lucky one.
        """
        return next((step for step, each in zip(self.steps, self.shares, strict=True) if each >= share), None)


@dataclass(frozen=True)
class LearningFigures:
    """Several trainings of one recipe.

    Attributes:
        recipe: Name and settings.
        bare: Decisions a second of the bare emulator with the same games, measured before each training.
        curves: One a seed.
    """

    recipe: dict[str, Any]
    bare: tuple[float, ...]
    curves: tuple[LearningCurve, ...]

    def rows(self) -> list[tuple[str, list[str]]]:
        """The table: a name, and one cell a seed."""
        rows = []
        for goal in _GOALS:
            found = [curve.steps_to(goal) for curve in self.curves]
            rows.append((f"decisions until {goal:.0%} of 1,000 points", [_count(steps) for steps in found]))
            minutes = [
                None if steps is None else steps / bare / 60
                for steps, bare in zip(found, self.bare, strict=True)
            ]
            rows.append(
                (
                    "  in minutes of the bare emulator",
                    ["–" if each is None else f"{each:.1f}" for each in minutes],
                )
            )
        last = [f"{curve.shares[-1]:.1%}" if curve.shares else "–" for curve in self.curves]
        rows.append(("points won at the end", last))
        rows.append(
            ("decisions", [_count(curve.steps[-1] if curve.steps else None) for curve in self.curves])
        )
        speeds = [curve.steps[-1] / curve.seconds[-1] if curve.steps else None for curve in self.curves]
        rows.append(("decisions a second", [_count(speed) for speed in speeds]))
        rows.append(("  of the bare emulator", [_count(speed) for speed in self.bare]))
        return rows

    def to_json(self) -> dict[str, Any]:
        """Everything as JSON types."""
        return asdict(self)


def measure_learning(
    recipe: Recipe,
    *,
    minutes: float,
    seeds: Sequence[int],
    on_progress: Callable[[str, float], None],
) -> LearningFigures:
    """Trains once a seed, one after the other.

    Args:
        recipe: How.
        minutes: Length of each training.
        seeds: One a training.
        on_progress: Told what is going on, and the share of it that is done.
    """
    bare, curves = [], []
    for seed in seeds:
        on_progress(f"seed {seed}: the bare emulator", 0.0)
        bare.append(_bare_rate(recipe, seed))
        curves.append(_train(recipe, seed, 60 * minutes, on_progress))
    return LearningFigures(to_json(recipe), tuple(bare), tuple(curves))


def plot_learning(figures: LearningFigures, path: Path) -> None:
    """Draws all curves, over decisions and over minutes; needs matplotlib.

    Raises:
        PongArenaError: When the file cannot be written.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(10, 4.2), layout="constrained")
    by_steps, by_time = figure.subplots(1, 2, sharey=True)
    for curve in figures.curves:
        shares = np.array(curve.shares) * 100
        by_steps.plot(np.array(curve.steps) / 1e6, shares, label=f"seed {curve.seed}")
        by_time.plot(np.array(curve.seconds) / 60, shares, label=f"seed {curve.seed}")
    for axes, label in ((by_steps, "million decisions"), (by_time, "minutes on this machine")):
        axes.axhline(50, color="grey", linewidth=1, linestyle=":")
        axes.set_xlabel(label)
        axes.grid(alpha=0.25)
    by_steps.set_ylabel("points won of the last 1,000, %")
    by_steps.set_ylim(0, None)
    by_steps.legend()
    figure.suptitle(f"{figures.recipe['name']} recipe")
    try:
        figure.savefig(path, dpi=120)
    except (OSError, ValueError) as error:
        raise PongArenaError(
            f"cannot write {path} ({error}); choose a .png file in a folder that exists"
        ) from error


def require_plotting(path: Path) -> None:
    """Looks whether `plot_learning` can work, before the long measurement.

    Raises:
        PongArenaError: When matplotlib is not installed, or the picture's folder is not there.
    """
    if find_spec("matplotlib") is None:
        raise PongArenaError(
            "expected matplotlib for the picture, and it is not installed; install it with "
            "`pipx inject pongarena matplotlib`, or leave --png away"
        )
    if not path.absolute().parent.is_dir():
        raise PongArenaError(f"expected a folder that exists for {path}; make it, or choose another")


def _bare_rate(recipe: Recipe, seed: int) -> float:
    games = BareGames(recipe.games, frame_skip=recipe.frame_skip, sticky=recipe.sticky, seed=seed)
    try:
        games.run(20)
        steps, spent = 0, 0.0
        while spent < _BARE_SECONDS:
            spent += games.run(50)
            steps += 50 * recipe.games
        return steps / spent
    finally:
        games.close()


def _train(
    recipe: Recipe, seed: int, seconds: float, on_progress: Callable[[str, float], None]
) -> LearningCurve:
    trainer = new_trainer(recipe, seed=seed)
    rows, times = [], []
    started = perf_counter()
    try:
        for event in trainer.events():
            spent = perf_counter() - started
            if isinstance(event, Updated):
                rows.append((event.steps, event.won, event.lost))
                times.append(spent)
                on_progress(f"seed {seed}: {event.steps:,} decisions", min(1.0, spent / seconds))
            if spent >= seconds:
                break
    finally:
        trainer.close()
    points = Points(*(np.array(column, np.int64) for column in zip(*rows, strict=True))) if rows else None
    if points is None:
        return LearningCurve(seed, (), (), ())
    steps, shares = share_curve(points, fewest=WINDOW_POINTS)
    at = np.interp(steps, points.steps, times)
    return LearningCurve(
        seed,
        tuple(int(step) for step in steps),
        tuple(round(float(second), 2) for second in at),
        tuple(round(float(share), 4) for share in shares),
    )


def _count(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"
